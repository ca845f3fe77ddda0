/**
 * `longint`: a 64-bit integer below protocol 30. Four bytes when the value is in 0..0x7fffffff, else the marker
 * `ff ff ff ff` and eight bytes, little-endian. Spec: docs/protocol/1-session.md, 1.
 * @module
 */
import type { Cursor } from "./cursor.js";
import { readInt, writeInt } from "./integers.js";
import { joinHalves } from "./varlong.js";
import type { Writer } from "./writer.js";

const MARKER = -1;

/** @throws ProtocolError when the value is beyond 2^53. */
export function readLongint(cursor: Cursor): number {
  const short = readInt(cursor);
  if (short !== MARKER) return short;
  const low = readInt(cursor);
  return joinHalves(low, readInt(cursor));
}

/** @throws RangeError when `value` is not a safe integer. */
export function writeLongint(writer: Writer, value: number): void {
  if (!Number.isSafeInteger(value))
    throw new RangeError(`longint: expected a safe integer, got ${value}`);
  if (value >= 0 && value <= 0x7fffffff) {
    writeInt(writer, value);
    return;
  }
  writeInt(writer, MARKER);
  writeInt(writer, value | 0);
  writeInt(writer, Math.floor(value / 0x1_0000_0000) | 0);
}
