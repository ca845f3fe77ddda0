/**
 * Recent renames, as long as they may spare sending data (spec 6, 3.5). They are hints: a push looks at both names, and
 * where the old data does not fit it is sent.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { Mark, Rename } from "./mark.js";
import { parentOf } from "./tree-paths.js";

const MAX_RENAMES = 4096;

interface Hint {
  readonly rename: Rename;
  isSent: boolean;
  /** Parts of a moved directory that are left for later pushes. */
  readonly rest: Set<ByteString>;
}

/** The renames that one target has not seen. */
export class LinkHints {
  readonly #byTo = new Map<ByteString, Hint>();
  readonly #toOf = new Map<ByteString, ByteString>();

  get size(): number {
    return this.#byTo.size;
  }

  /** Notes a rename. Beyond a limit the oldest is forgotten. */
  add(rename: Rename): void {
    this.#drop(rename.to);
    this.#dropFrom(rename.from);
    this.#byTo.set(rename.to, { rename, isSent: false, rest: new Set() });
    this.#toOf.set(rename.from, rename.to);
    if (this.#byTo.size <= MAX_RENAMES) return;
    const [oldest] = this.#byTo.keys();
    if (oldest !== undefined) this.#drop(oldest);
  }

  /** What the target has a directory under that moved on before it was sent there; `null` for others. */
  originOf(directory: ByteString): ByteString | null {
    const hint = this.#byTo.get(directory);
    if (hint === undefined || !hint.rename.isDirectory) return null;
    return hint.isSent || hint.rest.size > 0 ? null : hint.rename.from;
  }

  /** A path was marked: a file of that name is not what was moved. A directory keeps most of what it had. */
  marked(path: ByteString): void {
    if (this.#byTo.size === 0) return;
    if (this.#byTo.get(path)?.rename.isDirectory === false) this.#drop(path);
    this.#dropFrom(path);
  }

  /** What the target has now, and what of it was left for later. Where something failed the data will be sent. */
  settled(marks: readonly Mark[], rest: readonly Mark[], failed: ReadonlySet<ByteString>): void {
    const changed = new Set<Hint>();
    for (const { path } of marks) {
      for (const hint of this.#around(path)) {
        if (hint.rename.to === path) hint.isSent = true;
        hint.rest.delete(path);
        changed.add(hint);
      }
    }
    for (const { path } of rest) for (const hint of this.#around(path)) hint.rest.add(path);
    for (const hint of changed) {
      if (hint.isSent && hint.rest.size === 0) this.#drop(hint.rename.to);
    }
    for (const path of failed) for (const hint of this.#around(path)) this.#drop(hint.rename.to);
  }

  /**
   * Oldest first.
   * @param isDirty whether a new name is still to be sent; hints for others are forgotten
   */
  current(isDirty: (to: ByteString) => boolean): readonly Rename[] {
    const hints = [...this.#byTo.values()];
    for (const { rename, rest } of hints) {
      if (rest.size === 0 && !isDirty(rename.to)) this.#drop(rename.to);
    }
    return [...this.#byTo.values()].map(({ rename }) => rename);
  }

  /** The hints whose new name is `path`, or a directory that it lies in. */
  #around(path: ByteString): Hint[] {
    const hints: Hint[] = [];
    for (let up = path; up !== ""; up = parentOf(up)) {
      const hint = this.#byTo.get(up);
      if (hint !== undefined) hints.push(hint);
    }
    return hints;
  }

  #dropFrom(from: ByteString): void {
    const to = this.#toOf.get(from);
    if (to !== undefined) this.#drop(to);
  }

  #drop(to: ByteString): void {
    const hint = this.#byTo.get(to);
    if (hint === undefined) return;
    this.#byTo.delete(to);
    this.#toOf.delete(hint.rename.from);
  }
}
