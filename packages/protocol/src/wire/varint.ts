/**
 * `varint`: a signed 32-bit integer in one to five bytes. Protocol 30 and later.
 *
 *     first byte    N one-bits, a zero bit, then the top bits of the value (N is 0 to 4)
 *     N more bytes  the rest of the value, least significant byte first
 *
 * Spec: docs/protocol/1-session.md, 1.
 * @module
 */
import { StreamError } from "../errors.js";
import { type Cursor, take } from "./cursor.js";
import { within } from "./integers.js";
import { reserve, type Writer } from "./writer.js";

const MAX_EXTRA = 4;

/**
 * Reads one varint. Accepts a longer form than needed, as rsync does.
 * @throws StreamError when the first byte announces more than four further bytes.
 */
export function readVarint(cursor: Cursor): number {
  const { bytes } = cursor;
  const first = bytes[take(cursor, 1)]!;
  if (first < 0x80) return first;
  const extra = Math.clz32(~(first << 24)); // leading one-bits
  if (extra > MAX_EXTRA) throw new StreamError(`varint: expected N <= ${MAX_EXTRA}, got ${extra}`);
  const rest = take(cursor, extra);
  let value = first & (0x7f >> extra);
  for (let at = rest + extra - 1; at >= rest; at--) value = (value << 8) | bytes[at]!;
  return value;
}

/** Reads a varint that must lie in `min..max`, else throws a ProtocolError naming `field`. */
export function readVarintIn(cursor: Cursor, field: string, min: number, max: number): number {
  return within(readVarint(cursor), field, min, max);
}

/**
 * Writes `value` in its shortest form: N extra bytes hold 7 + 7N bits, four hold all 32.
 * @throws RangeError when `value` is not an int32.
 */
export function writeVarint(writer: Writer, value: number): void {
  if ((value | 0) !== value) throw new RangeError(`varint: expected an int32, got ${value}`);
  const extra = Math.min(MAX_EXTRA, Math.trunc((31 - Math.clz32(value)) / 7));
  const start = reserve(writer, 1 + extra);
  const { bytes } = writer;
  // Shift counts are modulo 32: `value >>> 32` would be `value`, not zero.
  const top = extra < MAX_EXTRA ? value >>> (8 * extra) : 0;
  bytes[start] = (0xff00 >> extra) | top;
  for (let i = 0; i < extra; i++) bytes[start + 1 + i] = value >>> (8 * i);
}
