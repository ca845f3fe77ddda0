/**
 * What a process and its children cost, read from /proc.
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";

/** Clock ticks per second in /proc, on every Linux that Node runs on. */
const TICKS = 100;

/** CPU seconds of a process: its own, and those of children that it has waited for. */
export interface CpuSeconds {
  own: number;
  children: number;
}

function statFields(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, "latin1");
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}

export function cpuSeconds(pid: number): CpuSeconds {
  const fields = statFields(pid);
  const ticks = (index: number) => Number(fields[index]) / TICKS;
  return { own: ticks(11) + ticks(12), children: ticks(13) + ticks(14) };
}

/** Children of a process that run now. */
export function childCount(pid: number): number {
  let count = 0;
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      if (Number(statFields(Number(name))[1]) === pid) count++;
    } catch {
      // it has ended
    }
  }
  return count;
}

/** Resident set in megabytes: now, and at its peak. */
export function residentMegabytes(pid: number): { now: number; peak: number } {
  const text = readFileSync(`/proc/${pid}/status`, "latin1");
  const kilobytes = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(text)?.[1] ?? 0);
  return { now: kilobytes("VmRSS") / 1024, peak: kilobytes("VmHWM") / 1024 };
}
