/**
 * Entries that stand for the same item. Spec: docs/protocol/2-file-list.md, 2.7.3.
 * @module
 */
import type { ByteString } from "../wire/index.js";
import { EntryFlag, type FileEntry, isDirectory } from "./file-entry.js";

/**
 * Marks all but one of the entries of each name as dropped; they keep their place and index. Of equal ones the first
 * stays, but a directory wins over what is none; directories of the same name are merged into the first.
 * `sorted` is one list in sorted order. For receivers only.
 */
export function markDuplicates(sorted: readonly FileEntry[], protocol: number): void {
  let kept: FileEntry | null = null;
  const directories = new Set<ByteString>();
  for (const entry of sorted) {
    if (entry.flags & EntryFlag.Dropped) continue;
    if (kept !== null && kept.name === entry.name && isSameItem(kept, entry, protocol)) {
      kept = merge(kept, entry);
    } else {
      kept = entry;
    }
    if (isDirectory(kept)) directories.add(kept.name);
  }
  // From 29 on a file and a directory of one name are not neighbours.
  if (protocol >= 29 && directories.size > 0) dropShadowed(sorted, directories);
}

function isSameItem(kept: FileEntry, entry: FileEntry, protocol: number): boolean {
  return protocol < 29 || isDirectory(kept) === isDirectory(entry);
}

/** Drops one of two entries of the same name; returns the other. */
function merge(kept: FileEntry, later: FileEntry): FileEntry {
  if (!isDirectory(later)) {
    later.flags |= EntryFlag.Dropped;
    return kept;
  }
  if (!isDirectory(kept)) {
    kept.flags |= EntryFlag.Dropped;
    return later;
  }
  kept.flags |= later.flags & (EntryFlag.ContentDir | EntryFlag.TopDir);
  if (!(later.flags & EntryFlag.ImpliedDir)) kept.flags &= ~EntryFlag.ImpliedDir;
  later.flags |= EntryFlag.Dropped;
  return kept;
}

function dropShadowed(sorted: readonly FileEntry[], directories: ReadonlySet<ByteString>): void {
  for (const entry of sorted) {
    if (!isDirectory(entry) && directories.has(entry.name)) entry.flags |= EntryFlag.Dropped;
  }
}
