/**
 * Large buffers that outlive their session. Their memory lies outside of the heap, and a program with many short sessions
 * would have the collector run for it again and again.
 * @module
 */

/** Buffers of one size. What is in them is anything. */
export class BufferPool {
  readonly #length: number;
  readonly #limit: number;
  readonly #idle: Uint8Array[] = [];

  /** @param limit so many are kept while nobody uses them */
  constructor(length: number, limit: number) {
    this.#length = length;
    this.#limit = limit;
  }

  take(): Uint8Array {
    return this.#idle.pop() ?? new Uint8Array(this.#length);
  }

  /** Takes back a buffer, which the caller has no use for any more; one that is none of ours is dropped. */
  give(buffer: Uint8Array): void {
    if (buffer.length === this.#length && this.#idle.length < this.#limit) this.#idle.push(buffer);
  }
}
