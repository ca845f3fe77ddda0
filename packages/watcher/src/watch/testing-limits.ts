/**
 * For tests: the kernel's limits for inotify, which root may lower for a moment.
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { type InotifyHub, inotifyHub } from "../inotify/inotify-hub.js";

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

/** A hub that grants each watcher at most `limit.watches` watches, as the kernel would. */
export function limitedHub(limit: { watches: number }): Pick<InotifyHub, "open"> {
  return {
    open(subscriber) {
      const handle = inotifyHub()!.open(subscriber);
      const granted = new Set<number>();
      return {
        ...handle,
        add(path, mask) {
          const watch = handle.add(path, mask);
          if (watch < 0 || granted.has(watch)) return watch;
          if (granted.size < limit.watches) granted.add(watch);
          else handle.remove(watch);
          return granted.has(watch) ? watch : -constants.errno.ENOSPC;
        },
        remove(watch) {
          granted.delete(watch);
          handle.remove(watch);
        },
      };
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
