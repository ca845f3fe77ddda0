/**
 * Building wire bytes in one growing buffer.
 * @module
 */

/** Bytes under construction: `bytes[0..offset]` is written, the rest is spare. */
export interface Writer {
  bytes: Uint8Array;
  offset: number;
}

export function createWriter(capacity = 256): Writer {
  return { bytes: new Uint8Array(capacity), offset: 0 };
}

/** Makes room for `count` bytes and moves past them; returns where they start. The caller stores them all. */
export function reserve(writer: Writer, count: number): number {
  const start = writer.offset;
  const next = start + count;
  if (next > writer.bytes.length) grow(writer, next);
  writer.offset = next;
  return start;
}

function grow(writer: Writer, needed: number): void {
  const bigger = new Uint8Array(Math.max(needed, writer.bytes.length * 2));
  bigger.set(writer.bytes.subarray(0, writer.offset));
  writer.bytes = bigger;
}

/** What was written so far, borrowed: valid until the next write. */
export function written(writer: Writer): Uint8Array {
  return writer.bytes.subarray(0, writer.offset);
}

/** What was written so far, owned by the caller; the writer starts anew. */
export function finish(writer: Writer): Uint8Array {
  const result = writer.bytes.slice(0, writer.offset);
  writer.offset = 0;
  return result;
}
