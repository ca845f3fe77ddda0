/**
 * What is known of a directory that is polled.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { DiskEntry } from "./disk.js";

/** A directory is known from a walk when it comes to be polled; what has changed since then is told by its ctime. */
const MARGIN_MS = 2000;

/** An entry as the last look met it. */
export interface Known {
  /** 0 for one that was so young then that what changed it afterwards may not show. */
  ctimeNs: bigint;
  inode: bigint;
  directory: boolean;
}

export interface PolledListing {
  /** Everything with a later ctime is news; 0 when `entries` tell more exactly. */
  sinceNs: bigint;
  /** The directory itself at the last look; `null` before the first one. */
  own: DiskEntry | null;
  entries: Map<ByteString, Known>;
  /**
   * Names that targets were given since the last look, which need not have met them: those that are gone at the next one must go
   * there, too, and those that have changed again by then may look the same there. True for a directory of which something was
   * given although it was not known.
   */
  brought: Map<ByteString, boolean>;
}

/** Of a directory that has only just been walked. */
export function newListing(): PolledListing {
  const sinceNs = BigInt(Date.now() - MARGIN_MS) * 1_000_000n;
  return { sinceNs, own: null, entries: new Map(), brought: new Map() };
}
