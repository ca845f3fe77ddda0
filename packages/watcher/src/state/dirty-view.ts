/**
 * What can be asked about the dirty paths of a target.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { reachOf } from "./dirty-entry.js";
import type { DirtyPaths } from "./dirty-paths.js";
import type { DirtyRecord } from "./dirty-record.js";
import { Reach } from "./mark.js";
import type { MarkTimes } from "./mark-times.js";
import type { TakeLimits } from "./take-marks.js";
import { parentOf } from "./tree-paths.js";

/** The part of a dirty map that changes nothing. */
export class DirtyView {
  readonly #paths: DirtyPaths;
  readonly #times: MarkTimes;

  constructor(paths: DirtyPaths, times: MarkTimes) {
    this.#paths = paths;
    this.#times = times;
  }

  /** Dirty paths, parked ones included. */
  get size(): number {
    return this.#paths.size;
  }

  get parkedCount(): number {
    return this.#paths.parked.size;
  }

  /** When the oldest mark was made that is neither settled nor parked (ms), `null` when there is none. */
  get oldestMark(): number | null {
    return this.oldestOffered(true);
  }

  /** The same without a root that is left for later: see {@link TakeLimits.withRoot}. */
  oldestOffered(withRoot: boolean): number | null {
    const first = this.#paths.offered.oldestFirst(withRoot);
    return first === null ? null : this.#times.momentOf(first);
  }

  /** The root is to be compared as a whole. */
  get isRootDue(): boolean {
    return this.#paths.offered.reconciles.has("");
  }

  /** When a dirty path was marked first since it was settled last (ms); `null` for one that is clean or parked. */
  markedAt(path: ByteString): number | null {
    const { offered } = this.#paths;
    const entry = offered.get(path);
    return entry === undefined ? null : this.#times.momentOf(offered.firstOf(path, entry));
  }

  /** When the first parked path is due (ms), `null` when none has a time. */
  get nextRetry(): number | null {
    return this.#paths.parked.nextRetry;
  }

  /** Paths that did not arrive. */
  parked(): IterableIterator<ByteString> {
    return this.#paths.parked.paths();
  }

  /** Whether a path is among these. */
  didNotArrive(path: ByteString): boolean {
    return this.#paths.parked.get(path) !== undefined;
  }

  /** Whether a mark with this number or a lower one is neither settled nor parked. */
  isPending(sequence: number): boolean {
    const { offered } = this.#paths;
    for (const [path, entry] of offered.entries()) {
      if (offered.firstOf(path, entry) <= sequence) return true;
    }
    return false;
  }

  /** Whether a mark with this number or a lower one is parked. */
  isParked(sequence: number): boolean {
    return this.#paths.parked.lowestFirst <= sequence;
  }

  has(path: ByteString): boolean {
    return this.#paths.has(path);
  }

  /** Whether a path is dirty and not parked. */
  isOffered(path: ByteString): boolean {
    return this.#paths.offered.has(path);
  }

  /** Whether a path was dirty already when it was marked last. */
  isMarkedTwice(path: ByteString): boolean {
    return this.#paths.offered.isMarkedTwice(path);
  }

  /** Whether a path is part of a directory that the target may not have yet, or not as a directory. */
  isInNewTree(path: ByteString): boolean {
    const { offered, parked } = this.#paths;
    for (let up = path; ; up = parentOf(up)) {
      const entry = offered.get(up) ?? parked.get(up)?.entry;
      if (entry !== undefined && reachOf(entry) !== Reach.Item) return true;
      if (up === "") return false;
    }
  }

  /** All dirty paths, parked ones last. */
  list(): IterableIterator<DirtyRecord & { readonly isParked: boolean }> {
    return this.#paths.list();
  }
}
