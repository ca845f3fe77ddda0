/**
 * `varlong(m)`: a signed 64-bit integer in m to nine bytes. Protocol 30 and later.
 *
 *     first byte      E one-bits, a zero bit, then the top bits of the value
 *     m - 1 bytes     the lowest bytes of the value, least significant first
 *     E more bytes    the next higher ones
 *
 * Values are JavaScript numbers; what does not fit one exactly is refused.
 * Spec: docs/protocol/1-session.md, 1.
 * @module
 */
import { ProtocolError, StreamError } from "../errors.js";
import { type Cursor, take } from "./cursor.js";
import { reserve, type Writer } from "./writer.js";

const MAX_BYTES = 9;
const MAX_EXTRA = 6;
const TWO_32 = 0x1_0000_0000;

/** Joins the two halves of a 64-bit value (`high` signed) and checks that a number holds it exactly. */
export function joinHalves(low: number, high: number): number {
  // Nearly always: a small integer takes no memory of its own, the sum of two doubles does.
  if (high === 0) return low >>> 0;
  const value = (high | 0) * TWO_32 + (low >>> 0);
  if (Number.isSafeInteger(value)) return value;
  throw new ProtocolError(`64-bit value: expected at most 2^53 - 1 in size, got about ${value}`);
}

/**
 * Reads a varlong of at least `minBytes` bytes.
 * @throws StreamError when the first byte announces more than nine bytes in all; ProtocolError beyond 2^53.
 */
export function readVarlong(cursor: Cursor, minBytes: number): number {
  const { bytes } = cursor;
  const start = take(cursor, minBytes);
  const first = bytes[start]!;
  const extra = first < 0x80 ? 0 : Math.min(MAX_EXTRA, Math.clz32(~(first << 24)));
  if (minBytes + extra > MAX_BYTES) {
    throw new StreamError(`varlong: expected at most ${MAX_BYTES} bytes, got ${minBytes + extra}`);
  }
  take(cursor, extra);
  const count = minBytes - 1 + extra;
  let low = 0;
  let high = 0;
  for (let i = 0; i < count; i++) {
    const byte = bytes[start + 1 + i]!;
    if (i < 4) low |= byte << (8 * i);
    else high |= byte << (8 * (i - 4));
  }
  const top = first & ((1 << (8 - extra)) - 1);
  if (count < 4) low |= top << (8 * count);
  else if (count < 8) high |= top << (8 * (count - 4));
  return joinHalves(low, high);
}

/**
 * Writes `value` with at least `minBytes` bytes.
 * @throws RangeError when `value` is not a safe integer.
 */
export function writeVarlong(writer: Writer, value: number, minBytes: number): void {
  if (!Number.isSafeInteger(value))
    throw new RangeError(`varlong: expected a safe integer, got ${value}`);
  const low = value >>> 0;
  const high = Math.floor(value / TWO_32) | 0;
  const byteAt = (index: number) =>
    index < 4 ? (low >>> (8 * index)) & 0xff : (high >>> (8 * (index - 4))) & 0xff;
  let count = 8;
  while (count > minBytes && byteAt(count - 1) === 0) count--;
  const top = byteAt(count - 1);
  let extra = count - minBytes;
  const fits = top < 1 << (7 - extra);
  if (!fits) extra++;
  const start = reserve(writer, minBytes + extra);
  const { bytes } = writer;
  const mark = (0xff00 >> extra) & 0xff;
  bytes[start] = fits ? mark | top : mark;
  const rest = fits ? count - 1 : count;
  for (let i = 0; i < rest; i++) bytes[start + 1 + i] = byteAt(i);
}
