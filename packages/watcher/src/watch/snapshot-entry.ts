/**
 * What of an entry goes into the snapshot.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { type Snapshot, type SnapshotEntry, trustedCtime } from "../journal/snapshot.js";
import type { DiskEntry } from "./disk.js";

export function toSnapshotEntry(path: ByteString, entry: DiskEntry): SnapshotEntry {
  return {
    path,
    mode: entry.mode,
    inode: entry.inode,
    ctimeNs: trustedCtime(entry.ctimeNs),
  };
}

/** Whether a snapshot knows of anything. */
export async function hasEntries(snapshot: Snapshot): Promise<boolean> {
  if (!snapshot.isComplete) return false;
  for await (const entries of snapshot.entries()) if (entries.length > 0) return true;
  return false;
}
