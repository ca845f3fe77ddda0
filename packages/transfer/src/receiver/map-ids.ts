/**
 * From the sender's user and group ids to ours: by name where there is one, else by number (spec 2-file-list, 2.9.3).
 * @module
 */
import type { FileEntry } from "@tsrsync/protocol/file-list";
import type { ByteString } from "@tsrsync/protocol/wire";

interface NamedId {
  readonly id: number;
  readonly name: ByteString;
}

/** The local id for each announced one. Id 0 stays 0, and a name that we do not have stays a number. */
function localIds(
  announced: readonly NamedId[],
  lookup: (name: ByteString) => number | null,
): Map<number, number> {
  const map = new Map<number, number>();
  for (const { id, name } of announced) {
    const local = id === 0 ? null : lookup(name);
    if (local !== null && local !== id) map.set(id, local);
  }
  return map;
}

/** Replaces the owner ids of `entries` in place. */
export function mapUsers(
  entries: readonly FileEntry[],
  announced: readonly NamedId[],
  lookup: (name: ByteString) => number | null,
): void {
  const map = localIds(announced, lookup);
  if (map.size === 0) return;
  for (const entry of entries) entry.uid = map.get(entry.uid) ?? entry.uid;
}

/** Replaces the group ids of `entries` in place. */
export function mapGroups(
  entries: readonly FileEntry[],
  announced: readonly NamedId[],
  lookup: (name: ByteString) => number | null,
): void {
  const map = localIds(announced, lookup);
  if (map.size === 0) return;
  for (const entry of entries) entry.gid = map.get(entry.gid) ?? entry.gid;
}
