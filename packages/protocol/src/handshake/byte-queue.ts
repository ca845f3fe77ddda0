/**
 * Bytes that arrived and are not used yet.
 * @module
 */

/** Joins chunks; `bytes[offset..]` is what is left. */
export class ByteQueue {
  bytes: Uint8Array = new Uint8Array(0);
  offset = 0;

  /** Adds `chunk`, which belongs to the queue from now on. */
  push(chunk: Uint8Array): void {
    const left = this.bytes.length - this.offset;
    if (left === 0) {
      this.bytes = chunk;
    } else {
      const joined = new Uint8Array(left + chunk.length);
      joined.set(this.bytes.subarray(this.offset));
      joined.set(chunk, left);
      this.bytes = joined;
    }
    this.offset = 0;
  }

  /** Hands over all that is left; the queue is empty afterwards. */
  rest(): Uint8Array {
    const rest = this.bytes.subarray(this.offset);
    this.bytes = new Uint8Array(0);
    this.offset = 0;
    return rest;
  }
}
