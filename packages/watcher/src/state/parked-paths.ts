/**
 * Paths that did not arrive at a target. They wait for their next mark, a moment, or somebody who asks.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";

/** A dirty path that is not offered. */
export interface Parked {
  /** See dirty-entry.ts. */
  readonly entry: number;
  /** The number of its first mark that is not settled. */
  readonly first: number;
  /** Milliseconds; infinite for none. */
  readonly retryAt: number;
}

/** The parked paths of one target. */
export class ParkedPaths {
  readonly #paths = new Map<ByteString, Parked>();

  get size(): number {
    return this.#paths.size;
  }

  /** When the first one is due, `null` when none has a time. */
  get nextRetry(): number | null {
    let next = Number.POSITIVE_INFINITY;
    for (const { retryAt } of this.#paths.values()) next = Math.min(next, retryAt);
    return next === Number.POSITIVE_INFINITY ? null : next;
  }

  /** The lowest number of a first mark, infinite when there is none. */
  get lowestFirst(): number {
    let lowest = Number.POSITIVE_INFINITY;
    for (const { first } of this.#paths.values()) lowest = Math.min(lowest, first);
    return lowest;
  }

  paths(): IterableIterator<ByteString> {
    return this.#paths.keys();
  }

  due(now: number): ByteString[] {
    if (this.#paths.size === 0) return [];
    return [...this.#paths].filter(([, { retryAt }]) => retryAt <= now).map(([path]) => path);
  }

  get(path: ByteString): Parked | undefined {
    return this.#paths.get(path);
  }

  put(path: ByteString, parked: Parked): void {
    this.#paths.set(path, parked);
  }

  /** Removes a path, and tells what it was. */
  take(path: ByteString): Parked | undefined {
    const parked = this.#paths.get(path);
    if (parked !== undefined) this.#paths.delete(path);
    return parked;
  }
}
