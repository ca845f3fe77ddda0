/**
 * The mirror's metrics in the text form of Prometheus.
 * @module
 */
import { Registry } from "prom-client";
import type { MirrorEventSource } from "../events/mirror-events.js";
import { countEvents } from "./event-metrics.js";
import { addProcessMetrics } from "./process-metrics.js";
import { addStatusMetrics, type MetricSources } from "./status-metrics.js";

/** Metrics that are counted. */
export interface Metrics {
  readonly contentType: string;
  /** All of them as text. */
  text(): Promise<string>;
  close(): void;
}

/** Starts to count. */
export function createMetrics(events: MirrorEventSource, sources: MetricSources): Metrics {
  const registry = new Registry();
  const counts = countEvents(registry, events);
  // A scrape reads the status for each metric: made once, it serves all of them.
  let status: ReturnType<MetricSources["status"]> | null = null;
  addStatusMetrics(registry, {
    status: () => (status ??= sources.status()),
    hooks: sources.hooks,
  });
  addProcessMetrics(registry);
  return {
    contentType: registry.contentType,
    text() {
      status = null;
      counts.enter();
      return registry.metrics();
    },
    close: () => counts.stop(),
  };
}
