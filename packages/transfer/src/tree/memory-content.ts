/**
 * The bytes of a file in memory.
 * @module
 */

/** Bytes that grow where they are written. What was never written reads as zero. */
export class MemoryContent {
  #bytes: Uint8Array = new Uint8Array(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Copies from `position` on into `into`; returns the count of bytes. */
  readAt(into: Uint8Array, position: number): number {
    const count = Math.max(0, Math.min(into.length, this.#length - position));
    into.set(this.#bytes.subarray(position, position + count));
    return count;
  }

  /** Copies `bytes` to `position`; a gap before it becomes zeros. */
  writeAt(bytes: Uint8Array, position: number): void {
    const end = position + bytes.length;
    if (end > this.#length) this.resize(end);
    this.#bytes.set(bytes, position);
  }

  resize(length: number): void {
    if (length > this.#bytes.length) this.#reserve(length);
    // What is cut off must not come back when the file grows again.
    else if (length < this.#length) this.#bytes.fill(0, length, this.#length);
    this.#length = length;
  }

  /** Doubling keeps the cost of many small writes linear. */
  #reserve(length: number): void {
    const grown = new Uint8Array(Math.max(length, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
