/**
 * The basis of a regular file: what the sender's data is put together with (spec 3-transfer, 2.3).
 * @module
 */

import { BasisType } from "@tsrsync/protocol/item";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { FileStat, FileTree } from "../tree/file-tree.js";
import type { AlternateMatch } from "./alternate-match.js";

export interface Basis {
  /** As in the item record: `BasisType`, or the number of an alternate directory. */
  type: number;
  /** The name of a fuzzy basis; `null` for the others. */
  xname: ByteString | null;
  tree: FileTree;
  path: ByteString;
  stat: FileStat;
  /** What the record compares the entry with; `null`: the file counts as new. */
  compared: FileStat | null;
}

/** The file at the destination itself. */
export function destinationBasis(tree: FileTree, path: ByteString, stat: FileStat): Basis {
  return { type: BasisType.Destination, xname: null, tree, path, stat, compared: stat };
}

/** A file of an alternate directory. */
export function alternateBasis({ index, tree, path, stat }: AlternateMatch): Basis {
  return { type: index, xname: null, tree, path, stat, compared: stat };
}

/** A file of another name: `directory` is its number, 0 for the directory of the file itself. */
export function fuzzyBasis(
  directory: number,
  { tree, path, stat }: Pick<Basis, "tree" | "path" | "stat">,
): Basis {
  const xname = path.slice(path.lastIndexOf("/") + 1);
  return { type: BasisType.Fuzzy + directory, xname, tree, path, stat, compared: null };
}
