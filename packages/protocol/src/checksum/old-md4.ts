/**
 * The md4 of protocols below 27: data whose length is a multiple of 64 bytes ends without the padding block, so the digest
 * of no data at all is the state that md4 starts with. Spec: docs/protocol/3-transfer.md, 4.5.
 * @module
 */
import type { HashStream } from "./hash-stream.js";

const BLOCK_BYTES = 64;
/** The length of the data, in bits, stands in the last bytes of the padding. */
const LENGTH_BYTES = 8;
const START = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476] as const;

/** Of each of the three rounds: what is added, how far the words are turned, and in which order they are taken. */
const ROUNDS = [
  { add: 0, turns: [3, 7, 11, 19], order: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15] },
  {
    add: 0x5a827999,
    turns: [3, 5, 9, 13],
    order: [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15],
  },
  {
    add: 0x6ed9eba1,
    turns: [3, 9, 11, 15],
    order: [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15],
  },
] as const;

export class OldMd4 implements HashStream {
  readonly #state = new Int32Array(START);
  /** What does not fill a block yet. */
  readonly #rest = new Uint8Array(BLOCK_BYTES);
  readonly #words = new Int32Array(BLOCK_BYTES / 4);
  /** Bytes of data so far. */
  #length = 0;

  reset(): void {
    this.#state.set(START);
    this.#length = 0;
  }

  update(bytes: Uint8Array): void {
    const held = this.#length % BLOCK_BYTES;
    this.#length += bytes.length;
    let offset = 0;
    if (held > 0) {
      offset = Math.min(BLOCK_BYTES - held, bytes.length);
      this.#rest.set(bytes.subarray(0, offset), held);
      if (held + offset < BLOCK_BYTES) return;
      this.#mix(this.#rest, 0);
    }
    for (; offset + BLOCK_BYTES <= bytes.length; offset += BLOCK_BYTES) this.#mix(bytes, offset);
    this.#rest.set(bytes.subarray(offset));
  }

  digest(): Uint8Array {
    const held = this.#length % BLOCK_BYTES;
    if (held > 0) this.#pad(held);
    const digest = new Uint8Array(16);
    const view = new DataView(digest.buffer);
    for (let i = 0; i < 4; i++) view.setInt32(i * 4, this.#state[i]!, true);
    return digest;
  }

  #pad(held: number): void {
    const size = held < BLOCK_BYTES - LENGTH_BYTES ? BLOCK_BYTES : 2 * BLOCK_BYTES;
    const last = new Uint8Array(size);
    last.set(this.#rest.subarray(0, held));
    last[held] = 0x80;
    const view = new DataView(last.buffer);
    // The high half of the length stays 0, however long the data are.
    view.setUint32(size - LENGTH_BYTES, (this.#length * 8) % 2 ** 32, true);
    for (let offset = 0; offset < size; offset += BLOCK_BYTES) this.#mix(last, offset);
  }

  #mix(bytes: Uint8Array, offset: number): void {
    const words = this.#words;
    for (let i = 0, at = offset; i < words.length; i++, at += 4) {
      words[i] =
        bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    }
    let [a, b, c, d] = this.#state as unknown as [number, number, number, number];
    for (let round = 0; round < 3; round++) {
      const { add, turns, order } = ROUNDS[round]!;
      for (let i = 0; i < 16; i++) {
        const sum = (a + mixed(round, b, c, d) + words[order[i]!]! + add) | 0;
        const turn = turns[i & 3]!;
        a = d;
        d = c;
        c = b;
        b = (sum << turn) | (sum >>> (32 - turn));
      }
    }
    const state = this.#state;
    state[0]! += a;
    state[1]! += b;
    state[2]! += c;
    state[3]! += d;
  }
}

function mixed(round: number, x: number, y: number, z: number): number {
  if (round === 0) return (x & y) | (~x & z);
  if (round === 1) return (x & y) | (x & z) | (y & z);
  return x ^ y ^ z;
}
