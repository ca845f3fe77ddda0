/**
 * Where a transfer goes to.
 * @module
 */
import type { FileEntry } from "@tsrsync/protocol/file-list";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { ExtendedAttributes } from "../attributes/extended-attributes.js";
import type { FilterPlace } from "../filter/rule-files.js";
import type { Privileges } from "../generator/differences.js";
import type { Awaitable, FileTree } from "../tree/file-tree.js";
import type { PartOfWay } from "../tree/open-below.js";

/** A directory of `--compare-dest`, `--copy-dest` or `--link-dest`. */
export interface AlternateDirectory {
  /** `null` when it can not be used: nothing in it matches. */
  tree: FileTree | null;
}

export interface Destination {
  tree: FileTree;
  /** The name that the single entry of the transfer gets here, when it is not its own. */
  localName: ByteString | null;
  /** The root was made for this transfer, or would have been: it counts as new. */
  isNew?: boolean;
  /** Where the tree lies, as far as filter rules want to know. */
  filterPlace?: FilterPlace | undefined;
  privileges: Privileges;
  /** With `-A` or `-X`. */
  extended?: ExtendedAttributes;
  /** A directory that an option names, seen from here; as far as it is there. */
  enterAside(path: ByteString): Awaitable<PartOfWay<FileTree>>;
  /** Directories that may have files already, in the order of their options; basis types count on that. */
  alternates?: readonly AlternateDirectory[];
  /** A path of the tree as texts show it: quoted, absolute or relative to the module. */
  describe(path: ByteString): ByteString;
}

/** Where an entry lives in the destination's tree. */
export function localPath(destination: Destination, entry: FileEntry): ByteString {
  return destination.localName ?? entry.name;
}
