/**
 * What of an entry goes into the snapshot.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { SnapshotEntry } from "../journal/snapshot.js";
import type { DiskEntry } from "./disk.js";

/** The clock's grain: what changed so short ago may change again without its ctime showing it (spec 6, 4.2). */
const GRAIN_NS = 2_000_000_000n;

export function toSnapshotEntry(path: ByteString, entry: DiskEntry): SnapshotEntry {
  const trusted = entry.ctimeNs + GRAIN_NS < BigInt(Date.now()) * 1_000_000n;
  return {
    path,
    mode: entry.mode,
    inode: entry.inode,
    ctimeNs: trusted ? entry.ctimeNs : 0n,
  };
}
