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

interface TargetQueue {
  batch: number;
  paths: Set<ByteString>;
}

/** First in, first out; a path that waits already is not put in again. */
export class HookQueue {
  readonly #capacity: number;
  /** In the order of insertion: the first target is the one that was put in, or put back, first. */
  readonly #targets = new Map<string, TargetQueue>();
  #size = 0;

  /** @param capacity the most paths that it holds */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#size;
  }

  /** Returns how many found no room. */
  add(target: string, batch: number, paths: readonly ByteString[]): number {
    if (paths.length === 0) return 0;
    const queue = this.#targets.get(target) ?? { batch, paths: new Set() };
    this.#targets.set(target, queue);
    queue.batch = batch;
    let left = 0;
    for (const path of paths) {
      if (queue.paths.has(path)) continue;
      if (this.#size >= this.#capacity) {
        left++;
        continue;
      }
      queue.paths.add(path);
      this.#size++;
    }
    return left;
  }

  /** Up to `max` paths of the target that has waited longest. */
  take(max: number): QueuedPaths | null {
    for (const [target, queue] of this.#targets) {
      this.#targets.delete(target);
      const paths = takeFirst(queue.paths, max);
      this.#size -= paths.length;
      if (queue.paths.size > 0) this.#targets.set(target, queue);
      if (paths.length > 0) return { target, batch: queue.batch, paths };
    }
    return null;
  }
}

function takeFirst(paths: Set<ByteString>, max: number): ByteString[] {
  const taken: ByteString[] = [];
  for (const path of paths) {
    if (taken.length >= max) break;
    taken.push(path);
    paths.delete(path);
  }
  return taken;
}
