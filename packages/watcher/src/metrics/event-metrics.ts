/**
 * Metrics that count what happens (spec 6, 8.3).
 * @module
 */
import { Counter, Histogram, type Registry } from "prom-client";
import { listenAll } from "../events/listen.js";
import type { MirrorEventSource, PushedEvent } from "../events/mirror-events.js";

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

/** What the pushes of one target count into: finding it by its labels costs more than the counting. */
function pushCounters(metrics: Metrics, root: string, target: string) {
  const labels = { root, target };
  return {
    ok: metrics.pushes.labels({ ...labels, result: "ok" }),
    partial: metrics.pushes.labels({ ...labels, result: "partial" }),
    pushSeconds: metrics.pushSeconds.labels(labels),
    delaySeconds: metrics.delaySeconds.labels(labels),
    upserts: metrics.files.labels({ ...labels, kind: "upsert" }),
    deletes: metrics.files.labels({ ...labels, kind: "delete" }),
    renames: metrics.files.labels({ ...labels, kind: "rename" }),
    sent: metrics.sent.labels(labels),
    matched: metrics.matched.labels(labels),
  };
}

type PushCounters = ReturnType<typeof pushCounters>;

function countPush(counters: PushCounters, event: PushedEvent): void {
  const { plan, outcome } = event;
  (outcome.failed.size > 0 ? counters.partial : counters.ok).inc();
  counters.pushSeconds.observe(event.wallMs / 1000);
  for (const delay of event.delaysMs) counters.delaySeconds.observe(delay / 1000);
  const renames = plan.links.length;
  const upserts = plan.items.length + plan.trees.length - renames;
  counters.upserts.inc(Math.max(0, upserts));
  counters.deletes.inc(plan.deletes.length);
  counters.renames.inc(renames);
  counters.sent.inc(outcome.sentBytes);
  counters.matched.inc(outcome.matchedBytes);
}

/** Counts the mirror's events into the registry. Returns what ends that. */
export function countEvents(registry: Registry, events: MirrorEventSource): () => void {
  const metrics = createMetrics(registry);
  const counters = new Map<string, PushCounters>();
  const countersOf = ({ root, target }: PushedEvent): PushCounters => {
    const key = JSON.stringify([root, target]);
    const known = counters.get(key);
    if (known !== undefined) return known;
    const made = pushCounters(metrics, root, target);
    counters.set(key, made);
    return made;
  };
  return listenAll(events, {
    change: ({ root, marks }) => metrics.marks.inc({ root }, marks.length),
    overflow: ({ root }) => metrics.overflows.inc({ root }),
    pushed: (event) => countPush(countersOf(event), event),
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
}
