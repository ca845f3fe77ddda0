/**
 * The mirror's events as log lines: one line per push, not per change (spec 6, 8.4).
 * @module
 */
import { type ByteString, encodeByteString } from "@tsrsync/protocol/wire";
import type { RootSettings, TargetSettings, WatchSettings } from "../config/settings.js";
import { listenAll } from "../events/listen.js";
import type {
  BatchEvent,
  FailedEvent,
  FullSyncEvent,
  MirrorEventSource,
  PushedEvent,
  VerifiedEvent,
} from "../events/mirror-events.js";
import { formatCommand } from "../fail-log/command.js";
import type { PushPlan } from "../target/types.js";
import { displayPath } from "./display-path.js";
import type { LogFields, Logger } from "./logger.js";

const PARTIAL_STATUS = 23 * 256;
/** Paths of one push that are told of one by one. */
const MAX_PATHS = 20;

const countPaths = (plan: PushPlan): number =>
  plan.items.length + plan.deletes.length + plan.trees.length;

const planFields = ({ root, target, sequence, plan }: BatchEvent): LogFields => ({
  root,
  target,
  seq: sequence,
  paths: countPaths(plan),
  up: plan.items.length + plan.trees.length - plan.links.length,
  del: plan.deletes.length,
  ren: plan.links.length,
});

function logProblems(logger: Logger, event: PushedEvent): void {
  const { root, target, outcome } = event;
  let left = MAX_PATHS;
  for (const [path, reason] of outcome.failed) {
    if (left-- === 0) {
      const more = outcome.failed.size - MAX_PATHS;
      logger.warn("path failed", { root, target, more });
      break;
    }
    const fields = { root, target, path: displayPath(path), errno: PARTIAL_STATUS, class: "path" };
    logger.warn("path failed", { ...fields, reason });
  }
  for (const problem of outcome.problems) logger.warn("target says", { root, target, problem });
}

function logPushed(logger: Logger, event: PushedEvent): void {
  const { outcome, wallMs, delayMs } = event;
  const level = outcome.failed.size > 0 ? "warn" : "info";
  logger[level]("push", {
    ...planFields(event),
    bytes: outcome.bytes,
    sent: outcome.sentBytes,
    wall: Math.round(wallMs),
    delay: Math.round(delayMs),
    failed: outcome.failed.size > 0 ? outcome.failed.size : undefined,
    result: outcome.failed.size > 0 ? "partial" : "ok",
  });
  logProblems(logger, event);
}

function logFailed(logger: Logger, event: FailedEvent): void {
  logger.warn("push", {
    ...planFields(event),
    errno: event.exitCode * 256,
    class: event.failure,
    reason: event.message,
    attempt: event.attempt,
    retry: Math.round(event.retryInMs),
    result: "failed",
  });
}

function logFullSync(logger: Logger, { root, target, phase, reason, wallMs }: FullSyncEvent): void {
  const level = phase === "failed" ? "error" : "info";
  const wall = phase === "started" ? undefined : Math.round(wallMs);
  logger[level]("full sync", { root, target, reason: reason || undefined, wall, result: phase });
}

function logVerified(logger: Logger, event: VerifiedEvent): void {
  const { root, target, entries, differences, repaired } = event;
  const level = differences > 0 ? "warn" : "info";
  logger[level]("verify", { root, target, entries, differences, repaired });
  for (const path of event.paths.slice(0, MAX_PATHS)) {
    logger.warn("path differs", { root, target, path: displayPath(path) });
  }
}

/** As sersync's debug shows the commands it runs: what a person would type for the same push. */
function logCommand(logger: Logger, owners: Owners, event: BatchEvent): void {
  if (!logger.isEnabled("debug")) return;
  const owner = owners.get(`${event.root}\n${event.target}`);
  if (owner === undefined) return;
  const { items, deletes, trees } = event.plan;
  const paths: ByteString[] = [...items, ...deletes, ...trees].slice(0, MAX_PATHS);
  const more = countPaths(event.plan) - paths.length;
  const bytes = encodeByteString(formatCommand(owner.root, owner.target, paths));
  const command = new TextDecoder().decode(bytes);
  logger.debug(`command ${command}`, { more: more > 0 ? more : undefined });
}

type Owners = ReadonlyMap<string, { root: RootSettings; target: TargetSettings }>;

const ownersOf = (settings: WatchSettings): Owners =>
  new Map(
    settings.roots.flatMap((root) =>
      root.targets.map((target) => [`${root.name}\n${target.name}`, { root, target }] as const),
    ),
  );

/** Writes what happens into the log. Returns what ends that. */
export function logMirror(
  settings: WatchSettings,
  events: MirrorEventSource,
  logger: Logger,
): () => void {
  const owners = ownersOf(settings);
  return listenAll(events, {
    batch: (event) => logCommand(logger, owners, event),
    pushed: (event) => logPushed(logger, event),
    failed: (event) => logFailed(logger, event),
    fullSync: (event) => logFullSync(logger, event),
    verified: (event) => logVerified(logger, event),
    state: ({ root, target, previous, state, reason }) => {
      const isNews = state !== "idle" && state !== "pushing";
      const level = isNews || (previous !== "idle" && previous !== "pushing") ? "info" : "trace";
      if (!logger.isEnabled(level)) return;
      logger[level]("target", { root, target, state, previous, reason: reason || undefined });
    },
    root: ({ root, state, reason }) =>
      logger.info("root", { root, state, reason: reason || undefined }),
    overflow: ({ root, count }) => logger.warn("queue of events overflowed", { root, count }),
    guard: ({ root, active, state, reason }) =>
      logger[active ? "error" : "info"](active ? "guard halts root" : "guard lets go", {
        root,
        state,
        reason: reason || undefined,
      }),
    held: ({ root, target, count, directories }) =>
      logger.warn(count > 0 ? "deletions held back" : "deletions no longer held back", {
        root,
        target,
        count,
        directories: directories.slice(0, 5).map(displayPath).join(", ") || undefined,
      }),
    // Its beginning is a warning in words.
    watchLimit: ({ root, polled }) => {
      if (polled === 0) logger.info("all directories are watched", { root });
    },
    warning: ({ root, target, text }) =>
      logger.warn(text, { root: root ?? undefined, target: target ?? undefined }),
    idle: ({ root, target, sequence }) => logger.trace("idle", { root, target, seq: sequence }),
  });
}
