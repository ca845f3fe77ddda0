/**
 * The kernel's limits of inotify, lowered for a moment. They are the whole machine's: whatever else starts a watcher in that moment
 * must cope, as this project's does.
 */
import { readFileSync, writeFileSync } from "node:fs";

/** `max_queued_events` holds for watchers that start while it is lowered, `max_user_watches` for watches that are set. */
export type KernelLimit = "max_queued_events" | "max_user_watches";

const placeOf = (limit: KernelLimit): string => `/proc/sys/fs/inotify/${limit}`;

/** Runs `body` with a limit. Where it cannot be changed, `body` runs all the same: what it tests holds then, too. */
export async function withKernelLimit(
  limit: KernelLimit,
  value: number,
  body: () => Promise<void>,
): Promise<void> {
  const before = readFileSync(placeOf(limit), "utf8");
  try {
    writeFileSync(placeOf(limit), `${value}\n`);
  } catch {
    return body();
  }
  try {
    await body();
  } finally {
    writeFileSync(placeOf(limit), before);
  }
}
