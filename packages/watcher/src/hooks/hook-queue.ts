/**
 * Paths that wait for a hook, each once per target, in bounded memory.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";

/** What is taken out together: paths of one target. */
export interface QueuedPaths {
  target: string;
  /** Number of the latest push that brought one of them. */
  batch: number;
  paths: ByteString[];
}

/** First in, first out; a path that waits already is not put in again. */
export interface HookQueue {
  readonly size: number;
  /** Returns how many found no room. */
  add(target: string, batch: number, paths: Iterable<ByteString>): number;
  /** Up to `max` paths of the target that has waited longest. */
  take(max: number): QueuedPaths | null;
  clear(): void;
}

interface TargetQueue {
  batch: number;
  paths: Set<ByteString>;
}

/** Creates an empty queue for at most `capacity` paths. */
export function createHookQueue(capacity: number): HookQueue {
  // A Map keeps the order of insertion: the first target is the one that was put in, or put back, first.
  const targets = new Map<string, TargetQueue>();
  let size = 0;

  return {
    get size() {
      return size;
    },
    add(target, batch, paths) {
      let queue = targets.get(target);
      let left = 0;
      for (const path of paths) {
        if (queue === undefined) targets.set(target, (queue = { batch, paths: new Set() }));
        queue.batch = batch;
        if (queue.paths.has(path)) continue;
        if (size >= capacity) {
          left++;
          continue;
        }
        queue.paths.add(path);
        size++;
      }
      return left;
    },
    take(max) {
      for (const [target, queue] of targets) {
        targets.delete(target);
        const paths: ByteString[] = [];
        for (const path of queue.paths) {
          if (paths.length >= max) break;
          paths.push(path);
          queue.paths.delete(path);
        }
        size -= paths.length;
        if (queue.paths.size > 0) targets.set(target, queue);
        if (paths.length > 0) return { target, batch: queue.batch, paths };
      }
      return null;
    },
    clear() {
      targets.clear();
      size = 0;
    },
  };
}
