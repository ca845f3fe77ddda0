/**
 * The dirty paths of one target, offered or parked, and what of that the journal does not know yet.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { isForced, isStored, isTouched, reachOf, sequenceOf, withStored } from "./dirty-entry.js";
import type { DirtyChanges, DirtyRecord } from "./dirty-record.js";
import type { MarkTimes } from "./mark-times.js";
import { OfferedPaths } from "./offered-paths.js";
import { ParkedPaths } from "./parked-paths.js";
import { Unwritten } from "./unwritten.js";

/** Where each path is; whatever changes goes through here, so that it gets into the journal. */
export class DirtyPaths {
  readonly offered: OfferedPaths = new OfferedPaths();
  readonly parked: ParkedPaths = new ParkedPaths();
  readonly #times: MarkTimes;
  readonly #unwritten: Unwritten | null;

  constructor(times: MarkTimes, isJournaled: boolean) {
    this.#times = times;
    this.#unwritten = isJournaled ? new Unwritten() : null;
  }

  get size(): number {
    return this.offered.size + this.parked.size;
  }

  has(path: ByteString): boolean {
    return this.offered.has(path) || this.parked.get(path) !== undefined;
  }

  /** Offers a path, or changes what is offered of it. */
  store(path: ByteString, entry: number): void {
    this.offered.put(path, entry);
    this.#unwritten?.change(path);
  }

  /** The same, for a path whose first mark was not its last one. */
  storeSince(path: ByteString, entry: number, first: number): void {
    this.offered.putSince(path, entry, first);
    this.#unwritten?.change(path);
  }

  /** An offered path is clean. */
  remove(path: ByteString, entry: number): void {
    this.offered.remove(path);
    this.#unwritten?.remove(path, isStored(entry));
  }

  /** A parked path is clean, if it is one. */
  removeParked(path: ByteString): void {
    const parked = this.parked.take(path);
    if (parked !== undefined) this.#unwritten?.remove(path, isStored(parked.entry));
  }

  /** Parks a path, whether it was offered or not. */
  park(path: ByteString, entry: number, first: number, retryAt: number): void {
    this.offered.remove(path);
    this.parked.put(path, { entry, first, retryAt });
    this.#unwritten?.change(path);
  }

  /** Offers a path again, if it is parked. */
  offer(path: ByteString): void {
    const parked = this.parked.take(path);
    if (parked === undefined) return;
    if (parked.first === sequenceOf(parked.entry)) this.store(path, parked.entry);
    else this.storeSince(path, parked.entry, parked.first);
  }

  /** All dirty paths, parked ones last. */
  *list(): IterableIterator<DirtyRecord & { readonly isParked: boolean }> {
    for (const [path, entry] of this.offered.entries()) {
      yield { ...this.#toRecord(path, entry, this.offered.firstOf(path, entry)), isParked: false };
    }
    for (const path of this.parked.paths()) {
      const { entry, first } = this.parked.get(path)!;
      yield { ...this.#toRecord(path, entry, first), isParked: true };
    }
  }

  /** See `DirtyMap.takeChanges`. */
  takeChanges(): DirtyChanges {
    if (this.#unwritten === null || this.#unwritten.isEmpty) return { written: [], removed: [] };
    const { changed, removed } = this.#unwritten.take();
    const written: DirtyRecord[] = [];
    for (const path of changed) {
      const record = this.#writtenRecord(path);
      if (record !== null) written.push(record);
    }
    return { written, removed: [...removed].filter((path) => !changed.has(path)) };
  }

  /** See `DirtyMap.writeFailed`. */
  writeFailed({ written, removed }: DirtyChanges): void {
    for (const path of [...written.map((record) => record.path), ...removed]) {
      if (this.has(path)) this.#unwritten?.change(path);
      else this.#unwritten?.remove(path, true);
    }
  }

  #writtenRecord(path: ByteString): DirtyRecord | null {
    const parked = this.parked.get(path);
    const entry = this.offered.get(path) ?? parked?.entry;
    if (entry === undefined) return null;
    if (parked === undefined) this.offered.put(path, withStored(entry));
    else this.parked.put(path, { ...parked, entry: withStored(entry) });
    return this.#toRecord(path, entry, parked?.first ?? this.offered.firstOf(path, entry));
  }

  #toRecord(path: ByteString, entry: number, first: number): DirtyRecord {
    return {
      path,
      reach: reachOf(entry),
      force: isForced(entry),
      touched: isTouched(entry),
      sequence: sequenceOf(entry),
      first,
      since: this.#times.momentOf(first) ?? 0,
    };
  }
}
