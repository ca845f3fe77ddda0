/**
 * Whether the files of a push are so small that they are sent whole: searching for what the target has would cost more.
 * @module
 */
import { FileType } from "@tsrsync/protocol/file-list";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { FileTree } from "@tsrsync/transfer";

/** What is smaller is sent whole. */
export const SMALL_BYTES: number = 16 * 1024;
/** A push of more files is not looked through. */
const LOOKED_AT = 64;

/** True when each of the paths is something smaller. */
export function areSmall(tree: FileTree, paths: readonly ByteString[]): boolean {
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
