/**
 * For tests: the kernel's limits of inotify, which root may lower for a moment. They are the whole machine's: whatever else starts
 * a watcher in that moment must cope, as this project's does.
 * @module
 */
import {
  accessSync,
  constants,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { setTimeout as delay } from "node:timers/promises";

/** `max_queued_events` holds for watchers that start while it is lowered, `max_user_watches` for watches that are set. */
export type KernelLimit = "max_queued_events" | "max_user_watches";

/** Made by whoever has lowered a limit: who reads a lowered one would put that back. */
const LOCK = `${tmpdir()}/tsrsync-lowered-limit`;
/** No test holds it for so long: whoever made it did not live to take it away. */
const STALE_MS = 30_000;

const placeOf = (limit: KernelLimit): string => `/proc/sys/fs/inotify/${limit}`;

/** Whether limits can be changed here. */
export function canLowerLimits(): boolean {
  try {
    accessSync(placeOf("max_queued_events"), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Sets a limit while `body` runs, one test after the other. */
export async function withLimit(
  limit: KernelLimit,
  value: number,
  body: () => Promise<void>,
): Promise<void> {
  await lock();
  try {
    const before = readFileSync(placeOf(limit), "latin1");
    writeFileSync(placeOf(limit), String(value));
    try {
      await body();
    } finally {
      writeFileSync(placeOf(limit), before);
    }
  } finally {
    rmSync(LOCK, { recursive: true, force: true });
  }
}

async function lock(): Promise<void> {
  for (;;) {
    try {
      mkdirSync(LOCK);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const made = statSync(LOCK, { throwIfNoEntry: false });
    if (made !== undefined && Date.now() - made.mtimeMs > STALE_MS) {
      rmSync(LOCK, { recursive: true, force: true });
    } else await delay(5);
  }
}
