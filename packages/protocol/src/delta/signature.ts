/**
 * The block sums of a basis, as the sender holds them.
 * @module
 */
import { ExitCode, RsyncError } from "../errors.js";
import { type Cursor, readInt } from "../wire/index.js";
import { blockSizeOf, type SumHead } from "./sum-head.js";

const WEAK_BYTES = 4;

/** Sums of all blocks; block i has `weak[i]` and the s2length bytes of `strong` from i * s2length on. */
export class Signature {
  readonly head: Readonly<SumHead>;
  readonly weak: Int32Array;
  readonly strong: Uint8Array;

  constructor(head: Readonly<SumHead>, weak: Int32Array, strong: Uint8Array) {
    this.head = head;
    this.weak = weak;
    this.strong = strong;
  }

  /** How many bytes block `index` has. */
  blockSize(index: number): number {
    return blockSizeOf(this.head, index);
  }
}

export interface SignatureLimits {
  /** The most that the sums of one file may take, in bytes. */
  maxBytes: number;
}

/** One gibibyte holds the sums of a file of 6 TiB at the longest block of protocol 30. */
export const DEFAULT_SIGNATURE_LIMITS: Readonly<SignatureLimits> = Object.freeze({
  maxBytes: 1 << 30,
});

/** Room for so many blocks is taken at once; for more only as their sums come in. */
const FIRST_BLOCKS = 1 << 14;

/** Reads block sums as they come in: what the peer only announces takes no memory. */
export class SignatureReader {
  readonly #head: Readonly<SumHead>;
  #weak: Int32Array;
  #strong: Uint8Array;
  #block = 0;

  /** @throws RsyncError with exit code 22 if the sums that `head` announces exceed the limit. */
  constructor(
    head: Readonly<SumHead>,
    limits: Readonly<SignatureLimits> = DEFAULT_SIGNATURE_LIMITS,
  ) {
    const bytes = head.count * (WEAK_BYTES + head.s2length);
    if (bytes > limits.maxBytes) {
      throw new RsyncError(
        ExitCode.OutOfMemory,
        `block sums: expected at most ${limits.maxBytes} bytes, got ${bytes}`,
      );
    }
    const blocks = Math.min(head.count, FIRST_BLOCKS);
    this.#head = head;
    this.#weak = new Int32Array(blocks);
    this.#strong = new Uint8Array(blocks * head.s2length);
  }

  /** All sums, once they are in. */
  get signature(): Signature {
    return new Signature(this.#head, this.#weak, this.#strong);
  }

  /** Takes in as many whole sums as there are; true when all are in. Never runs short. */
  read(cursor: Cursor): boolean {
    const { s2length, count } = this.#head;
    const ready = Math.floor((cursor.end - cursor.offset) / (WEAK_BYTES + s2length));
    const end = Math.min(count, this.#block + ready);
    this.#makeRoom(end);
    const weak = this.#weak;
    const strong = this.#strong;
    let to = this.#block * s2length;
    for (let block = this.#block; block < end; block++) {
      weak[block] = readInt(cursor);
      const { bytes, offset } = cursor;
      for (let i = 0; i < s2length; i++) strong[to + i] = bytes[offset + i]!;
      cursor.offset = offset + s2length;
      to += s2length;
    }
    this.#block = end;
    return end === count;
  }

  #makeRoom(blocks: number): void {
    if (blocks <= this.#weak.length) return;
    const { s2length, count } = this.#head;
    const room = Math.min(count, Math.max(blocks, this.#weak.length * 2));
    const weak = new Int32Array(room);
    weak.set(this.#weak);
    const strong = new Uint8Array(room * s2length);
    strong.set(this.#strong);
    this.#weak = weak;
    this.#strong = strong;
  }
}
