/**
 * Running one command to its end and measuring it from outside: wall time, and the peak of its resident memory.
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

export interface Measurement {
  seconds: number;
  peakMegabytes: number;
}

const POLL_MS = 10;

function peakKilobytes(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  } catch {
    return 0; // it has ended already
  }
}

/** Runs a command; anything but exit code 0 fails the benchmark. */
export function measure(command: string, args: readonly string[]): Promise<Measurement> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(command, args, { stdio: ["ignore", "ignore", "inherit"] });
    let peak = 0;
    const poll = setInterval(() => {
      peak = Math.max(peak, peakKilobytes(child.pid ?? 0));
    }, POLL_MS);
    child.once("error", reject);
    child.once("exit", (code) => {
      const seconds = (performance.now() - started) / 1000;
      clearInterval(poll);
      if (code === 0) resolve({ seconds, peakMegabytes: peak / 1024 });
      else reject(new Error(`${command} ${args.join(" ")}: exit ${code}`));
    });
  });
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
