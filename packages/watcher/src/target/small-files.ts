/**
 * Whether the files of pushes are so small that they are sent whole: searching for what the target has would cost more.
 * @module
 */
import { FileType } from "@tsrsync/protocol/file-list";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { FileTree } from "@tsrsync/transfer";

/** What is smaller is sent whole. */
export const SMALL_BYTES: number = 16 * 1024;
/** A push of more files is not looked through. */
const LOOKED_AT = 64;
/** So many pushes in a row make a habit. */
export const HABIT = 8;

/**
 * The pushes to one target. Only where small files are the habit they are sent whole: connections are opened for pushes like the
 * last one, and a search in a small file now and then costs less than another connection.
 */
export class SmallFiles {
  #inARow = 0;

  /** A push of these paths comes: true when it is to send files whole. */
  areUsual(tree: FileTree, paths: readonly ByteString[]): boolean {
    const wasHabit = this.#inARow >= HABIT;
    this.#inARow = areSmall(tree, paths) ? this.#inARow + 1 : 0;
    return wasHabit && this.#inARow > 0;
  }
}

/** True when each of the paths is something small. */
function areSmall(tree: FileTree, paths: readonly ByteString[]): boolean {
  return paths.length <= LOOKED_AT && paths.every((path) => isSmall(tree, path));
}

function isSmall(tree: FileTree, path: ByteString): boolean {
  try {
    const stat = tree.stat(path);
    if (stat === null || stat instanceof Promise) return stat === null;
    return (stat.mode & FileType.Mask) !== FileType.Regular || stat.size < SMALL_BYTES;
  } catch {
    return true; // whoever sends it says what is wrong
  }
}
