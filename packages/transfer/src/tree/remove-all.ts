/**
 * Removing a directory with all that is in it.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { FileTree } from "./file-tree.js";
import { isDirectoryMode } from "./item-type.js";

/** Removes the directory `path` and everything below it; links are removed, not followed. */
export async function removeAll(tree: FileTree, path: ByteString): Promise<void> {
  for (const name of await tree.list(path)) {
    const child = `${path}/${name}`;
    const stat = await tree.stat(child);
    if (stat === null) continue;
    if (isDirectoryMode(stat.mode)) await removeAll(tree, child);
    else await tree.removeFile(child);
  }
  await tree.removeDirectory(path);
}
