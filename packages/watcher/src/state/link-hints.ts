/**
 * Recent renames, as long as they may spare sending data (spec 6, 3.5). They are hints: a push looks at both names, and
 * where the old data does not fit it is sent.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { Rename } from "./mark.js";

const MAX_RENAMES = 4096;

/** The renames that one target has not seen. */
export class LinkHints {
  readonly #byTo = new Map<ByteString, Rename>();
  readonly #toOf = new Map<ByteString, ByteString>();

  get size(): number {
    return this.#byTo.size;
  }

  /** Notes a rename. Beyond a limit the oldest is forgotten. */
  add(rename: Rename): void {
    this.#drop(rename.to);
    this.#dropFrom(rename.from);
    this.#byTo.set(rename.to, rename);
    this.#toOf.set(rename.from, rename.to);
    if (this.#byTo.size <= MAX_RENAMES) return;
    const [oldest] = this.#byTo.keys();
    if (oldest !== undefined) this.#drop(oldest);
  }

  /** A path was marked: a file of that name is not what was moved. A directory keeps most of what it had. */
  marked(path: ByteString): void {
    if (this.#byTo.size === 0) return;
    if (this.#byTo.get(path)?.isDirectory === false) this.#drop(path);
    this.#dropFrom(path);
  }

  /** The target has what is under this name now. */
  settled(path: ByteString): void {
    this.#drop(path);
  }

  /** Oldest first. */
  current(): readonly Rename[] {
    return [...this.#byTo.values()];
  }

  #dropFrom(from: ByteString): void {
    const to = this.#toOf.get(from);
    if (to !== undefined) this.#drop(to);
  }

  #drop(to: ByteString): void {
    const rename = this.#byTo.get(to);
    if (rename === undefined) return;
    this.#byTo.delete(to);
    this.#toOf.delete(rename.from);
  }
}
