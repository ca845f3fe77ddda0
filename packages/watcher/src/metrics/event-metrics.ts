/**
 * Metrics that count what happens (spec 6, 8.3).
 * @module
 */
import { Counter, Histogram, type Registry } from "prom-client";
import { listenAll } from "../events/listen.js";
import type { MirrorEventSource, TargetScope } from "../events/mirror-events.js";
import { type Enter, type PushMetrics, PushTally } from "./push-tally.js";

/** The word that all names begin with. */
export const PREFIX = "tsrsync_watch_";

const TARGET = ["root", "target"] as const;
/** Seconds. The first are the goals of an idle mirror, the last those of an outage. */
const DELAY_BUCKETS = [0.003, 0.01, 0.03, 0.06, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1800];

function createMetrics(registry: Registry) {
  const registers = [registry];
  const counter = <Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
  ) => new Counter({ name: PREFIX + name, help, labelNames, registers });
  const histogram = (name: string, help: string) =>
    new Histogram({
      name: PREFIX + name,
      help,
      labelNames: TARGET,
      buckets: DELAY_BUCKETS,
      registers,
    });
  return {
    marks: counter("marks_total", "Paths that were marked as changed", ["root"]),
    overflows: counter("overflows_total", "Times that the kernel dropped events", ["root"]),
    pushes: counter("pushes_total", "Pushes by result", [...TARGET, "result"]),
    pushSeconds: histogram("push_seconds", "How long pushes take"),
    delaySeconds: histogram("delay_seconds", "From a change to its confirmation by the target"),
    files: counter("files_total", "Paths brought, by kind", [...TARGET, "kind"]),
    sent: counter("bytes_sent_total", "File data sent over the wire", TARGET),
    matched: counter("bytes_matched_total", "File data that the target had already", TARGET),
    retries: counter("retries_total", "Attempts after a failure", TARGET),
    differences: counter(
      "verify_differences_total",
      "Paths that a comparison found different",
      TARGET,
    ),
    fullSyncs: counter("full_syncs_total", "Full syncs by result", [...TARGET, "result"]),
  };
}

type Metrics = ReturnType<typeof createMetrics>;

/** Where the pushes of one target are counted. */
function pushMetrics(metrics: Metrics, { root, target }: TargetScope): PushMetrics {
  const labels = { root, target };
  const ofResult = (result: string): Enter => metrics.pushes.labels({ ...labels, result }).inc;
  const ofKind = (kind: string): Enter => metrics.files.labels({ ...labels, kind }).inc;
  return {
    ok: ofResult("ok"),
    partial: ofResult("partial"),
    pushSeconds: metrics.pushSeconds.labels(labels).observe,
    delaySeconds: metrics.delaySeconds.labels(labels).observe,
    upserts: ofKind("upsert"),
    deletes: ofKind("delete"),
    renames: ofKind("rename"),
    sent: metrics.sent.labels(labels).inc,
    matched: metrics.matched.labels(labels).inc,
  };
}

/** The mirror's events, counted. */
export interface EventCounts {
  /** Enters into the registry what was counted since. */
  enter(): void;
  stop(): void;
}

/** Counts the mirror's events, for the registry. */
export function countEvents(registry: Registry, events: MirrorEventSource): EventCounts {
  const metrics = createMetrics(registry);
  const pushes = new Map<string, PushTally>();
  const marks = new Map<string, number>();
  const tallyOf = (scope: TargetScope): PushTally => {
    const key = `${scope.root}\n${scope.target}`;
    const known = pushes.get(key);
    if (known !== undefined) return known;
    const made = new PushTally(pushMetrics(metrics, scope));
    pushes.set(key, made);
    return made;
  };
  const stop = listenAll(events, {
    change: (event) => marks.set(event.root, (marks.get(event.root) ?? 0) + event.marks.length),
    overflow: ({ root }) => metrics.overflows.inc({ root }),
    pushed: (event) => tallyOf(event).add(event),
    failed: ({ root, target, attempt }) => {
      metrics.pushes.inc({ root, target, result: "failed" });
      if (attempt > 1) metrics.retries.inc({ root, target });
    },
    verified: ({ root, target, differences }) =>
      metrics.differences.inc({ root, target }, differences),
    fullSync: ({ root, target, phase }) => {
      if (phase !== "started") metrics.fullSyncs.inc({ root, target, result: phase });
    },
  });
  const enter = (): void => {
    for (const tally of pushes.values()) tally.enter();
    for (const [root, count] of marks) metrics.marks.inc({ root }, count);
    marks.clear();
  };
  return { enter, stop };
}
