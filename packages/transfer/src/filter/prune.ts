/**
 * `--prune-empty-dirs`. Spec: docs/protocol/2-file-list.md, 2.7.5.
 * @module
 */
import { EntryFlag, type FileListSet, isDirectory } from "@tsrsync/protocol/file-list";
import type { FilterScope } from "@tsrsync/protocol/filter";
import type { ByteString } from "@tsrsync/protocol/wire";

/** Drops directories that hold nothing but directories, unless a rule protects one. Indexes stay as they are. */
export function pruneEmptyDirectories(lists: FileListSet, scope: FilterScope): void {
  const filled = new Set<ByteString>(["."]);
  for (const entry of entriesOf(lists)) {
    const { name } = entry;
    if (isDirectory(entry) && !scope.excludes(name, true)) continue;
    if (isDirectory(entry)) filled.add(name);
    for (let end = name.lastIndexOf("/"); end > 0; end = name.lastIndexOf("/", end - 1)) {
      const directory = name.slice(0, end);
      if (filled.has(directory)) break;
      filled.add(directory);
    }
  }
  for (const entry of entriesOf(lists)) {
    if (isDirectory(entry) && !filled.has(entry.name)) entry.flags |= EntryFlag.Dropped;
  }
}

function* entriesOf(lists: FileListSet) {
  for (const { entries } of lists.lists) {
    for (const entry of entries) if ((entry.flags & EntryFlag.Dropped) === 0) yield entry;
  }
}
