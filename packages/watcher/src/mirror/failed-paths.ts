/**
 * Paths that did not arrive although their target works, and why: for the status and the failure log.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { Taken } from "../state/take-marks.js";

/** Why and since when. */
export interface FailedPath {
  reason: string;
  /** Failures in a row. */
  attempts: number;
  /** Milliseconds since 1970. */
  since: number;
}

/** A path that fails for the first time mostly met a change that was not complete: the next attempts come soon. */
const FIRST_RETRY = 250;
const RETRY_FACTOR = 4;
/** From so many failures on a path has not arrived, whatever is in the way. */
const LASTING = 3;
/** Waits do not grow any more. */
const MANY = 20;

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
      const { since = Date.now(), attempts = 0 } = this.#paths.get(path) ?? {};
      if (this.#paths.size >= MAX_REMEMBERED && !again.has(path)) continue;
      this.#paths.set(path, { reason, since, attempts: attempts + 1 });
    }
    return again;
  }

  /** Whether some path may arrive yet: it has not failed often. */
  get hasHope(): boolean {
    for (const { attempts } of this.#paths.values()) if (attempts < LASTING) return true;
    return false;
  }

  /**
   * When failed marks are tried again: soon at first, then ever later.
   * @param longest milliseconds
   * @returns milliseconds from now, and the paths
   */
  retries(marks: ReadonlySet<ByteString>, longest: number): Map<number, Set<ByteString>> {
    const retries = new Map<number, Set<ByteString>>();
    for (const path of marks) {
      const attempts = this.#paths.get(path)?.attempts ?? MANY;
      const wait = Math.min(longest, FIRST_RETRY * RETRY_FACTOR ** Math.min(attempts - 1, MANY));
      const paths = retries.get(wait);
      if (paths === undefined) retries.set(wait, new Set([path]));
      else paths.add(path);
    }
    return retries;
  }

  /** Everything below arrived: a tree was made equal. */
  arrivedBelow(path: ByteString): void {
    for (const name of this.#paths.keys()) {
      if (path === "" || name === path || name.startsWith(`${path}/`)) this.#paths.delete(name);
    }
  }
}
