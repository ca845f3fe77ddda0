/**
 * Hard links at the destination.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { FileTree } from "../tree/file-tree.js";
import { temporaryPath } from "../tree/temporary-name.js";

/**
 * Makes `path` a name of the item `existing.path` of `existing.tree`. What is at `path` (`isTaken`; no directory, and not that
 * item) is replaced, and never missing meanwhile.
 */
export async function replaceByLink(
  tree: FileTree,
  path: ByteString,
  existing: { tree: FileTree; path: ByteString },
  isTaken: boolean,
): Promise<void> {
  if (!isTaken) {
    await tree.linkFrom(existing.tree, existing.path, path);
    return;
  }
  const temporary = temporaryPath(path);
  await tree.linkFrom(existing.tree, existing.path, temporary);
  try {
    await tree.rename(temporary, path);
  } catch (error) {
    await tree.removeFile(temporary);
    throw error;
  }
}
