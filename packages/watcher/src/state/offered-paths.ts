/**
 * Dirty paths that wait for a push, in the order of their first marks, as far as they were not sent meanwhile.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { reachOf, sequenceOf } from "./dirty-entry.js";
import { Reach } from "./mark.js";

/** The offered paths of one target, with their entries (see dirty-entry.ts). */
export class OfferedPaths {
  readonly #entries = new Map<ByteString, number>();
  /** The numbers of first marks, where there was another one since. */
  readonly #firsts = new Map<ByteString, number>();
  /** Those that stand for all that is below them, deletes included. */
  readonly #reconciles = new Set<ByteString>();

  get size(): number {
    return this.#entries.size;
  }

  has(path: ByteString): boolean {
    return this.#entries.has(path);
  }

  get(path: ByteString): number | undefined {
    return this.#entries.get(path);
  }

  entries(): IterableIterator<[ByteString, number]> {
    return this.#entries.entries();
  }

  paths(): IterableIterator<ByteString> {
    return this.#entries.keys();
  }

  /** The directories that are to be compared as a whole. */
  get reconciles(): ReadonlySet<ByteString> {
    return this.#reconciles;
  }

  /** A new path goes to the end. */
  put(path: ByteString, entry: number): void {
    this.#entries.set(path, entry);
    if (reachOf(entry) === Reach.Reconcile) this.#reconciles.add(path);
  }

  /** The same, for a path whose first mark was not its last one. */
  putSince(path: ByteString, entry: number, first: number): void {
    this.#firsts.set(path, first);
    this.put(path, entry);
  }

  remove(path: ByteString): void {
    this.#entries.delete(path);
    this.#firsts.delete(path);
    this.#reconciles.delete(path);
  }

  /** The number of the first mark of a path that is not settled, given its entry. */
  firstOf(path: ByteString, entry: number): number {
    return this.#firsts.get(path) ?? sequenceOf(entry);
  }

  /** There is another mark of a path: its first one stays what it is. */
  keepFirst(path: ByteString, entry: number): void {
    if (!this.#firsts.has(path)) this.#firsts.set(path, sequenceOf(entry));
  }

  /** Whether a path was dirty already when it was marked last. */
  isMarkedTwice(path: ByteString): boolean {
    return this.#firsts.has(path);
  }

  /** The lowest number of a first mark, infinite when there is none. */
  get lowestFirst(): number {
    let lowest = Number.POSITIVE_INFINITY;
    for (const [path, entry] of this.#entries) lowest = Math.min(lowest, this.firstOf(path, entry));
    return lowest;
  }

  /** The number of the first mark of the path that has waited longest, `null` when there is none. */
  oldestFirst(withRoot: boolean): number | null {
    for (const [path, entry] of this.#entries) {
      if (withRoot || path !== "" || !this.#reconciles.has("")) return this.firstOf(path, entry);
    }
    return null;
  }
}
