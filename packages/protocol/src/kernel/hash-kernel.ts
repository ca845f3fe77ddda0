/**
 * The xxHash functions of a kernel, as the checksums use them.
 * @module
 */

export type XxhName = "xxh64" | "xxh3" | "xxh128";

/** Where outside data is brought into the kernel for hashing, below `FREE_FROM`. */
export const STAGING: number = 32 << 10;
export const STAGING_BYTES: number = 32 << 10;

/** One hash on one kernel. Digests are left in the kernel, in the byte order of the wire. */
export interface XxhFunctions {
  reset(): void;
  update(at: number, length: number): void;
  digest(): void;
  /** One-shot with a seed (signed 32 bits); leaves the stream under way alone. */
  block(at: number, length: number, seed: number): void;
}

/** Somebody whose hash state is in a kernel. */
export interface HashState {
  /** Copies the state out: the kernel is wanted by another. */
  putAside(): void;
}
