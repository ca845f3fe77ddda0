/**
 * `vstring`: a length of one byte (0..127) or two (`0x80 | length >> 8`, `length & 0xff`), then the bytes.
 * Spec: docs/protocol/1-session.md, 1.
 * @module
 */
import { ProtocolError } from "../errors.js";
import { type ByteString, decodeByteString, storeByteString } from "./byte-string.js";
import { type Cursor, take } from "./cursor.js";
import { readByte, writeByte } from "./integers.js";
import { reserve, type Writer } from "./writer.js";

const MAX_LENGTH = 0x7fff;

/** Reads a vstring of at most `maxLength` bytes, else throws a ProtocolError naming `field`. */
export function readVstring(cursor: Cursor, field: string, maxLength: number): ByteString {
  let length = readByte(cursor);
  if (length & 0x80) length = ((length & 0x7f) << 8) | readByte(cursor);
  if (length > maxLength) {
    throw new ProtocolError(`${field}: expected at most ${maxLength} bytes, got ${length}`);
  }
  const start = take(cursor, length);
  return decodeByteString(cursor.bytes, start, start + length);
}

/** @throws RangeError when `text` is longer than 32767 bytes. */
export function writeVstring(writer: Writer, text: ByteString): void {
  const { length } = text;
  if (length > MAX_LENGTH)
    throw new RangeError(`vstring: expected at most ${MAX_LENGTH} bytes, got ${length}`);
  if (length > 0x7f) writeByte(writer, 0x80 | (length >> 8));
  writeByte(writer, length & 0xff);
  const start = reserve(writer, length);
  storeByteString(writer.bytes, start, text);
}
