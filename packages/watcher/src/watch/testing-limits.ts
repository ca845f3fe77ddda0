/**
 * For tests: the kernel's limits for inotify, which root may lower for a moment.
 * @module
 */
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { IN_Q_OVERFLOW } from "../inotify/flags.js";
import {
  type InotifyHandle,
  type InotifySource,
  type InotifySubscriber,
  inotifyHub,
} from "../inotify/inotify-hub.js";

type Limit = "max_queued_events";

/** Made by whoever has lowered a limit. */
const LOCK = `${tmpdir()}/tsrsync-lowered-limit`;
const LOCK_MS = 20_000;
const STALE_MS = 30_000;

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

/** A source of instances that grants so many watches and instances in all, as the kernel would. */
export function limitedHub(limit: { watches: number; instances?: number }): InotifySource {
  const grants = new Set<Set<number>>();
  const limited = (handle: InotifyHandle): InotifyHandle => {
    const granted = new Set<number>();
    grants.add(granted);
    return {
      ...handle,
      add(path, mask) {
        const watch = handle.add(path, mask);
        if (watch < 0 || granted.has(watch)) return watch;
        let count = 0;
        for (const one of grants) count += one.size;
        if (count < limit.watches) granted.add(watch);
        else handle.remove(watch);
        return granted.has(watch) ? watch : -constants.errno.ENOSPC;
      },
      remove(watch) {
        granted.delete(watch);
        handle.remove(watch);
      },
      close() {
        grants.delete(granted);
        return handle.close();
      },
    };
  };
  return {
    open: (subscriber) => limited(inotifyHub()!.open(subscriber)),
    openOwn(subscriber) {
      if (grants.size >= (limit.instances ?? Number.POSITIVE_INFINITY)) return null;
      const handle = inotifyHub()!.openOwn(subscriber);
      return handle === null ? null : limited(handle);
    },
  };
}

/** A source of instances which loses events, as the kernel does that has no room for them, of the shards that it is told. */
export class LossySource implements InotifySource {
  /** The shards, as they were opened, whose events are lost. */
  readonly losing: Set<number> = new Set();
  #opened = 0;

  open(subscriber: InotifySubscriber): InotifyHandle {
    return inotifyHub()!.open(this.#lossy(subscriber));
  }

  openOwn(subscriber: InotifySubscriber): InotifyHandle | null {
    return inotifyHub()!.openOwn(this.#lossy(subscriber));
  }

  #lossy(subscriber: InotifySubscriber): InotifySubscriber {
    const shard = this.#opened++;
    return {
      ...subscriber,
      batch: (batch) =>
        subscriber.batch(this.losing.has(shard) ? { ...batch, bytes: overflow() } : batch),
    };
  }
}

function overflow(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, -1, true);
  view.setUint32(4, IN_Q_OVERFLOW, true);
  return bytes;
}

/** Sets a limit while `action` runs. It is the whole machine's, so one after the other. */
export async function withLimit(
  limit: Limit,
  value: number,
  action: () => Promise<void>,
): Promise<void> {
  await lock();
  const known = readFileSync(place(limit), "latin1");
  writeFileSync(place(limit), String(value));
  try {
    await action();
  } finally {
    writeFileSync(place(limit), known);
    rmSync(LOCK, { recursive: true, force: true });
  }
}

async function lock(): Promise<void> {
  const deadline = performance.now() + LOCK_MS;
  for (;;) {
    try {
      mkdirSync(LOCK);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      // Whoever made it did not live to take it away.
      const made = statSync(LOCK, { throwIfNoEntry: false });
      if (made !== undefined && Date.now() - made.mtimeMs > STALE_MS)
        rmSync(LOCK, { recursive: true, force: true });
    }
    if (performance.now() > deadline) throw new Error(`${LOCK} stays`);
    await delay(5);
  }
}
