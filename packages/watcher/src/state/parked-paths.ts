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
  /** When the first one is due, `null` when it has to be looked for: there may be very many, and each push asks. */
  #next: number | null = Number.POSITIVE_INFINITY;

  get size(): number {
    return this.#paths.size;
  }

  /** When the first one is due, `null` when none has a time. */
  get nextRetry(): number | null {
    const next = this.#soonest();
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
    if (this.#soonest() > now) return [];
    return [...this.#paths].filter(([, { retryAt }]) => retryAt <= now).map(([path]) => path);
  }

  get(path: ByteString): Parked | undefined {
    return this.#paths.get(path);
  }

  put(path: ByteString, parked: Parked): void {
    if (this.#paths.get(path)?.retryAt === this.#next) this.#next = null;
    this.#paths.set(path, parked);
    if (this.#next !== null) this.#next = Math.min(this.#next, parked.retryAt);
  }

  /** Removes a path, and tells what it was. */
  take(path: ByteString): Parked | undefined {
    const parked = this.#paths.get(path);
    if (parked === undefined) return undefined;
    this.#paths.delete(path);
    if (parked.retryAt === this.#next) this.#next = null;
    return parked;
  }

  #soonest(): number {
    if (this.#next === null) {
      this.#next = Number.POSITIVE_INFINITY;
      for (const { retryAt } of this.#paths.values()) this.#next = Math.min(this.#next, retryAt);
    }
    return this.#next;
  }
}
