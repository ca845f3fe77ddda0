/**
 * `--keep-dirlinks`: a link to a directory stands for it where a directory is received, as long as it stays in the destination.
 * @module
 */
import { isDirectoryMode } from "@tsrsync/protocol/file-list";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { FileStat, FileTree } from "../tree/file-tree.js";
import { isLinkMode } from "../tree/item-type.js";
import { errorCode, treeError } from "../tree/system-error.js";

const MAX_LINKS = 40;

/** Where a directory of the list is to be. */
export interface KeptDirectory {
  /** Free of links, if it leads to a directory. */
  path: ByteString;
  stat: FileStat | null;
}

/**
 * Looks at the place of a directory, through links. `null`: a link leads out of the destination; it is left alone, and nothing
 * can be put behind it.
 */
export async function throughKeptLink(
  tree: FileTree,
  path: ByteString,
): Promise<KeptDirectory | null> {
  const stat = await tree.stat(path);
  if (stat === null || !isLinkMode(stat.mode)) return { path, stat };
  try {
    const referent = await tree.statFollowing(path);
    if (referent === null || !isDirectoryMode(referent.mode)) return { path, stat };
    const real = await withoutLinks(tree, path);
    return { path: real, stat: await tree.stat(real) };
  } catch (error) {
    if (errorCode(error) === "ELOOP") return null;
    throw error;
  }
}

/** The path without links on it; the tree guards the border again when it is used. */
async function withoutLinks(tree: FileTree, path: ByteString): Promise<ByteString> {
  const pending = path.split("/").reverse();
  const real: ByteString[] = [];
  for (let links = 0; pending.length > 0; ) {
    const name = pending.pop()!;
    if (name === "" || name === ".") continue;
    if (name === "..") {
      if (real.pop() === undefined) throw treeError("ELOOP", "resolve", path);
      continue;
    }
    const at = [...real, name].join("/");
    const stat = await tree.stat(at);
    if (stat === null || !isLinkMode(stat.mode)) real.push(name);
    else {
      const target = await tree.readLink(at);
      if (target.startsWith("/") || ++links > MAX_LINKS) throw treeError("ELOOP", "resolve", path);
      pending.push(...target.split("/").reverse());
    }
  }
  return real.join("/") || ".";
}
