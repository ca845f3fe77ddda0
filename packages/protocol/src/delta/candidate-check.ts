/**
 * From equal weak sums to equal blocks: which of the candidates at an offset is it?
 * @module
 */
import type { StrongSum } from "../checksum/index.js";
import type { Kernel } from "../kernel/index.js";
import type { SearchLayout } from "./block-index.js";
import type { Signature } from "./signature.js";
import { UnchangedBlocks } from "./unchanged-blocks.js";

/** So many blocks of one weak sum are tried per offset. */
const MAX_TRIES = 1024;
/**
 * A peer can send weak sums that are found everywhere and strong sums that are found nowhere; each offset would cost the
 * strong sum of a whole block. What is spent in vain is held to so many times the bytes searched; beyond that an offset
 * counts as no match, which is always allowed.
 */
const WASTE_FACTOR = 8;
const WASTE_START = 16 << 20;
/** What a tried candidate counts for, in bytes hashed. */
const TRY_COST = 16;

export class CandidateCheck {
  /** The block after the last one that was matched. */
  expected = 0;
  hashHits = 0;
  falseAlarms = 0;
  /** Bytes of which the strong sum was made in vain. */
  wastedBytes = 0;
  readonly #kernel: Kernel;
  readonly #layout: SearchLayout;
  readonly #signature: Signature;
  readonly #strong: StrongSum;
  readonly #strongLength: number;
  readonly #unchanged: UnchangedBlocks | null;
  readonly #digest: Uint8Array;

  constructor(
    kernel: Kernel,
    layout: SearchLayout,
    signature: Signature,
    strong: StrongSum,
    inplace: boolean,
  ) {
    const { count, blockLength, s2length } = signature.head;
    this.#kernel = kernel;
    this.#layout = layout;
    this.#signature = signature;
    this.#strong = strong;
    this.#strongLength = Math.min(s2length, strong.digestLength);
    this.#digest = new Uint8Array(this.#strongLength);
    this.#unchanged = inplace ? new UnchangedBlocks(count, blockLength) : null;
  }

  /** Are the `length` bytes at address `at`, position `position` of the target, the given block, and may it be used? */
  isBlock(block: number, at: number, length: number, position: number): boolean {
    if (this.#kernel.weakSum(at, length) !== this.#signature.weak[block]) return false;
    if (!this.#allows(block, position)) return false;
    this.hashHits++;
    this.#hash(at, length);
    if (this.#hasDigest(block)) return true;
    this.falseAlarms++;
    this.wastedBytes += length;
    return false;
  }

  /** The block that the bytes at `at` are, of those with the weak sum `sum`, or -1. */
  find(sum: number, at: number, length: number, position: number): number {
    this.hashHits++;
    if (this.wastedBytes > WASTE_START + WASTE_FACTOR * position) return -1;
    this.#hash(at, length);
    const preferred = this.#preferred(sum, position);
    if (preferred >= 0) return preferred;
    let block = this.#kernel.lookUp(sum);
    const next = this.#layout.next / 4;
    const ints = this.#ints();
    for (let tries = 0; block >= 0 && tries < MAX_TRIES; tries++) {
      if (this.#hasDigest(block)) {
        if (this.#allows(block, position)) return block;
      } else {
        this.falseAlarms++;
      }
      this.wastedBytes += TRY_COST;
      block = ints[next + block]!;
    }
    this.wastedBytes += length;
    return -1;
  }

  /** A match was passed on. */
  note(block: number, position: number): void {
    this.expected = block + 1;
    this.#unchanged?.note(block, position);
  }

  /**
   * In place the block at the same offset, or the next one that is still there (where all blocks are equal, those before it
   * would be tried in vain); then the one after the last match.
   */
  #preferred(sum: number, position: number): number {
    if (this.#unchanged !== null) {
      const nearest = Math.ceil(position / this.#signature.head.blockLength);
      if (this.#isCandidate(nearest, sum, position)) return nearest;
    }
    return this.#isCandidate(this.expected, sum, position) ? this.expected : -1;
  }

  #isCandidate(block: number, sum: number, position: number): boolean {
    const { head, weak } = this.#signature;
    const isFull = block < head.count && this.#signature.blockSize(block) === head.blockLength;
    return isFull && weak[block] === sum && this.#allows(block, position) && this.#hasDigest(block);
  }

  #allows(block: number, position: number): boolean {
    return this.#unchanged === null || this.#unchanged.allows(block, position);
  }

  #hash(at: number, length: number): void {
    const bytes = this.#kernel.memory.subarray(at, at + length);
    this.#strong.blockSum(bytes, this.#digest, 0, this.#strongLength);
  }

  /** Does the block have the strong sum just made? */
  #hasDigest(block: number): boolean {
    const { strong, head } = this.#signature;
    const start = block * head.s2length;
    for (let i = 0; i < this.#strongLength; i++) {
      if (strong[start + i] !== this.#digest[i]) return false;
    }
    return true;
  }

  #ints(): Int32Array {
    return new Int32Array(this.#kernel.memory.buffer);
  }
}
