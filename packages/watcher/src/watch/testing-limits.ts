/**
 * For tests: the kernel's limits for inotify, which root may lower for a moment.
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { type InotifyHandle, type InotifySource, inotifyHub } from "../inotify/inotify-hub.js";

type Limit = "max_queued_events";

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
