/**
 * Paths that did not arrive although their target works, and why: for the status and the failure log.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { Taken } from "../state/dirty-map.js";

/** Why and since when. */
export interface FailedPath {
  reason: string;
  /** Milliseconds since 1970. */
  since: number;
}

/** More are counted by the dirty map, but not remembered one by one. */
const MAX_REMEMBERED = 10_000;

/** The failed paths of one target. */
export class FailedPaths {
  readonly #paths = new Map<ByteString, FailedPath>();

  get size(): number {
    return this.#paths.size;
  }

  /** In the order in which they failed first. */
  entries(): IterableIterator<[ByteString, FailedPath]> {
    return this.#paths.entries();
  }

  /**
   * Notes what came of a push.
   * @returns those of `failed` that had failed before
   */
  update(pushed: Taken, failed: ReadonlyMap<ByteString, string>): ReadonlySet<ByteString> {
    const again = new Set<ByteString>();
    if (this.#paths.size > 0) {
      for (const path of failed.keys()) if (this.#paths.has(path)) again.add(path);
      for (const { path } of pushed.entries) if (!failed.has(path)) this.#paths.delete(path);
      for (const path of pushed.swallowed) if (!failed.has(path)) this.#paths.delete(path);
    }
    for (const [path, reason] of failed) {
      const since = this.#paths.get(path)?.since ?? Date.now();
      if (this.#paths.size < MAX_REMEMBERED || again.has(path))
        this.#paths.set(path, { reason, since });
    }
    return again;
  }

  /** Everything below arrived: a tree was made equal. */
  arrivedBelow(path: ByteString): void {
    for (const name of this.#paths.keys()) {
      if (path === "" || name === path || name.startsWith(`${path}/`)) this.#paths.delete(name);
    }
  }
}
