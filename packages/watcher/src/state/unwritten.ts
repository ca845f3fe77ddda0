/**
 * What of a dirty map is not in the journal yet. A path that is marked and settled between two writes costs none.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";

/** Paths whose records are to be written or removed. */
export class Unwritten {
  #changed = new Set<ByteString>();
  #removed = new Set<ByteString>();

  get isEmpty(): boolean {
    return this.#changed.size === 0 && this.#removed.size === 0;
  }

  /** The path is dirty in another way than before. */
  change(path: ByteString): void {
    this.#changed.add(path);
  }

  /** The path is clean; `isStored` says that there may be a record of it. */
  remove(path: ByteString, isStored: boolean): void {
    this.#changed.delete(path);
    if (isStored) this.#removed.add(path);
  }

  /** Hands over what is to be written; what is in both was removed before it was changed. */
  take(): { changed: ReadonlySet<ByteString>; removed: ReadonlySet<ByteString> } {
    const taken = { changed: this.#changed, removed: this.#removed };
    this.#changed = new Set();
    this.#removed = new Set();
    return taken;
  }
}
