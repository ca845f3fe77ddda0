/**
 * For tests: the kernel's limits for inotify, which root may lower for a moment.
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";

type Limit = "max_queued_events" | "max_user_instances" | "max_user_watches";

function place(limit: Limit): string {
  return `/proc/sys/fs/inotify/${limit}`;
}

/** Whether limits can be changed here. */
export function canLowerLimits(): boolean {
  try {
    const known = readFileSync(place("max_queued_events"), "latin1");
    writeFileSync(place("max_queued_events"), known);
    return true;
  } catch {
    return false;
  }
}

/** Sets a limit while `action` runs. */
export async function withLimit(
  limit: Limit,
  value: number,
  action: () => Promise<void>,
): Promise<void> {
  const known = readFileSync(place(limit), "latin1");
  writeFileSync(place(limit), String(value));
  try {
    await action();
  } finally {
    writeFileSync(place(limit), known);
  }
}
