/**
 * The kernel's limits of inotify, lowered for a moment. They are the whole machine's: whatever else starts a watcher in that moment
 * must cope, as this project's does.
 */
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { setTimeout as delay } from "node:timers/promises";

/** `max_queued_events` holds for watchers that start while it is lowered, `max_user_watches` for watches that are set. */
export type KernelLimit = "max_queued_events" | "max_user_watches";

/** Made by whoever has lowered a limit: who reads a lowered one would put that back. The watcher's own tests make it, too. */
const LOCK = `${tmpdir()}/tsrsync-lowered-limit`;
const STALE_MS = 30_000;

const placeOf = (limit: KernelLimit): string => `/proc/sys/fs/inotify/${limit}`;

/** Runs `body` with a limit. Where it cannot be changed, `body` runs all the same: what it tests holds then, too. */
export async function withKernelLimit(
  limit: KernelLimit,
  value: number,
  body: () => Promise<void>,
): Promise<void> {
  await lock();
  try {
    const before = readFileSync(placeOf(limit), "utf8");
    try {
      writeFileSync(placeOf(limit), `${value}\n`);
    } catch {
      return await body();
    }
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
    } else await delay(20);
  }
}
