/**
 * What both ends of a deflate stream remember: the last 32 KiB of a file's data (spec 3-transfer, 6.3).
 *
 * Each literal run is compressed and expanded with this as preset dictionary, so that neither end has to keep a deflate
 * state from run to run, and matched data enters the history without passing through one.
 * @module
 */

/** The window of deflate, in bytes. */
export const HISTORY_BYTES: number = 32768;

const CAPACITY = 4 * HISTORY_BYTES;

export class DeflateHistory {
  readonly #bytes = new Uint8Array(CAPACITY);
  #end = 0;

  /** Forgets everything: a new file begins. */
  clear(): void {
    this.#end = 0;
  }

  append(bytes: Uint8Array): void {
    const tail = bytes.length > HISTORY_BYTES ? bytes.subarray(-HISTORY_BYTES) : bytes;
    if (this.#end + tail.length > CAPACITY) {
      const kept = HISTORY_BYTES - tail.length;
      this.#bytes.copyWithin(0, this.#end - kept, this.#end);
      this.#end = kept;
    }
    this.#bytes.set(tail, this.#end);
    this.#end += tail.length;
  }

  /** At most the last `limit` bytes, borrowed: valid until the next change. */
  recent(limit: number = HISTORY_BYTES): Uint8Array {
    return this.#bytes.subarray(Math.max(0, this.#end - limit), this.#end);
  }
}

/** A stretch of a block. */
export interface Extent {
  offset: number;
  length: number;
}

const MAX_PIECE = 0xffff;

/**
 * The stretches of a matched block of `size` bytes whose data enters the history, as far as the history reaches back.
 *
 * The data enters in pieces of at most 65535 bytes. Below protocol 31 rsync takes each piece from the start of the block.
 */
export function historyOfBlock(size: number, protocol: number): Extent[] {
  if (protocol >= 31 || size <= MAX_PIECE) {
    const length = Math.min(size, HISTORY_BYTES);
    return [{ offset: size - length, length }];
  }
  const rest = size % MAX_PIECE || MAX_PIECE;
  if (rest >= HISTORY_BYTES) return [{ offset: rest - HISTORY_BYTES, length: HISTORY_BYTES }];
  const before = HISTORY_BYTES - rest;
  return [
    { offset: MAX_PIECE - before, length: before },
    { offset: 0, length: rest },
  ];
}
