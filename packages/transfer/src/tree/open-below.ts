/**
 * Directories that need not be there, inside a tree.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { FileTree } from "./file-tree.js";
import { errorCode } from "./system-error.js";
import { canonicalPath } from "./tree-path.js";

/** Whose links are followed on the way to a directory that an option names: those of root and our own, or any. */
export type LinkTrust = "own" | "any";

/** A directory as far as it is there. */
export interface PartOfWay<T> {
  tree: T;
  /** What is missing of the path, relative to `tree`; `""` when the directory is there. */
  missing: ByteString;
}

/** A tree rooted at the directory `path` of `tree`, or at the last one on the way that exists. */
export async function openBelow(tree: FileTree, path: ByteString): Promise<PartOfWay<FileTree>> {
  const names = canonicalPath(path).split("/");
  for (let count = names.length; ; count--) {
    try {
      const below = await tree.subtree(names.slice(0, count).join("/"));
      return { tree: below, missing: names.slice(count).join("/") };
    } catch (error) {
      if (errorCode(error) !== "ENOENT" || count === 0) throw error;
    }
  }
}
