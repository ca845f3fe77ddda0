/**
 * Source arguments: which directory is entered, and what is listed there (spec 4-command, 7.1 and 7.2).
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
  /** What is listed in it: a name (with `--relative` one that may have directories in it), or `.` for its contents. */
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

/** A source argument under `--relative`. */
export interface RelativeArgument extends SourceArgument {
  /** A slash at the end: the contents are meant. */
  contents: boolean;
  /** A `./` at the start: the root itself is listed too. */
  dotted: boolean;
}

/** Splits a source path at its first `/./`; without one, what is listed begins at the root or where we are. */
export function parseRelativeArgument(path: ByteString): RelativeArgument {
  const mark = path.indexOf("/./");
  const outside = path.startsWith("/") ? "/" : ".";
  const directory = mark < 0 ? outside : path.slice(0, mark) || "/";
  const active = mark < 0 ? path : path.slice(mark + 3);
  const elements = active.split("/").filter((element) => element !== "" && element !== ".");
  return {
    directory,
    name: elements.join("/") || ".",
    contents: /(^|\/)\.?$/.test(active),
    dotted: mark < 0 && active.startsWith("./") && elements.length > 0,
  };
}

/** A name from a list, without what would lead out of its directory; `.` elements stay, for `/./` has a meaning. */
export function clampName(name: ByteString): ByteString {
  const kept: ByteString[] = [];
  for (const element of name.split("/")) {
    if (element === "..") kept.pop();
    else if (element !== "") kept.push(element);
  }
  return kept.join("/") + (/\/(\.\.)?$/.test(name) && kept.length > 0 ? "/" : "");
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

/** A directory that was entered: entries are looked up in `tree`. */
export interface Source {
  readonly index: number;
  readonly tree: FileTree;
  /** The transfer root, as a path of its place. */
  readonly directory: ByteString;
  /** The tree is not that of the transfer root but of this directory below it; `""` for the root. */
  readonly prefix: ByteString;
  /** The source that `prefix` was entered from. */
  readonly outer: Source | null;
  /** Where the transfer root lies, as far as filter rules want to know. */
  readonly filterPlace?: FilterPlace | undefined;
  /** Names of entries whose items lie under other names in the tree. */
  readonly aliases?: ReadonlyMap<ByteString, ByteString> | undefined;
  /** The name of an entry as texts show it: quoted, absolute or relative to the module. */
  describe(name: ByteString): ByteString;
}

/** Where the entry called `name` lies in the tree of its source. */
export function treePath({ prefix, aliases }: Source, name: ByteString): ByteString {
  if (aliases !== undefined) return aliases.get(name) ?? name;
  if (prefix === "") return name;
  return name.length === prefix.length ? "." : name.slice(prefix.length + 1);
}

/** Something that is to be listed. */
export interface SourceItem {
  readonly source: Source;
  /** The name of its entry. */
  readonly name: ByteString;
  /** Of a directory the contents are meant. */
  readonly contents: boolean;
}
