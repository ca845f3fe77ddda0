/**
 * What a root looked like when its changes were last put into the journal: the start-up walk compares with it, so that what
 * changed while nobody watched is found without asking any target (spec 6, 4.1 to 4.3).
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";

/** One entry, as far as it tells whether anything changed. */
export interface SnapshotEntry {
  path: ByteString;
  /** Type and permission bits. */
  mode: number;
  inode: bigint;
  /** Nanoseconds; programs cannot set it back. 0 for an entry that was too young to be trusted. */
  ctimeNs: bigint;
}

/** The snapshot of one root. */
export interface Snapshot {
  /** False before the first walk was completed: nothing is known about this root. */
  readonly isComplete: boolean;
  /**
   * All entries, in the order in which a walk meets them that takes the names of each directory in byte order and goes into a
   * directory right after its entry (`a`, `a/x`, `a-b`): that of `path` with `/` replaced by NUL.
   */
  entries(): AsyncIterableIterator<SnapshotEntry[]>;
  /** Records what a walk saw. Written with the next commit, never before the marks that were made earlier. */
  saw(entry: SnapshotEntry): void;
  /** The entry, and all below it, is gone. */
  lost(path: ByteString): void;
  /** A walk came to its end. */
  completed(): void;
}

/** The clock's grain: what changed so short ago may change again without its ctime showing it (spec 6, 4.2). */
const GRAIN_NS = 2_000_000_000n;

/** The ctime to record for an entry that is looked at now: 0 when it is too young. Nanoseconds. */
export function trustedCtime(ctimeNs: bigint): bigint {
  return ctimeNs + GRAIN_NS < BigInt(Date.now()) * 1_000_000n ? ctimeNs : 0n;
}

/** The sort key of a path: see {@link Snapshot.entries}. */
export function walkOrderKey(path: ByteString): ByteString {
  return path.replaceAll("/", "\0");
}
