/**
 * The names of the strong sums as they stand in negotiations and in `--checksum-choice`.
 * @module
 */

export type ChecksumName = "xxh128" | "xxh3" | "xxh64" | "md5" | "md4" | "sha1" | "none";

const DIGEST_LENGTHS: Readonly<Record<ChecksumName, number>> = {
  xxh128: 16,
  xxh3: 8,
  xxh64: 8,
  md5: 16,
  md4: 16,
  sha1: 20,
  none: 1,
};

/** How many bytes the digest has on the wire (D of spec 3-transfer, 4.5). */
export function digestLengthOf(name: ChecksumName): number {
  return DIGEST_LENGTHS[name];
}
