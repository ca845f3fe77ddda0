/**
 * Metrics that are read from the status when somebody asks: nothing is kept up to date in between.
 * @module
 */
import { readFile } from "node:fs/promises";
import { Counter, Gauge, type Registry } from "prom-client";
import type { MirrorStatus, RootStatus, TargetState, TargetStatus } from "../control/types.js";
import type { HookFigures } from "../hooks/hook-runner.js";
import type { RootState } from "../watch/root-watcher.js";
import { PREFIX } from "./event-metrics.js";

const ROOT_STATES: readonly RootState[] = [
  "scanning",
  "live",
  "root-gone",
  "unmounted",
  "guarded",
  "closed",
];
const TARGET_STATES: readonly TargetState[] = [
  "idle",
  "pushing",
  "backing-off",
  "refused",
  "full",
  "held",
];
const WATCH_LIMIT = "/proc/sys/fs/inotify/max_user_watches";

/** What is read. */
export interface MetricSources {
  status: () => MirrorStatus;
  hooks: () => readonly HookFigures[];
}

type Figure<T> = readonly [name: string, help: string, read: (from: T) => number];

const ROOT_FIGURES: readonly Figure<RootStatus>[] = [
  ["watches", "Directories watched", ({ watches }) => watches],
  ["shards", "Inotify instances that watch them", ({ shards }) => shards],
  ["polled_dirs", "Directories without a watch, looked at in intervals", ({ polled }) => polled],
  ["entries", "Entries that the last walk saw", ({ entries }) => entries],
  ["scan_seconds", "How long the last walk took", ({ scanSeconds }) => scanSeconds],
  ["open_files", "Files known to be open for writing", ({ openFiles }) => openFiles],
];
const TARGET_FIGURES: readonly Figure<TargetStatus>[] = [
  ["dirty_paths", "Paths that the target may not have as they are", ({ dirty }) => dirty],
  ["lag_seconds", "Age of the oldest of them", ({ lagSeconds }) => lagSeconds],
  [
    "failed_paths",
    "Paths that did not arrive although the target works",
    ({ parkedCount }) => parkedCount,
  ],
  ["held_deletes", "Deletions held back", ({ heldDeletes }) => heldDeletes],
  ["backoff_seconds", "Time until the next attempt", ({ retryInMs }) => retryInMs / 1000],
  [
    "last_success_timestamp",
    "When a push last ended in order, seconds since 1970; 0 for never",
    ({ lastSuccess }) => (lastSuccess === null ? 0 : Date.parse(lastSuccess) / 1000),
  ],
];

type Sample = [labels: Record<string, string>, value: number];

/** A gauge whose samples are made when it is asked for. */
function gauge(
  registry: Registry,
  name: string,
  help: string,
  samples: () => Sample[] | Promise<Sample[]>,
): void {
  const labelNames = ["root", "target", "state", "hook"];
  new Gauge({
    name: PREFIX + name,
    help,
    labelNames,
    registers: [registry],
    async collect() {
      this.reset();
      for (const [labels, value] of await samples()) this.set(labels, value);
    },
  });
}

/** A counter that another part of the mirror counts. */
function counter(
  registry: Registry,
  name: string,
  help: string,
  labelNames: string[],
  samples: () => Sample[],
): void {
  new Counter({
    name: PREFIX + name,
    help,
    labelNames,
    registers: [registry],
    collect() {
      this.reset();
      for (const [labels, value] of samples()) this.inc(labels, value);
    },
  });
}

function addRoots(registry: Registry, status: () => MirrorStatus): void {
  for (const [name, help, read] of ROOT_FIGURES) {
    gauge(registry, name, help, () =>
      status().roots.map((root): Sample => [{ root: root.name }, read(root)]),
    );
  }
  gauge(registry, "root_state", "1 for the state that the root is in", () =>
    status().roots.flatMap(({ name, state }) =>
      ROOT_STATES.map((each): Sample => [{ root: name, state: each }, each === state ? 1 : 0]),
    ),
  );
  counter(registry, "events_total", "Events that the kernel told", ["root", "kind"], () =>
    status().roots.map(({ name, events }): Sample => [{ root: name, kind: "kernel" }, events]),
  );
}

function addTargets(registry: Registry, status: () => MirrorStatus): void {
  const each = (
    read: (target: TargetStatus, labels: Record<string, string>) => Sample[],
  ): Sample[] =>
    status().roots.flatMap((root) =>
      root.targets.flatMap((target) => read(target, { root: root.name, target: target.name })),
    );
  for (const [name, help, read] of TARGET_FIGURES) {
    gauge(registry, name, help, () => each((target, labels) => [[labels, read(target)]]));
  }
  gauge(registry, "target_state", "1 for the state that the target is in", () =>
    each(({ state }, labels) =>
      TARGET_STATES.map((one): Sample => [{ ...labels, state: one }, one === state ? 1 : 0]),
    ),
  );
}

function addHooks(registry: Registry, hooks: () => readonly HookFigures[]): void {
  gauge(registry, "hook_queue", "Paths that wait for the hook", () =>
    hooks().map(({ root, hook, queued }): Sample => [{ root, hook }, queued]),
  );
  counter(registry, "hook_runs_total", "Runs by result", ["root", "hook", "result"], () =>
    hooks().flatMap(({ root, hook, succeeded, failed }): Sample[] => [
      [{ root, hook, result: "ok" }, succeeded],
      [{ root, hook, result: "failed" }, failed],
    ]),
  );
}

/** 0 where the kernel does not tell. */
async function readWatchLimit(): Promise<number> {
  try {
    return Number.parseInt(await readFile(WATCH_LIMIT, "utf8"), 10) || 0;
  } catch {
    return 0; // not Linux, or /proc is not mounted
  }
}

/** Adds all metrics that the status has. */
export function addStatusMetrics(registry: Registry, { status, hooks }: MetricSources): void {
  addRoots(registry, status);
  addTargets(registry, status);
  addHooks(registry, hooks);
  gauge(registry, "watch_limit", "fs.inotify.max_user_watches", async () => [
    [{}, await readWatchLimit()],
  ]);
  gauge(registry, "journal_bytes", "Size of the journal on disk", () => [
    [{}, status().journalBytes],
  ]);
}
