/**
 * Into which blocks a basis is cut, and the sum head that says so.
 *
 *     int count       number of blocks
 *     int blength     bytes of a block
 *     int s2length    bytes of a strong sum; protocol 27 and later
 *     int remainder   bytes of the last block if it is short, else 0
 *
 * Spec: docs/protocol/3-transfer.md, 4.1 to 4.3.
 * @module
 */
import { ProtocolError } from "../errors.js";
import { type Cursor, readInt, take, type Writer, within, writeInt } from "../wire/index.js";

export interface SumHead {
  count: number;
  blockLength: number;
  s2length: number;
  /** Length of the last block; 0: it is full. */
  remainder: number;
}

/** No basis: everything comes as literal data. */
export const EMPTY_SUM_HEAD: Readonly<SumHead> = Object.freeze({
  count: 0,
  blockLength: 0,
  s2length: 0,
  remainder: 0,
});

const HEAD_BYTES = 16;
/** Without the length of the strong sums. */
const OLD_HEAD_BYTES = 12;
/** Below protocol 27 all strong sums have this length, but those of a redo. */
const OLD_STRONG_LENGTH = 2;
const MAX_COUNT = 2 ** 31 - 1;
const DEFAULT_BLOCK = 700;
/** Up to this size a basis is cut into blocks of 700 bytes. */
const SMALL_BASIS = 490_000;
/** All reference versions use at most this much of a digest in a request. */
const MAX_STRONG_LENGTH = 16;

/** The longest block that a peer of this protocol version may use, in bytes. */
export function maxBlockLength(protocol: number): number {
  return protocol >= 30 ? 1 << 17 : 1 << 29;
}

export interface SumHeadOptions {
  protocol: number;
  /** `--block-size`; `null` or 0: chosen by the size of the basis. */
  blockSize: number | null;
  /** Digest length of the transfer's strong sum. */
  digestLength: number;
  /** This is the second request for a file that failed its verification: strong sums in full. */
  redo: boolean;
}

/**
 * The head for a basis of `size` bytes.
 * @throws RangeError if the block size is not allowed in this protocol version.
 */
export function computeSumHead(size: number, options: SumHeadOptions): SumHead {
  if (size === 0) return { ...EMPTY_SUM_HEAD };
  const blockLength = options.blockSize || defaultBlockLength(size, options.protocol);
  if (!(blockLength > 0 && blockLength <= maxBlockLength(options.protocol))) {
    throw new RangeError(
      `block size: expected 1..${maxBlockLength(options.protocol)}, got ${blockLength}`,
    );
  }
  const count = Math.ceil(size / blockLength);
  if (count > MAX_COUNT) return { ...EMPTY_SUM_HEAD };
  const longest = Math.min(MAX_STRONG_LENGTH, options.digestLength);
  if (options.redo) return { count, blockLength, s2length: longest, remainder: size % blockLength };
  const s2length =
    options.protocol < 27 ? OLD_STRONG_LENGTH : strongLength(size, blockLength, longest);
  return { count, blockLength, s2length, remainder: size % blockLength };
}

function defaultBlockLength(size: number, protocol: number): number {
  if (size <= SMALL_BASIS) return DEFAULT_BLOCK;
  const longest = maxBlockLength(protocol);
  if (2 ** Math.floor(floorLog2(size) / 2) >= longest) return longest;
  const root = Math.floor(Math.sqrt(size));
  return Math.max(DEFAULT_BLOCK, root - (root % 8));
}

/** The shorter the basis and the longer its blocks, the fewer bytes keep chance matches improbable. */
function strongLength(size: number, blockLength: number, longest: number): number {
  const bits = Math.max(0, 10 + 2 * floorLog2(size) - floorLog2(blockLength));
  const bytes = Math.trunc((bits - 24) / 8);
  return Math.min(Math.max(bytes, 2), longest);
}

/** Exact up to 2^53, where Math.log2 is not. */
function floorLog2(value: number): number {
  const high = Math.floor(value / 2 ** 32);
  return high > 0 ? 63 - Math.clz32(high) : 31 - Math.clz32(value);
}

/** Against what a head from the peer is checked. */
export interface SumHeadLimits {
  protocol: number;
  /** Digest length of the transfer's strong sum. */
  digestLength: number;
}

/**
 * @param redo the request is the second one for its file
 * @throws ProtocolError for a head outside the limits of spec 3-transfer, 4.3.
 */
export function readSumHead(cursor: Cursor, limits: SumHeadLimits, redo = false): SumHead {
  // All or nothing: a retry after an underflow starts at the first field.
  const isOld = limits.protocol < 27;
  const bytes = isOld ? OLD_HEAD_BYTES : HEAD_BYTES;
  take(cursor, bytes);
  cursor.offset -= bytes;
  const count = within(readInt(cursor), "block count", 0, MAX_COUNT);
  const longest = maxBlockLength(limits.protocol);
  const blockLength = within(readInt(cursor), "block length", 0, longest);
  if (blockLength === 0 && count > 0) {
    throw new ProtocolError(
      `Invalid zero block length (expected 1..${longest} for ${count} blocks)`,
    );
  }
  // Generators from 3.2.0 to 3.4.1 ask for 16 bytes on a redo even where the digest is shorter.
  const strongest = Math.max(limits.digestLength, MAX_STRONG_LENGTH);
  const s2length = isOld
    ? redo
      ? MAX_STRONG_LENGTH
      : OLD_STRONG_LENGTH
    : within(readInt(cursor), "strong sum length", 0, strongest);
  const remainder = within(readInt(cursor), "last block length", 0, blockLength);
  within(count * blockLength, "length of all blocks", 0, Number.MAX_SAFE_INTEGER);
  return { count, blockLength, s2length, remainder };
}

export function writeSumHead(writer: Writer, head: Readonly<SumHead>, protocol: number): void {
  writeInt(writer, head.count);
  writeInt(writer, head.blockLength);
  if (protocol >= 27) writeInt(writer, head.s2length);
  writeInt(writer, head.remainder);
}

/** How many bytes block `index` has. */
export function blockSizeOf(head: Readonly<SumHead>, index: number): number {
  return index === head.count - 1 && head.remainder > 0 ? head.remainder : head.blockLength;
}

/** How many bytes all blocks have together. */
export function basisSizeOf(head: Readonly<SumHead>): number {
  if (head.count === 0) return 0;
  return (head.count - 1) * head.blockLength + blockSizeOf(head, head.count - 1);
}
