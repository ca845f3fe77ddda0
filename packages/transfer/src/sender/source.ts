/**
 * Source arguments: which directory is entered, and what is listed there (spec 4-command, 7.1).
 * @module
 */
import type { FileEntry } from "@tsrsync/protocol/file-list";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { FilterPlace } from "../filter/rule-files.js";
import type { FileTree } from "../tree/file-tree.js";

/** A source argument taken apart. */
export interface SourceArgument {
  /** The directory to enter; `.` when the argument names none. */
  directory: ByteString;
  /** What is listed in it: a name, or `.` for its contents. */
  name: ByteString;
}

/** Splits a source path: `a/b` lists `b` of `a`, `a/b/` and `a/b/.` list the contents of `a/b`. */
export function parseSourceArgument(path: ByteString): SourceArgument {
  if (path === "" || path === ".") return { directory: ".", name: "." };
  const slash = path.lastIndexOf("/");
  const last = path.slice(slash + 1);
  if (last === "..") return { directory: path, name: "." };
  if (last !== "" && last !== ".") {
    const directory = slash < 0 ? "." : slash === 0 ? "/" : path.slice(0, slash);
    return { directory, name: last };
  }
  const directory = path.slice(0, slash).replace(/\/+$/, "");
  return { directory: directory === "" ? "/" : directory, name: "." };
}

/** Where the flags of an entry hold the index of its source: above the bits of the file list. */
const SOURCE_SHIFT = 16;
/** So many sources can be told apart. */
export const MAX_SOURCES = 0x7fff;

/** Flags that say from which source an entry is. */
export function markSource(index: number): number {
  return index << SOURCE_SHIFT;
}

/** The index of the source that an entry is from. */
export function sourceIndexOf(entry: FileEntry): number {
  return entry.flags >>> SOURCE_SHIFT;
}

/** A source that is open: entries are looked up in `tree`. */
export interface Source {
  tree: FileTree;
  name: ByteString;
  /** Where the tree lies, as far as filter rules want to know. */
  filterPlace?: FilterPlace;
  /** A path of the tree as texts show it: quoted, absolute or relative to the module. */
  describe(path: ByteString): ByteString;
}
