/**
 * The books of one root: every mark gets a number and is entered for each target (spec 6, 3.3).
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { DirtyMap } from "./dirty-map.js";
import { LinkHints } from "./link-hints.js";
import type { Mark, Rename } from "./mark.js";
import type { TakeLimits, Taken } from "./take-marks.js";
import { parentOf } from "./tree-paths.js";

/** What keeps the dirty maps: a journal, or memory alone. */
export interface LedgerStore {
  /** The number that marks go on from. */
  readonly sequence: number;
  /** The map of a target, with what was dirty when the process ended last. */
  dirtyMap(target: string): DirtyMap;
  /**
   * Marks were made, up to this number. Returns at once.
   * @param target which one they are for; all when not given
   * @param since when they were noticed (ms); now when not given
   */
  marked(marks: readonly Mark[], sequence: number, target?: string, since?: number): void;
  /**
   * Marks were settled, or offered again. Returns at once.
   * @param isNeeded some of them became other marks: the next commit has to save these
   */
  changed(isNeeded: boolean): void;
}

/** The part of the books that is one target's. */
export class TargetLedger {
  /** Read it freely; marks and settlements go through the ledger, so that they get into the journal. */
  readonly dirty: DirtyMap;
  readonly #hints = new LinkHints();
  readonly #changed: LedgerStore["changed"];

  constructor(dirty: DirtyMap, changed: LedgerStore["changed"]) {
    this.dirty = dirty;
    this.#changed = changed;
  }

  /** See {@link DirtyMap.take}. */
  take(limits: TakeLimits): Taken {
    return this.dirty.take(limits);
  }

  /** See {@link DirtyMap.settle}. */
  settle(
    taken: Taken,
    failed: ReadonlySet<ByteString> = new Set(),
    retryAt?: number,
    rest: readonly Mark[] = [],
  ): void {
    this.dirty.settle(taken, failed, retryAt, rest);
    // Parts of a moved directory that are left for later are still under the old name in the target.
    if (this.#hints.size > 0) this.#hints.settled(taken.entries, rest, failed);
    this.#changed(failed.size > 0 || rest.length > 0);
  }

  /** See {@link DirtyMap.unpark}. */
  unpark(path?: ByteString): void {
    this.dirty.unpark(path);
    this.#changed(false);
  }

  /** Renames that the target has not seen, and whose names were not marked since, oldest first. */
  renames(): readonly Rename[] {
    // A new name that went with a directory that was compared as a whole is in the target without a hint.
    return this.#hints.current((to) => this.dirty.has(to));
  }

  /** For the ledger. */
  enter(mark: Mark, sequence: number, since: number | undefined): void {
    this.dirty.mark(mark, sequence, since);
    this.#hints.marked(mark.path);
  }

  /** For the ledger. */
  renamed(rename: Rename): void {
    const { from, to, isDirectory } = rename;
    const origin = isDirectory ? this.#hints.originOf(from) : null;
    if (origin !== null && this.dirty.has(to)) {
      this.#hints.add({ ...rename, from: origin });
      return;
    }
    // What was dirty already under its old name is not in the target, or is something else there.
    if (this.dirty.isMarkedTwice(from)) return;
    // That a directory goes is a mark for all that is below its name: it says nothing about what the target has.
    if (this.dirty.isInNewTree(isDirectory ? parentOf(from) : from)) return;
    if (!this.dirty.has(to)) return;
    this.#hints.add(rename);
  }
}

/** The books of one root. */
export class Ledger {
  readonly #store: LedgerStore;
  readonly #targets = new Map<string, TargetLedger>();
  #sequence: number;

  constructor(store: LedgerStore, targets: readonly string[]) {
    this.#store = store;
    this.#sequence = store.sequence;
    for (const name of targets) this.addTarget(name);
  }

  /** Keeps books for another target, which the store has room for already. */
  addTarget(name: string): void {
    const changed = (isNeeded: boolean) => this.#store.changed(isNeeded);
    this.#targets.set(name, new TargetLedger(this.#store.dirtyMap(name), changed));
  }

  /** Ends the books of a target. */
  removeTarget(name: string): void {
    this.#targets.delete(name);
  }

  /** The number of the last mark. */
  get sequence(): number {
    return this.#sequence;
  }

  /** @throws RangeError for a name that the ledger was not made with. */
  target(name: string): TargetLedger {
    const target = this.#targets.get(name);
    if (target === undefined) throw new RangeError(`expected a target of the root, got ${name}`);
    return target;
  }

  /**
   * Enters changes for all targets, or for one (a repair, a full sync).
   * @param since when they were noticed, in milliseconds since the epoch
   * @throws RangeError for an unknown target.
   */
  mark(marks: readonly Mark[], target?: string, since?: number): void {
    const targets = target === undefined ? [...this.#targets.values()] : [this.target(target)];
    for (const mark of marks) {
      const sequence = ++this.#sequence;
      for (const each of targets) each.enter(mark, sequence, since);
    }
    this.#store.marked(marks, this.#sequence, target, since);
  }

  /** Notes a rename, after the marks of both names. */
  renamed(rename: Rename): void {
    for (const each of this.#targets.values()) each.renamed(rename);
  }
}
