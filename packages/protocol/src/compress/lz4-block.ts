/**
 * LZ4 blocks in plain JavaScript, for where there is no kernel: each data record of the lz4 encoding is one, complete in itself (spec 3-transfer, 6.4; the format is public:
 * https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md).
 *
 *     sequence = token, literal count beyond 15, literals, offset (2 bytes), copy length beyond 19
 *
 * The last sequence is literals only, the last five bytes are always literals, and the last copy begins at least twelve
 * bytes before the end.
 * @module
 */
import { StreamError } from "../errors.js";

const MIN_COPY = 4;
const LAST_LITERALS = 5;
const COPY_LIMIT = 12;
const TABLE_BITS = 12;
const MULTIPLIER = 0x9e3779b1;
/** After this many misses (as a power of two) the search takes larger steps. */
const SKIP_BITS = 6;

/** Compresses blocks of at most 65535 bytes. It keeps a table, so that a block costs no memory. */
export class PlainLz4Compressor {
  /** The last position of each hash, plus one. */
  readonly #table = new Uint16Array(1 << TABLE_BITS);

  /**
   * Compresses `source` into `target` and returns how many bytes that took, or -1 where they would be more than
   * `target.length`.
   */
  compress(source: Uint8Array, target: Uint8Array): number {
    if (source.length > 0xffff) throw new RangeError(`lz4 block: ${source.length} bytes`);
    const view = new DataView(source.buffer, source.byteOffset, source.byteLength);
    const table = this.#table.fill(0);
    const lastStart = source.length - COPY_LIMIT;
    let anchor = 0;
    let out = 0;
    let at = 0;
    let misses = 1 << SKIP_BITS;
    while (at <= lastStart) {
      const word = view.getUint32(at, true);
      const slot = Math.imul(word, MULTIPLIER) >>> (32 - TABLE_BITS);
      const earlier = table[slot]! - 1;
      table[slot] = at + 1;
      if (earlier < 0 || view.getUint32(earlier, true) !== word) {
        at += misses++ >> SKIP_BITS;
        continue;
      }
      misses = 1 << SKIP_BITS;
      const length = copyLength(source, earlier, at);
      out = putLiterals(source, anchor, at, target, out, length - MIN_COPY);
      if (out < 0 || out + 3 + length / 255 > target.length) return -1;
      target[out++] = (at - earlier) & 0xff;
      target[out++] = (at - earlier) >> 8;
      if (length - MIN_COPY >= 15) out = putLength(target, out, length - MIN_COPY - 15);
      at += length;
      anchor = at;
    }
    return putLiterals(source, anchor, source.length, target, out, 0);
  }
}

function copyLength(source: Uint8Array, earlier: number, at: number): number {
  const end = source.length - LAST_LITERALS;
  const start = at;
  at += MIN_COPY;
  earlier += MIN_COPY;
  while (at < end && source[at] === source[earlier]) {
    at++;
    earlier++;
  }
  return at - start;
}

/** Writes a token with its literals; -1 when there is no room. `copied` is what goes into the low half of the token. */
function putLiterals(
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  out: number,
  copied: number,
): number {
  const count = end - start;
  if (out + 1 + Math.ceil((count + 1) / 255) + count > target.length) return -1;
  target[out++] = (Math.min(count, 15) << 4) | Math.min(copied, 15);
  if (count >= 15) out = putLength(target, out, count - 15);
  if (count > 32) target.set(source.subarray(start, end), out);
  else for (let i = 0; i < count; i++) target[out + i] = source[start + i]!;
  return out + count;
}

function putLength(target: Uint8Array, out: number, rest: number): number {
  for (; rest >= 255; rest -= 255) target[out++] = 255;
  target[out++] = rest;
  return out;
}

/**
 * Expands one block into `target` and returns how many bytes that made.
 * @throws StreamError when the block is damaged or holds more than `target.length` bytes.
 */
export function expandPlainLz4Block(source: Uint8Array, target: Uint8Array): number {
  let at = 0;
  let out = 0;
  const readLength = (low: number): number => {
    if (low < 15) return low;
    for (let total = low; ; ) {
      const byte = at < source.length ? source[at++]! : fail("its end is missing");
      total += byte;
      if (byte !== 255) return total;
    }
  };
  for (;;) {
    if (at >= source.length) fail("its end is missing");
    const token = source[at++]!;
    const literals = readLength(token >> 4);
    if (literals > source.length - at) fail("its end is missing");
    if (literals > target.length - out) fail(`it holds more than ${target.length} bytes`);
    if (literals > 32) target.set(source.subarray(at, at + literals), out);
    else for (let i = 0; i < literals; i++) target[out + i] = source[at + i]!;
    at += literals;
    out += literals;
    if (at === source.length) return out;
    if (at + 2 > source.length) fail("its end is missing");
    const distance = source[at]! | (source[at + 1]! << 8);
    at += 2;
    if (distance === 0 || distance > out) fail("a copy from before its start");
    const length = readLength(token & 15) + MIN_COPY;
    if (length > target.length - out) fail(`it holds more than ${target.length} bytes`);
    out = copyWithin(target, out, distance, length);
  }
}

/** Copies that overlap repeat what they have just written. */
function copyWithin(target: Uint8Array, out: number, distance: number, length: number): number {
  if (length > 32 && distance >= length) {
    target.copyWithin(out, out - distance, out - distance + length);
  } else {
    for (let i = 0; i < length; i++) target[out + i] = target[out + i - distance]!;
  }
  return out + length;
}

function fail(problem: string): never {
  throw new StreamError(`lz4 block: ${problem}`);
}
