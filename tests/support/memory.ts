/**
 * How much memory programs under test have taken.
 */
import { readFileSync } from "node:fs";

/** The most memory that a process and each of its children ever had, in megabytes. */
export function peakMegabytes(pid: number): number[] {
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  const peak = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").split(" ");
  return [peak, ...children.filter(Boolean).flatMap((child) => peakMegabytes(Number(child)))];
}
