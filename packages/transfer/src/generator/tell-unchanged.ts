/**
 * What is told of items of which no data is wanted: at level 2 of the info flag NAME, as long as no format shows changes
 * (spec 4-command, 13.4); before protocol 29 a server's client knows of none of them but by their names.
 * @module
 */
import { type FileEntry, isDirectoryMode } from "@tsrsync/protocol/file-list";
import { ItemFlag, SIGNIFICANT_ITEM_FLAGS } from "@tsrsync/protocol/item";
import type { ByteString } from "@tsrsync/protocol/wire";

/**
 * The name, and what a link leads to, of what was made here, or of a directory that got other attributes; `null` for what
 * `unchangedText` is there for.
 */
export function madeText(
  entry: FileEntry,
  flags: number,
  xname: ByteString | null,
): ByteString | null {
  const isMade = (flags & ItemFlag.LocalChange) !== 0;
  const isLinked = isMade && xname !== null && xname !== "";
  if (isLinked) return `${entry.name} => ${xname}`;
  if ((flags & SIGNIFICANT_ITEM_FLAGS) === 0) return null;
  if (isDirectoryMode(entry.mode)) return `${entry.name}/`;
  if (!isMade) return null;
  const target = entry.extra?.linkTarget ?? null;
  return target === null ? entry.name : `${entry.name} -> ${target}`;
}

/** `F is uptodate`, the bare name of what only gets other attributes, or `null` for what the record tells enough of. */
export function unchangedText(
  entry: Pick<FileEntry, "name" | "mode">,
  flags: number,
  xname: ByteString | null,
): ByteString | null {
  const isMade = (flags & ItemFlag.LocalChange) !== 0;
  const isLinked = isMade && xname !== null && xname !== "";
  if ((flags & SIGNIFICANT_ITEM_FLAGS) !== 0 || isLinked) {
    return isMade || isDirectoryMode(entry.mode) ? null : entry.name;
  }
  // A directory is told only when it was made here, alike to one in an alternate directory.
  if (isDirectoryMode(entry.mode)) return isMade ? `${entry.name}/ is uptodate` : null;
  return `${entry.name} is uptodate`;
}
