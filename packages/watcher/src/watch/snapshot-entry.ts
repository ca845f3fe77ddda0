/**
 * What of an entry goes into the snapshot.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { type SnapshotEntry, trustedCtime } from "../journal/snapshot.js";
import type { DiskEntry } from "./disk.js";

export function toSnapshotEntry(path: ByteString, entry: DiskEntry): SnapshotEntry {
  return {
    path,
    mode: entry.mode,
    inode: entry.inode,
    ctimeNs: trustedCtime(entry.ctimeNs),
  };
}
