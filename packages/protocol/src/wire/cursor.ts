/**
 * Reading values out of bytes that are already here.
 *
 * A decoder that runs short throws the one shared `UNDERFLOW`; only the pump that feeds the cursor catches it, goes back
 * to the start of the record and waits for more bytes. So where the input is cut never changes a result.
 * @module
 */

/** Thrown (always as the same object) when a value is not complete yet. Not an error of the peer. */
export class Underflow extends Error {
  constructor() {
    super("more bytes are needed");
    this.name = "Underflow";
  }
}

/** The one instance: throwing it captures no stack, so running short costs next to nothing. */
export const UNDERFLOW: Underflow = new Underflow();

/** A place in borrowed bytes. `offset..end` is what can be read. */
export interface Cursor {
  bytes: Uint8Array;
  offset: number;
  end: number;
}

export function createCursor(bytes: Uint8Array): Cursor {
  return { bytes, offset: 0, end: bytes.length };
}

/** Takes `count` bytes: moves past them and returns the offset of the first. */
export function take(cursor: Cursor, count: number): number {
  const start = cursor.offset;
  const next = start + count;
  if (next > cursor.end) throw UNDERFLOW;
  cursor.offset = next;
  return start;
}

/** How many bytes can be read right now. */
export function available(cursor: Cursor): number {
  return cursor.end - cursor.offset;
}
