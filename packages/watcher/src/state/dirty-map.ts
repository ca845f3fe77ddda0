/**
 * What one target does not have yet (spec 6, 3.3): paths with the numbers of their last marks. From this rule follows that
 * nothing is ever lost: a path that was sent is forgotten only if it was not marked again meanwhile.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { chooseCollapses } from "./collapse.js";
import {
  freshReachOf,
  isForced,
  isStored,
  markAgain,
  onlyFresh,
  packEntry,
  reachOf,
  sequenceOf,
  withStored,
} from "./dirty-entry.js";
import { type Mark, Reach } from "./mark.js";
import { MarkTimes } from "./mark-times.js";
import { ParkedPaths } from "./parked-paths.js";
import { outermost, outermostBelowRoot, parentOf } from "./tree-paths.js";
import { Unwritten } from "./unwritten.js";

/** How much is taken at once. */
export interface TakeLimits {
  readonly maxPaths: number;
  /**
   * False: a root that is to be compared as a whole is left for later, and what is below it is taken path by path.
   * Default: true.
   */
  readonly withRoot?: boolean;
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

/** A dirty path as the journal keeps it. */
export interface DirtyRecord extends Mark {
  readonly force: boolean;
  /** The number of its last mark. */
  readonly sequence: number;
  /** The number of its first mark that is not settled. */
  readonly first: number;
  /** When that was made (ms). */
  readonly since: number;
}

/** What has changed since the journal was written last. */
export interface DirtyChanges {
  readonly written: readonly DirtyRecord[];
  readonly removed: readonly ByteString[];
}

/** What a dirty map is made of. */
export interface DirtyMapOptions {
  /** Milliseconds of a clock. */
  readonly now?: () => number;
  /** Shared by the maps of a root. */
  readonly times?: MarkTimes;
  /** More paths than this are put together; see {@link chooseCollapses}. */
  readonly maxPaths?: number;
  /** Changes are collected for a journal. */
  readonly isJournaled?: boolean;
}

const MAX_PATHS = 200_000;

/** The dirty paths of one target. */
export class DirtyMap {
  /** In the order of their first marks, as far as they were not sent meanwhile. */
  readonly #entries = new Map<ByteString, number>();
  /** The numbers of first marks, where there was another one since. */
  readonly #firsts = new Map<ByteString, number>();
  /** Those of `#entries` that stand for all that is below them, deletes included. */
  readonly #reconciles = new Set<ByteString>();
  readonly #parked: ParkedPaths = new ParkedPaths();
  readonly #unwritten: Unwritten | null;
  readonly #now: () => number;
  readonly #times: MarkTimes;
  readonly #maxPaths: number;
  #highest = 0;
  /** The bound of the last take. */
  #taken = 0;

  constructor(options: DirtyMapOptions = {}) {
    this.#now = options.now ?? Date.now;
    this.#times = options.times ?? new MarkTimes();
    this.#maxPaths = options.maxPaths ?? MAX_PATHS;
    this.#unwritten = options.isJournaled === true ? new Unwritten() : null;
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

  /** The number up to which all marks are settled. */
  get confirmed(): number {
    let first = Math.min(this.#highest + 1, this.#parked.lowestFirst);
    for (const [path, entry] of this.#entries) first = Math.min(first, this.#firstOf(path, entry));
    return first - 1;
  }

  /** When the oldest mark was made that is neither settled nor parked (ms), `null` when there is none. */
  get oldestMark(): number | null {
    const [oldest] = this.#entries;
    return oldest === undefined ? null : this.#times.momentOf(this.#firstOf(...oldest));
  }

  /** The same without a root that is left for later: see {@link TakeLimits.withRoot}. */
  oldestOffered(withRoot: boolean): number | null {
    if (withRoot || !this.isRootDue) return this.oldestMark;
    for (const [path, entry] of this.#entries) {
      if (path !== "") return this.#times.momentOf(this.#firstOf(path, entry));
    }
    return null;
  }

  /** The root is to be compared as a whole. */
  get isRootDue(): boolean {
    return this.#reconciles.has("");
  }

  /** When a dirty path was marked first since it was settled last (ms); `null` for one that is clean or parked. */
  markedAt(path: ByteString): number | null {
    const entry = this.#entries.get(path);
    return entry === undefined ? null : this.#times.momentOf(this.#firstOf(path, entry));
  }

  /** When the first parked path is due (ms), `null` when none has a time. */
  get nextRetry(): number | null {
    return this.#parked.nextRetry;
  }

  /** Paths that did not arrive. */
  parked(): IterableIterator<ByteString> {
    return this.#parked.paths();
  }

  /** Notes a change. Numbers grow from call to call. */
  mark({ path, reach, force = false }: Mark, sequence: number): void {
    this.#highest = sequence;
    this.#times.note(sequence, this.#now());
    if (!force && this.#reconciles.size > 0 && this.#isAbsorbed(path)) return;
    const entry = this.#entries.get(path);
    if (entry !== undefined) {
      if (!this.#firsts.has(path)) this.#firsts.set(path, sequenceOf(entry));
      const mark = packEntry(sequence, reachOnto(entry, reach), force);
      this.#store(path, markAgain(entry, mark, sequenceOf(entry) <= this.#taken));
      return;
    }
    const parked = this.#parked.take(path);
    if (parked === undefined) {
      this.#store(path, packEntry(sequence, reach, force));
    } else {
      const mark = packEntry(sequence, reachOnto(parked.entry, reach), force);
      this.#firsts.set(path, parked.first);
      this.#store(path, markAgain(parked.entry, mark, false));
    }
    if (this.size > this.#maxPaths) this.#collapse();
  }

  /**
   * What lies below a directory that is compared as a whole, by a push that has not begun, needs no entry. The root is none of
   * these: its turn may come much later.
   */
  #isAbsorbed(path: ByteString): boolean {
    if (this.#reconciles.has(path)) return false;
    const top = outermostBelowRoot(path, this.#reconciles);
    if (top === null) return false;
    const entry = this.#entries.get(top)!;
    return sequenceOf(entry) > this.#taken && freshReachOf(entry) === Reach.Reconcile;
  }

  #store(path: ByteString, entry: number): void {
    this.#entries.set(path, entry);
    if (reachOf(entry) === Reach.Reconcile) this.#reconciles.add(path);
    this.#unwritten?.change(path);
  }

  #remove(path: ByteString, entry: number): void {
    this.#entries.delete(path);
    this.#firsts.delete(path);
    this.#reconciles.delete(path);
    this.#unwritten?.remove(path, isStored(entry));
  }

  #collapse(): void {
    for (const path of [...this.#parked.paths()]) this.#offer(path);
    const tops = chooseCollapses(this.#entries.keys(), Math.floor(this.#maxPaths / 2));
    const firsts = new Map<ByteString, { first: number; force: boolean; stored: boolean }>();
    for (const [path, entry] of this.#entries) {
      const top = outermost(path, tops);
      if (top === null) continue;
      const before = firsts.get(top);
      const first = Math.min(this.#firstOf(path, entry), before?.first ?? this.#highest);
      const force = isForced(entry) || before?.force === true;
      const stored = before?.stored === true || (path === top && isStored(entry));
      firsts.set(top, { first, force, stored });
      this.#remove(path, entry);
    }
    for (const [top, { first, force, stored }] of firsts) {
      const entry = packEntry(this.#highest, Reach.Reconcile, force);
      this.#firsts.set(top, first);
      this.#store(top, stored ? withStored(entry) : entry);
    }
  }

  /** The oldest dirty paths; nothing is removed. Parked paths that are due are among them. */
  take({ maxPaths, withRoot = true }: TakeLimits): Taken {
    for (const path of this.#parked.due(this.#now())) this.#offer(path);
    this.#taken = this.#highest;
    const entries: Mark[] = [];
    const below: ByteString[] = [];
    let oldest = this.#highest;
    const topOf = withRoot ? outermost : outermostBelowRoot;
    const isRootLeft = !withRoot && this.isRootDue;
    for (const [path, entry] of this.#entries) {
      if (entries.length >= maxPaths) break;
      if (isRootLeft && path === "") continue;
      oldest = Math.min(oldest, this.#firstOf(path, entry));
      if (this.#isSwallowed(path, entry, topOf)) below.push(path);
      else entries.push({ path, reach: reachOf(entry), force: isForced(entry) });
    }
    const swallowed = this.#reconciles.size === 0 ? [] : this.#swallowedBy(entries, below);
    const isAll = entries.length + below.length === this.#entries.size;
    return { bound: this.#highest, oldest, entries, swallowed, isAll };
  }

  /** A directory that is compared as a whole swallows what is below, but not contents that must be sent anyway. */
  #isSwallowed(path: ByteString, entry: number, topOf: typeof outermost): boolean {
    if (this.#reconciles.size === 0 || isForced(entry)) return false;
    const top = topOf(path, this.#reconciles);
    return top !== null && top !== path;
  }

  #swallowedBy(entries: readonly Mark[], below: readonly ByteString[]): ByteString[] {
    const tops = new Set<ByteString>();
    for (const { path, reach } of entries) if (reach === Reach.Reconcile) tops.add(path);
    const parked = [...this.#parked.paths()].filter(
      (path) => !isForced(this.#parked.get(path)!.entry),
    );
    return [...below, ...parked].filter((path) => outermost(path, tops) !== null);
  }

  /**
   * Forgets what was sent, unless it was marked again after it was taken.
   * @param failed paths that did not arrive; ones that were not taken (below a tree) become dirty
   * @param retryAt when they are offered again by themselves (ms)
   * @param rest parts of what was taken that were left for later; those among `failed` are parked
   */
  settle(
    taken: Taken,
    failed: ReadonlySet<ByteString> = new Set(),
    retryAt: number = Number.POSITIVE_INFINITY,
    rest: readonly Mark[] = [],
  ): void {
    for (const { path } of taken.entries) if (!failed.has(path)) this.#confirm(path, taken.bound);
    for (const path of taken.swallowed) if (!failed.has(path)) this.#confirm(path, taken.bound);
    for (const mark of rest) this.#leave(mark, taken);
    const forced = taken.entries.filter(({ force }) => force === true).map(({ path }) => path);
    const forcedTops = new Set(forced);
    for (const path of failed) {
      const isBelowForced = forcedTops.size > 0 && outermost(path, forcedTops) !== null;
      this.#park(path, taken, isBelowForced, retryAt);
    }
    if (this.size > this.#maxPaths) this.#collapse();
  }

  #confirm(path: ByteString, bound: number): void {
    const entry = this.#entries.get(path);
    if (entry === undefined) {
      const parked = this.#parked.take(path);
      if (parked !== undefined) this.#unwritten?.remove(path, isStored(parked.entry));
    } else if (sequenceOf(entry) <= bound) {
      this.#remove(path, entry);
    } else {
      // It goes to the end: what changes all the time must not keep others from their turn.
      this.#entries.delete(path);
      this.#reconciles.delete(path);
      this.#firsts.set(path, bound + 1);
      this.#store(path, bound === this.#taken ? onlyFresh(entry) : entry);
    }
  }

  #leave({ path, reach, force = false }: Mark, { bound, oldest }: Taken): void {
    const entry = this.#entries.get(path) ?? this.#parked.take(path)?.entry;
    const first = entry === undefined ? oldest : Math.min(oldest, this.#firstOf(path, entry));
    const sequence = entry === undefined ? bound : sequenceOf(entry);
    const added = packEntry(sequence, reach, force);
    this.#firsts.set(path, first);
    this.#store(path, entry === undefined ? added : markAgain(entry, added, false));
  }

  #park(path: ByteString, { bound, oldest }: Taken, force: boolean, retryAt: number): void {
    const entry = this.#entries.get(path);
    if (entry === undefined) {
      const parked = this.#parked.take(path);
      const made = packEntry(bound, Reach.Item, force);
      this.#parked.put(path, { entry: made, first: oldest, ...parked, retryAt });
      this.#unwritten?.change(path);
    } else if (sequenceOf(entry) <= bound) {
      this.#parked.put(path, { entry, first: this.#firstOf(path, entry), retryAt });
      this.#entries.delete(path);
      this.#firsts.delete(path);
      this.#reconciles.delete(path);
      this.#unwritten?.change(path);
    } else {
      // It was marked again, so that it is offered; but what did not arrive is older.
      this.#firsts.set(path, Math.min(oldest, this.#firstOf(path, entry)));
      const failed = packEntry(sequenceOf(entry), Reach.Item, force);
      this.#store(path, markAgain(entry, failed, false));
    }
  }

  /** Offers a parked path again, or all of them. */
  unpark(path?: ByteString): void {
    for (const each of path === undefined ? [...this.#parked.paths()] : [path]) this.#offer(each);
  }

  #offer(path: ByteString): void {
    const parked = this.#parked.take(path);
    if (parked === undefined) return;
    this.#store(path, parked.entry);
    if (parked.first !== sequenceOf(parked.entry)) this.#firsts.set(path, parked.first);
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
    return this.#parked.lowestFirst <= sequence;
  }

  has(path: ByteString): boolean {
    return this.#entries.has(path) || this.#parked.get(path) !== undefined;
  }

  /** Whether a path is dirty and not parked. */
  isOffered(path: ByteString): boolean {
    return this.#entries.has(path);
  }

  /** Whether a path was dirty already when it was marked last. */
  isMarkedTwice(path: ByteString): boolean {
    return this.#firsts.has(path);
  }

  /** Whether a path is part of a directory that the target may not have yet, or not as a directory. */
  isInNewTree(path: ByteString): boolean {
    for (let up = path; ; up = parentOf(up)) {
      const entry = this.#entries.get(up) ?? this.#parked.get(up)?.entry;
      if (entry !== undefined && reachOf(entry) !== Reach.Item) return true;
      if (up === "") return false;
    }
  }

  /** All dirty paths, parked ones last. */
  *list(): IterableIterator<DirtyRecord & { readonly isParked: boolean }> {
    for (const [path, entry] of this.#entries) {
      yield { ...this.#toRecord(path, entry, this.#firstOf(path, entry)), isParked: false };
    }
    for (const path of this.#parked.paths()) {
      const { entry, first } = this.#parked.get(path)!;
      yield { ...this.#toRecord(path, entry, first), isParked: true };
    }
  }

  /** What the journal has to write now. Records count as written from here on; see {@link writeFailed}. */
  takeChanges(): DirtyChanges {
    if (this.#unwritten === null || this.#unwritten.isEmpty) return { written: [], removed: [] };
    const { changed, removed } = this.#unwritten.take();
    const written: DirtyRecord[] = [];
    for (const path of changed) {
      const record = this.#recordOf(path);
      if (record !== null) written.push(record);
    }
    return { written, removed: [...removed].filter((path) => !changed.has(path)) };
  }

  #recordOf(path: ByteString): DirtyRecord | null {
    const parked = this.#parked.get(path);
    const entry = this.#entries.get(path) ?? parked?.entry;
    if (entry === undefined) return null;
    if (parked === undefined) this.#entries.set(path, withStored(entry));
    else this.#parked.put(path, { ...parked, entry: withStored(entry) });
    return this.#toRecord(path, entry, parked?.first ?? this.#firstOf(path, entry));
  }

  #toRecord(path: ByteString, entry: number, first: number): DirtyRecord {
    return {
      path,
      reach: reachOf(entry),
      force: isForced(entry),
      sequence: sequenceOf(entry),
      first,
      since: this.#times.momentOf(first) ?? 0,
    };
  }

  /** The changes did not get into the journal: they are handed out again. */
  writeFailed({ written, removed }: DirtyChanges): void {
    for (const path of [...written.map((record) => record.path), ...removed]) {
      if (this.has(path)) this.#unwritten?.change(path);
      else this.#unwritten?.remove(path, true);
    }
  }

  /**
   * Takes over what the journal had, before any mark is made. Parked paths are offered again.
   * @param sequence the last number that had been given out
   */
  restore(records: readonly DirtyRecord[], sequence: number): void {
    this.#highest = sequence;
    const byAge = [...records].sort((one, other) => one.first - other.first);
    for (const { path, reach, force, sequence: own, first, since } of byAge) {
      this.#times.note(first, since);
      const entry = withStored(packEntry(own, reach, force));
      this.#entries.set(path, entry);
      if (reach === Reach.Reconcile) this.#reconciles.add(path);
      if (first !== own) this.#firsts.set(path, first);
      this.#highest = Math.max(this.#highest, own);
    }
  }

  #firstOf(path: ByteString, entry: number): number {
    return this.#firsts.get(path) ?? sequenceOf(entry);
  }
}

/**
 * A directory that appears where a mark already is took the place of another one, of which the target may have more than is
 * marked: what was in a directory that was moved away is marked nowhere.
 */
function reachOnto(entry: number, reach: Reach): Reach {
  const isNewThere = reach === Reach.Tree && freshReachOf(entry) === Reach.Item;
  return isNewThere ? Reach.Reconcile : reach;
}
