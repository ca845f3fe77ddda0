/**
 * Files that only grow: what of them a target has for sure, so that the rest can be appended. Nothing is appended to a file
 * that we did not send ourselves, or that became shorter, or another one.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { FileStat, FileTree } from "@tsrsync/transfer";

/** So many files are remembered; others are sent by difference. */
const MAX_FILES = 1000;

interface SentFile {
  readonly ino: bigint;
  readonly size: number;
}

export class GrownFiles {
  readonly #fits: ((path: ByteString) => boolean) | null;
  /** The one sent last is last. */
  readonly #sent = new Map<ByteString, SentFile>();
  /** What is being sent. */
  readonly #under = new Map<ByteString, SentFile>();

  /** @param fits says which files only grow; `null` for none */
  constructor(fits: ((path: ByteString) => boolean) | null) {
    this.#fits = fits;
  }

  /** Whether a file can be appended to at the target; what it is now is noted for `settle`. */
  canAppend(tree: FileTree, path: ByteString): boolean {
    if (this.#fits?.(path) !== true) return false;
    const stat = statOf(tree, path);
    const sent = this.#sent.get(path);
    if (stat === null) return false;
    this.#under.set(path, { ino: stat.ino, size: stat.size });
    return sent !== undefined && sent.ino === stat.ino && sent.size < stat.size;
  }

  /** A push is over: all but what `hasFailed` is at the target, in at least the length noted. */
  settle(hasFailed: (path: ByteString) => boolean): void {
    for (const [path, file] of this.#under) {
      this.#sent.delete(path);
      if (!hasFailed(path)) this.#sent.set(path, file);
    }
    this.#under.clear();
    for (const path of this.#sent.keys()) {
      if (this.#sent.size <= MAX_FILES) break;
      this.#sent.delete(path);
    }
  }

  /** A push did not come to its end. */
  forget(): void {
    for (const path of this.#under.keys()) this.#sent.delete(path);
    this.#under.clear();
  }
}

function statOf(tree: FileTree, path: ByteString): FileStat | null {
  try {
    const stat = tree.stat(path);
    return stat instanceof Promise ? null : stat;
  } catch {
    return null; // whoever sends it says what is wrong
  }
}
