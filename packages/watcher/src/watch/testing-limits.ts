/**
 * For tests: sources of inotify instances that grant less than the kernel does, or lose events.
 * @module
 */
import { constants } from "node:os";
import { IN_Q_OVERFLOW } from "../inotify/flags.js";
import {
  type InotifyHandle,
  type InotifySource,
  type InotifySubscriber,
  inotifyHub,
} from "../inotify/inotify-hub.js";

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
