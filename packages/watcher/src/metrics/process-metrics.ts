/**
 * Metrics of the process. Not prom-client's own set: that starts a timer which fires a hundred times a second.
 * @module
 */
import { Counter, Gauge, type Registry } from "prom-client";

/** The time that an event needs to be taken from the loop, measured once. */
async function loopDelay(): Promise<number> {
  const start = performance.now();
  await new Promise((resolve) => setImmediate(resolve));
  return (performance.now() - start) / 1000;
}

/** Adds processor time, memory and the event loop's delay, all read when somebody asks. */
export function addProcessMetrics(registry: Registry): void {
  const registers = [registry];
  new Counter({
    name: "process_cpu_seconds_total",
    help: "Processor time, user and system",
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
  new Gauge({
    name: "process_resident_memory_bytes",
    help: "Memory in use",
    registers,
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  new Gauge({
    name: "process_start_time_seconds",
    help: "Start of the process, seconds since 1970",
    registers,
    collect() {
      this.set(Math.floor(performance.timeOrigin / 1000));
    },
  });
  new Gauge({
    name: "nodejs_eventloop_lag_seconds",
    help: "How long an event waited for the loop just now",
    registers,
    async collect() {
      this.set(await loopDelay());
    },
  });
}
