/**
 * What one target does not have yet (spec 6, 3.3): paths with the numbers of their last marks.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { collapse } from "./collapse.js";
import { freshReachOf, markAgain, packEntry, sequenceOf, withStored } from "./dirty-entry.js";
import { DirtyPaths } from "./dirty-paths.js";
import type { DirtyChanges, DirtyRecord } from "./dirty-record.js";
import { DirtyView } from "./dirty-view.js";
import { isReplacement, type Mark, Reach } from "./mark.js";
import { MarkTimes } from "./mark-times.js";
import { settleMarks } from "./settle-marks.js";
import { type TakeLimits, type Taken, takeMarks } from "./take-marks.js";
import { outermostBelowRoot } from "./tree-paths.js";

/** What a dirty map is made of. */
export interface DirtyMapOptions {
  /** Milliseconds of a clock. */
  readonly now?: () => number;
  /** Shared by the maps of a root. */
  readonly times?: MarkTimes;
  /** More paths than this are put together; see {@link collapse}. */
  readonly maxPaths?: number;
  /** Changes are collected for a journal. */
  readonly isJournaled?: boolean;
}

const MAX_PATHS = 200_000;

/** The dirty paths of one target. */
export class DirtyMap extends DirtyView {
  readonly #paths: DirtyPaths;
  readonly #times: MarkTimes;
  readonly #now: () => number;
  readonly #maxPaths: number;
  #highest = 0;
  /** The bound of the last take. */
  #taken = 0;

  constructor(options: DirtyMapOptions = {}) {
    const times = options.times ?? new MarkTimes();
    const paths = new DirtyPaths(times, options.isJournaled === true);
    super(paths, times);
    this.#paths = paths;
    this.#times = times;
    this.#now = options.now ?? Date.now;
    this.#maxPaths = options.maxPaths ?? MAX_PATHS;
  }

  /** The highest number of a mark so far. */
  get highest(): number {
    return this.#highest;
  }

  /** The number up to which all marks are settled. */
  get confirmed(): number {
    const { offered, parked } = this.#paths;
    return Math.min(this.#highest + 1, parked.lowestFirst, offered.lowestFirst) - 1;
  }

  /** Notes a change that was noticed at `since`. Numbers grow from call to call. */
  mark(mark: Mark, sequence: number, since: number = this.#now()): void {
    const { path, force = false } = mark;
    const paths = this.#paths;
    const { offered } = paths;
    this.#highest = sequence;
    this.#times.note(sequence, since);
    if (!force && offered.reconciles.size > 0 && this.#isAbsorbed(path)) return;
    const entry = offered.get(path);
    if (entry !== undefined) {
      offered.keepFirst(path, entry);
      const added = packOnto(entry, sequence, mark);
      paths.store(path, markAgain(entry, added, sequenceOf(entry) <= this.#taken));
      return;
    }
    const parked = paths.parked.take(path);
    if (parked === undefined) {
      paths.store(path, packEntry(sequence, mark));
    } else {
      const added = packOnto(parked.entry, sequence, mark);
      paths.storeSince(path, markAgain(parked.entry, added, false), parked.first);
    }
    this.#limit();
  }

  /**
   * What lies below a directory that is compared as a whole, by a push that has not begun, needs no entry. The root is none of
   * these: its turn may come much later.
   */
  #isAbsorbed(path: ByteString): boolean {
    const { offered } = this.#paths;
    if (offered.reconciles.has(path)) return false;
    const top = outermostBelowRoot(path, offered.reconciles);
    if (top === null) return false;
    const entry = offered.get(top)!;
    return sequenceOf(entry) > this.#taken && freshReachOf(entry) === Reach.Reconcile;
  }

  #limit(): void {
    if (this.size > this.#maxPaths) collapse(this.#paths, this.#maxPaths / 2, this.#highest);
  }

  /** The oldest dirty paths; nothing is removed. Parked paths that are due are among them. */
  take(limits: TakeLimits): Taken {
    for (const path of this.#paths.parked.due(this.#now())) this.#paths.offer(path);
    this.#taken = this.#highest;
    return takeMarks(this.#paths, limits, this.#highest);
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
    const isLastTake = taken.bound === this.#taken;
    settleMarks(this.#paths, { taken, failed, retryAt, rest, isLastTake });
    this.#limit();
  }

  /** Offers a parked path again, or all of them. */
  unpark(path?: ByteString): void {
    const { parked } = this.#paths;
    for (const each of path === undefined ? [...parked.paths()] : [path]) this.#paths.offer(each);
  }

  /** What the journal has to write now. Records count as written from here on; see {@link writeFailed}. */
  takeChanges(): DirtyChanges {
    return this.#paths.takeChanges();
  }

  /** The changes did not get into the journal: they are handed out again. */
  writeFailed(changes: DirtyChanges): void {
    this.#paths.writeFailed(changes);
  }

  /**
   * Takes over what the journal had, before any mark is made. Parked paths are offered again.
   * @param sequence the last number that had been given out
   */
  restore(records: readonly DirtyRecord[], sequence: number): void {
    const { offered } = this.#paths;
    this.#highest = sequence;
    const byAge = [...records].sort((one, other) => one.first - other.first);
    for (const record of byAge) {
      const { path, sequence: own, first, since } = record;
      this.#times.note(first, since);
      const entry = withStored(packEntry(own, record));
      if (first === own) offered.put(path, entry);
      else offered.putSince(path, entry, first);
      this.#highest = Math.max(this.#highest, own);
    }
  }
}

/**
 * What another mark adds to an entry. A directory that appears where a mark already is took the place of another one, of which
 * the target may have more than is marked: what was in a directory that was moved away is marked nowhere. And what it has
 * under the same names may look the same.
 */
function packOnto(entry: number, sequence: number, mark: Mark): number {
  const isReplaced = isReplacement(freshReachOf(entry), mark.reach);
  return packEntry(sequence, isReplaced ? { reach: Reach.Reconcile, force: true } : mark);
}
