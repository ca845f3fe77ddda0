/**
 * The strong sums of a session: which hash over which bytes, with the seed where it belongs. Spec 3-transfer, 4.5.
 * @module
 */
import type { ChecksumName } from "./checksum-name.js";
import type { HashStream } from "./hash-stream.js";

/** What of the session decides how its strong sums are made. */
export interface ChecksumContext {
  protocol: number;
  /** The checksum seed, a signed 32-bit integer. */
  seed: number;
  /** The compatibility flag CHKSUM_SEED_FIX: md5 block sums have the seed first. */
  seedFix: boolean;
  /** The checksum was negotiated or chosen by name; false: it is the protocol's default. */
  byName: boolean;
}

export interface StrongSum {
  readonly name: ChecksumName;
  /** Length of a digest on the wire, in bytes. */
  readonly digestLength: number;

  /** A stream for file checksums (spec 3-transfer, 7). */
  createFileHash(): HashStream;

  /**
   * Stores the first `length` bytes of the seeded block sum of `bytes` at `offset` of `into`.
   *
   * `bytes` are borrowed; those that lie in the memory of a kernel are hashed where they are. `length` is at most
   * `digestLength`.
   */
  blockSum(bytes: Uint8Array, into: Uint8Array, offset: number, length: number): void;
}
