/**
 * The fixed-size integers, all little-endian. Spec: docs/protocol/1-session.md, 1.
 *
 *     byte 1, shortint 2 (unsigned), int 4 (signed)
 * @module
 */
import { ProtocolError } from "../errors.js";
import { type Cursor, take } from "./cursor.js";
import { reserve, type Writer } from "./writer.js";

export function readByte(cursor: Cursor): number {
  return cursor.bytes[take(cursor, 1)]!;
}

export function writeByte(writer: Writer, value: number): void {
  const at = reserve(writer, 1);
  writer.bytes[at] = value;
}

/** An unsigned 16-bit integer. */
export function readShortint(cursor: Cursor): number {
  const at = take(cursor, 2);
  return cursor.bytes[at]! | (cursor.bytes[at + 1]! << 8);
}

export function writeShortint(writer: Writer, value: number): void {
  const at = reserve(writer, 2);
  writer.bytes[at] = value;
  writer.bytes[at + 1] = value >>> 8;
}

/** A signed 32-bit integer. */
export function readInt(cursor: Cursor): number {
  const at = take(cursor, 4);
  const { bytes } = cursor;
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

/** An `int` that must lie in `min..max`, else a ProtocolError naming `field`. */
export function readIntIn(cursor: Cursor, field: string, min: number, max: number): number {
  return within(readInt(cursor), field, min, max);
}

export function writeInt(writer: Writer, value: number): void {
  const at = reserve(writer, 4);
  storeInt(writer.bytes, value, at);
}

/** Stores a 32-bit integer at `at`. */
export function storeInt(bytes: Uint8Array, value: number, at: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}

/** Checks a value from the peer against its range; the message names the field. */
export function within(value: number, field: string, min: number, max: number): number {
  if (value >= min && value <= max) return value;
  throw new ProtocolError(`${field}: expected ${min}..${max}, got ${value}`);
}
