/**
 * Deletions that a guard holds back: they stay dirty, parked, until they are released or the files are there again. A restart holds
 * them again.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { Reach } from "../state/mark.js";
import type { Taken } from "../state/take-marks.js";
import { isWithin, outermost, parentOf } from "../state/tree-paths.js";
import type { TargetContext } from "./target-context.js";

/** So many directories are named in the alarm. */
const MAX_DIRECTORIES = 5;

/** Kept under these names in the target's record. */
const UP_TO = "heldUpTo";
const TREES = "heldTrees";

/** The held deletions of one target. */
export class HeldDeletes {
  readonly #context: TargetContext;
  readonly #paths = new Set<ByteString>();
  /** Directories whose reconciliation found too much to delete, and how much; 0 where only an earlier process knew. */
  readonly #trees = new Map<ByteString, number>();
  /** What was let through and has not gone yet. */
  readonly #released = new Set<ByteString>();
  /** Those of `#paths` have marks up to this number. */
  #heldUpTo = 0;
  /** Deletions among marks up to this number were held when the last process ended. */
  #restoredUpTo: number;

  constructor(context: TargetContext) {
    this.#context = context;
    const upTo = context.record.get(UP_TO);
    this.#restoredUpTo = typeof upTo === "number" ? upTo : 0;
    const trees = context.record.get(TREES);
    for (const path of Array.isArray(trees) ? trees : [])
      if (typeof path === "string") this.#trees.set(path, 0);
  }

  get count(): number {
    let count = this.#paths.size;
    for (const extras of this.#trees.values()) count += extras;
    return count;
  }

  /** Nothing is held, and nothing is on its way that was. */
  get isOver(): boolean {
    return this.#paths.size + this.#trees.size + this.#released.size + this.#restoredUpTo === 0;
  }

  /** Whether a parked path waits for its release. */
  has(path: ByteString): boolean {
    return this.#paths.size > 0 && outermost(path, this.#paths) !== null;
  }

  /** Finds out again what was held when the last process ended. */
  start(): void {
    const marks = [...this.#trees.keys()].map((path) => ({ path, reach: Reach.Reconcile }));
    if (marks.length > 0) this.#context.mark(marks);
  }

  /** Whether names that are to be deleted were held back before. */
  wereHeld(deletes: readonly ByteString[], { oldest }: Taken): boolean {
    return oldest <= this.#restoredUpTo || deletes.some((path) => this.#paths.has(path));
  }

  /** The same of names that only the target has, below a directory. */
  wereHeldBelow(directory: ByteString): boolean {
    return [...this.#trees.keys()].some((path) => isWithin(path, directory));
  }

  /** Names that are gone from the source. */
  hold(paths: readonly ByteString[]): void {
    for (const path of paths) this.#paths.add(path);
    this.#heldUpTo = this.#context.sequence();
    this.#remember();
    this.#tell(paths);
  }

  /** Names that only the target has, below a directory that is to be made equal. */
  holdBelow(directory: ByteString, extras: readonly ByteString[]): void {
    this.#forgetBelow(directory);
    this.#trees.set(directory, extras.length);
    this.#remember();
    this.#tell(extras);
  }

  /** Nothing is held below a directory: it is made equal. */
  madeEqual(directory: ByteString): void {
    if (this.#trees.size === 0) return;
    this.#forgetBelow(directory);
    this.#remember();
    if (this.count === 0) this.#tell([]);
  }

  #forgetBelow(directory: ByteString): void {
    for (const path of this.#trees.keys()) if (isWithin(path, directory)) this.#trees.delete(path);
  }

  /** Offers everything again. */
  release(): void {
    const { ledger, mark } = this.#context;
    for (const path of [...ledger.dirty.parked()]) if (this.has(path)) ledger.unpark(path);
    mark([...this.#trees.keys()].map((path) => ({ path, reach: Reach.Reconcile })));
    for (const path of [...this.#paths, ...this.#trees.keys()]) this.#released.add(path);
    this.#paths.clear();
    this.#trees.clear();
    this.#restoredUpTo = 0;
    this.#remember();
    this.#tell([]);
  }

  /** Marks were settled: names that are there again, or went in another push, are not held any more. */
  settled(taken: Taken): void {
    if (this.isOver) return;
    const { dirty } = this.#context.ledger;
    for (const path of this.#released) if (!dirty.isOffered(path)) this.#released.delete(path);
    if (this.#restoredUpTo > 0 && !dirty.isPending(this.#restoredUpTo)) this.#restoredUpTo = 0;
    const before = this.#paths.size;
    for (const { path } of taken.entries) if (!dirty.didNotArrive(path)) this.#paths.delete(path);
    for (const path of taken.swallowed) if (!dirty.didNotArrive(path)) this.#paths.delete(path);
    this.#remember();
    if (this.#paths.size < before && this.count === 0) this.#tell([]);
  }

  /** For the next process. */
  #remember(): void {
    const { record } = this.#context;
    const upTo = this.#paths.size > 0 ? this.#heldUpTo : this.#restoredUpTo;
    const trees = this.#trees.size > 0 ? [...this.#trees.keys()] : undefined;
    if ((record.get(UP_TO) ?? 0) !== upTo) record.set(UP_TO, upTo > 0 ? upTo : undefined);
    if (trees !== undefined || record.get(TREES) !== undefined) record.set(TREES, trees);
  }

  #tell(paths: readonly ByteString[]): void {
    const { events, root, settings } = this.#context;
    const counts = new Map<ByteString, number>();
    for (const path of paths) {
      const directory = parentOf(path);
      counts.set(directory, (counts.get(directory) ?? 0) + 1);
    }
    const directories = [...counts]
      .sort(([, one], [, other]) => other - one)
      .slice(0, MAX_DIRECTORIES)
      .map(([directory]) => directory);
    events.emit("held", { root, target: settings.name, count: this.count, directories });
  }
}
