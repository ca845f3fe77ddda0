/**
 * All hooks of a configuration, fed by the mirror's events (spec 6, 1.4).
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { HookSettings, RootSettings, WatchSettings } from "../config/settings.js";
import { listenAll } from "../events/listen.js";
import type {
  ChangeEvent,
  MirrorEventSource,
  PushedEvent,
  TargetStateEvent,
} from "../events/mirror-events.js";
import { Reach } from "../state/mark.js";
import { createCdnHook } from "./cdn-hook.js";
import { createCommandHook } from "./command-hook.js";
import { createDuePaths, type DueFor, type DuePaths } from "./due-paths.js";
import { absolutePath, type HookRun } from "./hook-batch.js";
import type { HookContext } from "./hook-context.js";
import { type HookFigures, HookRunner } from "./hook-runner.js";
import { createHttpHook } from "./http-hook.js";
import { createPathMatch } from "./path-expression.js";
import { withoutParents } from "./plan-paths.js";
import { createSocketHook } from "./socket-hook.js";
import { splitBatch } from "./split-batch.js";

const CLOSE_GRACE_MS = 5000;

/** Hooks at work. */
export interface Hooks {
  /**
   * Runs the hooks that come before full syncs, one after another. Rejects when one failed: the full sync must not run
   * then, and is tried again later.
   */
  beforeFullSync(root: string, target: string, signal?: AbortSignal): Promise<void>;
  figures(): HookFigures[];
  /** Lets them finish what waits, for some seconds, then ends them. */
  close(graceMs?: number): Promise<void>;
}

/** One hook of one root. */
interface Hook {
  settings: HookSettings;
  root: RootSettings;
  due: DuePaths;
  matches: (path: ByteString) => boolean;
  runner: HookRunner;
}

function createRun(settings: HookSettings, context: HookContext): HookRun {
  switch (settings.kind) {
    case "command":
      return createCommandHook(settings, context.logger);
    case "socket":
      return createSocketHook(settings);
    case "http":
      return createHttpHook(settings);
    case "cdn":
      return createCdnHook(settings, context);
  }
}

function targetsOf(settings: HookSettings, root: RootSettings): string[] {
  const names = root.targets.map(({ name }) => name);
  return settings.targets.length === 0
    ? names
    : names.filter((name) => settings.targets.includes(name));
}

function createHook(
  settings: HookSettings,
  index: number,
  root: RootSettings,
  context: HookContext,
): Hook {
  const directory = root.path;
  const matchesPath = createPathMatch(settings.match);
  return {
    settings,
    root,
    due: createDuePaths(settings.when, targetsOf(settings, root)),
    matches: (path) => matchesPath(absolutePath(directory, path)),
    runner: new HookRunner({
      root: root.name,
      directory,
      hook: `${settings.kind} ${index + 1}`,
      settings,
      run: createRun(settings, context),
      split: (batch) => splitBatch(settings, batch),
      logger: context.logger,
    }),
  };
}

function enqueue(hook: Hook, batch: number, due: readonly DueFor[]): void {
  for (const { target, paths } of due) {
    hook.runner.add(target, batch, paths.filter(hook.matches));
  }
}

/** What a push brought, without what did not arrive. */
function arrivedPaths({ plan, outcome }: PushedEvent): ByteString[] {
  const { touched } = plan;
  const items =
    touched === undefined ? plan.items : plan.items.filter((path) => !touched.has(path));
  const paths = withoutParents([...items, ...plan.deletes, ...plan.trees]);
  return outcome.failed.size === 0 ? paths : paths.filter((path) => !outcome.failed.has(path));
}

const canBeHad = ({ state }: TargetStateEvent): boolean =>
  state === "idle" || state === "pushing" || state === "held";

type HooksByRoot = ReadonlyMap<string, readonly Hook[]>;

function createAll(settings: WatchSettings, context: HookContext): HooksByRoot {
  const hooks = new Map<string, Hook[]>();
  for (const root of settings.roots) {
    const own = root.hooks.map((each, index) => createHook(each, index, root, context));
    if (own.length > 0) hooks.set(root.name, own);
  }
  return hooks;
}

/** Feeds the hooks. Returns what ends that. */
function feed(hooks: HooksByRoot, events: MirrorEventSource): () => void {
  return listenAll(events, {
    pushed(event) {
      const own = hooks.get(event.root);
      if (own === undefined) return;
      const paths = arrivedPaths(event);
      for (const hook of own) enqueue(hook, event.batch, hook.due.arrived(event.target, paths));
    },
    change({ root, marks }: ChangeEvent) {
      const own = hooks.get(root);
      if (own === undefined || own.every((hook) => hook.root.targets.length > 0)) return;
      // A reconcile mark says that nobody knows what changed there: no change is told of a guess.
      const changes = marks.filter(
        ({ reach, touched }) => reach !== Reach.Reconcile && touched !== true,
      );
      const paths = withoutParents(changes.map(({ path }) => path));
      for (const hook of own) enqueue(hook, 0, hook.due.changed(paths));
    },
    state(event) {
      for (const hook of hooks.get(event.root) ?? []) {
        enqueue(hook, 0, hook.due.reachable(event.target, canBeHad(event)));
      }
    },
  });
}

async function runBefore(
  hooks: readonly Hook[],
  root: string,
  target: string,
  signal?: AbortSignal,
): Promise<void> {
  for (const { settings, runner, root: owner } of hooks) {
    const isFor = settings.targets.length === 0 || settings.targets.includes(target);
    if (settings.when !== "beforeFullSync" || !isFor) continue;
    await runner.runOnce({ root, directory: owner.path, target, batch: 0, paths: [] }, signal);
  }
}

/** Starts the hooks of all roots. */
export function createHooks(
  settings: WatchSettings,
  events: MirrorEventSource,
  context: HookContext,
): Hooks {
  const hooks = createAll(settings, context);
  const runners = [...hooks.values()].flat().map(({ runner }) => runner);
  const stop = feed(hooks, events);
  return {
    beforeFullSync: (root, target, signal) =>
      runBefore(hooks.get(root) ?? [], root, target, signal),
    figures: () => runners.map((runner) => runner.figures()),
    async close(graceMs = CLOSE_GRACE_MS) {
      stop();
      await Promise.all(runners.map((runner) => runner.close(graceMs)));
    },
  };
}
