/**
 * What one target does not have yet (spec 6, 3.3): paths with the numbers of their last marks. From this rule follows that
 * nothing is ever lost: a path that was sent is forgotten only if it was not marked again meanwhile.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { isForced, markAgain, onlyFresh, packEntry, reachOf, sequenceOf } from "./dirty-entry.js";
import { type Mark, Reach } from "./mark.js";
import { MarkTimes } from "./mark-times.js";

/** How much is taken at once. */
export interface TakeLimits {
  readonly maxPaths: number;
}

/** Marks that a push is to bring to the target. They stay in the map until they are settled. */
export interface Taken {
  /** The highest number that had been given out: what is marked above it is not settled with these. */
  readonly bound: number;
  /** The lowest number of a first mark among them. */
  readonly oldest: number;
  /** Oldest first. */
  readonly entries: readonly Mark[];
  /** Paths that lie below reconciled ones of `entries`, and are settled with them. */
  readonly swallowed: readonly ByteString[];
  /** Nothing is left that is not parked. */
  readonly isAll: boolean;
}

/** What a dirty map is made of. */
export interface DirtyMapOptions {
  /** Milliseconds of a clock. */
  readonly now?: () => number;
  /** Shared by the maps of a root. */
  readonly times?: MarkTimes;
}

/** A path that did not arrive: it waits for its next mark, a moment, or {@link DirtyMap.unpark}. */
interface Parked {
  readonly entry: number;
  readonly first: number;
  readonly retryAt: number;
}

/** The dirty paths of one target. */
export class DirtyMap {
  /** In the order of their first marks. */
  readonly #entries = new Map<ByteString, number>();
  /** The numbers of first marks, where there was another one since. */
  readonly #firsts = new Map<ByteString, number>();
  readonly #parked = new Map<ByteString, Parked>();
  readonly #now: () => number;
  readonly #times: MarkTimes;
  #highest = 0;
  /** The bound of the last take. */
  #taken = 0;

  constructor({ now = Date.now, times = new MarkTimes() }: DirtyMapOptions = {}) {
    this.#now = now;
    this.#times = times;
  }

  /** Dirty paths, parked ones included. */
  get size(): number {
    return this.#entries.size + this.#parked.size;
  }

  get parkedCount(): number {
    return this.#parked.size;
  }

  /** The highest number of a mark so far. */
  get highest(): number {
    return this.#highest;
  }

  /** When the oldest mark was made that is neither settled nor parked (ms), `null` when there is none. */
  get oldestMark(): number | null {
    const [oldest] = this.#entries;
    return oldest === undefined ? null : this.#times.momentOf(this.#firstOf(...oldest));
  }

  /** When the first parked path is due (ms), `null` when none has a time. */
  get nextRetry(): number | null {
    let next = Number.POSITIVE_INFINITY;
    for (const { retryAt } of this.#parked.values()) next = Math.min(next, retryAt);
    return next === Number.POSITIVE_INFINITY ? null : next;
  }

  /** Paths that did not arrive. */
  parked(): IterableIterator<ByteString> {
    return this.#parked.keys();
  }

  /** Notes a change. Numbers grow from call to call. */
  mark({ path, reach, force = false }: Mark, sequence: number): void {
    this.#highest = sequence;
    this.#times.note(sequence, this.#now());
    const mark = packEntry(sequence, reach, force);
    const entry = this.#entries.get(path);
    if (entry === undefined) {
      this.#add(path, mark);
      return;
    }
    if (!this.#firsts.has(path)) this.#firsts.set(path, sequenceOf(entry));
    this.#entries.set(path, markAgain(entry, mark, sequenceOf(entry) <= this.#taken));
  }

  #add(path: ByteString, mark: number): void {
    const parked = this.#parked.get(path);
    if (parked === undefined) {
      this.#entries.set(path, mark);
      return;
    }
    this.#parked.delete(path);
    this.#firsts.set(path, parked.first);
    this.#entries.set(path, markAgain(parked.entry, mark, false));
  }

  /** The oldest dirty paths; nothing is removed. Parked paths that are due are among them. */
  take({ maxPaths }: TakeLimits): Taken {
    this.#unparkDue();
    this.#taken = this.#highest;
    const entries: Mark[] = [];
    let oldest = this.#highest;
    for (const [path, entry] of this.#entries) {
      if (entries.length >= maxPaths) break;
      oldest = Math.min(oldest, this.#firstOf(path, entry));
      entries.push({ path, reach: reachOf(entry), force: isForced(entry) });
    }
    const isAll = entries.length === this.#entries.size;
    return { bound: this.#highest, oldest, entries, swallowed: [], isAll };
  }

  /**
   * Forgets what was sent, unless it was marked again after it was taken.
   * @param failed paths that did not arrive; ones that were not taken (below a tree) become dirty
   * @param retryAt when they are offered again by themselves (ms)
   */
  settle(
    taken: Taken,
    failed: ReadonlySet<ByteString> = new Set(),
    retryAt: number = Number.POSITIVE_INFINITY,
  ): void {
    for (const { path } of taken.entries) if (!failed.has(path)) this.#confirm(path, taken.bound);
    for (const path of taken.swallowed) if (!failed.has(path)) this.#confirm(path, taken.bound);
    for (const path of failed) this.#park(path, taken, retryAt);
  }

  #confirm(path: ByteString, bound: number): void {
    const entry = this.#entries.get(path);
    if (entry === undefined) return;
    if (sequenceOf(entry) <= bound) {
      this.#remove(path);
      return;
    }
    // It goes to the end: what changes all the time must not keep others from their turn.
    this.#entries.delete(path);
    this.#entries.set(path, bound === this.#taken ? onlyFresh(entry) : entry);
    this.#firsts.set(path, bound + 1);
  }

  #remove(path: ByteString): void {
    this.#entries.delete(path);
    this.#firsts.delete(path);
  }

  #park(path: ByteString, { bound, oldest }: Taken, retryAt: number): void {
    const entry = this.#entries.get(path);
    if (entry === undefined) {
      const parked = this.#parked.get(path);
      const made = packEntry(bound, Reach.Item, false);
      this.#parked.set(path, { entry: made, first: oldest, ...parked, retryAt });
    } else if (sequenceOf(entry) <= bound) {
      this.#parked.set(path, { entry, first: this.#firstOf(path, entry), retryAt });
      this.#remove(path);
    }
  }

  /** Offers a parked path again, or all of them. */
  unpark(path?: ByteString): void {
    for (const [name, { entry, first }] of this.#parked) {
      if (path !== undefined && name !== path) continue;
      this.#parked.delete(name);
      this.#entries.set(name, entry);
      if (first !== sequenceOf(entry)) this.#firsts.set(name, first);
    }
  }

  #unparkDue(): void {
    if (this.#parked.size === 0) return;
    const now = this.#now();
    for (const [path, { retryAt }] of this.#parked) if (retryAt <= now) this.unpark(path);
  }

  /** Whether a mark with this number or a lower one is neither settled nor parked. */
  isPending(sequence: number): boolean {
    for (const [path, entry] of this.#entries) {
      if (this.#firstOf(path, entry) <= sequence) return true;
    }
    return false;
  }

  /** Whether a mark with this number or a lower one is parked. */
  isParked(sequence: number): boolean {
    for (const { first } of this.#parked.values()) if (first <= sequence) return true;
    return false;
  }

  /** Whether a path was dirty already when it was marked last. */
  isMarkedTwice(path: ByteString): boolean {
    return this.#firsts.has(path);
  }

  #firstOf(path: ByteString, entry: number): number {
    return this.#firsts.get(path) ?? sequenceOf(entry);
  }
}
