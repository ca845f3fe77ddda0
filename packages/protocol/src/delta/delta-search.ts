/**
 * The sender's search: which parts of the target does the receiver have? Spec: docs/protocol/3-transfer.md, 5.2 and 5.3.
 *
 * A window of fixed size slides over the target. After a match the next block is tried at once, so an unchanged file runs at
 * the speed of its sums; only where that fails does the rolling sum go from byte to byte.
 * @module
 */
import type { StrongSum } from "../checksum/index.js";
import { acquireKernel, type Kernel, releaseKernel } from "../kernel/index.js";
import { layOutSearch, type SearchLayout } from "./block-index.js";
import { CandidateCheck } from "./candidate-check.js";
import type { Signature } from "./signature.js";
import { MAX_LITERAL } from "./token.js";

/** Takes what the search finds, in the order of the target. */
export interface DeltaSink {
  /** Bytes that no block has: borrowed, valid during the call, never empty. */
  literal(bytes: Uint8Array): void;
  /** Block `block` of the basis, whole. */
  match(block: number): void;
  /** Where given: called before `match` with the bytes of the block, borrowed. */
  matchedBytes?: ((bytes: Uint8Array) => void) | undefined;
}

export interface DeltaSearchOptions {
  /** The receiver writes over the basis: only blocks that are still there may be used. */
  inplace: boolean;
  /** Whose memory is used; default: one of the pool. */
  kernel?: Kernel;
}

/** At most so much is read by one step, in bytes. */
const STEP_BYTES = 256 << 10;
/** Blocks longer than this are not searched for: the window would have to hold one. */
const MAX_SEARCHED_BLOCK = 32 << 20;

export class DeltaSearch {
  matches = 0;
  literalBytes = 0;
  matchedBytes = 0;
  readonly #signature: Signature;
  readonly #blockLength: number;
  /** So many blocks from the first on have the full length. */
  readonly #fullBlocks: number;
  readonly #kernel: Kernel;
  readonly #ownsKernel: boolean;
  readonly #layout: SearchLayout;
  readonly #check: CandidateCheck;
  /** Addresses in the window: start of pending literal data, next offset to test, end of the data. */
  #literalStart: number;
  #at: number;
  #end: number;
  /** Position in the target minus address in the window. */
  #positionOffset: number;
  #followsMatch = true;
  #finished = false;

  constructor(signature: Signature, strong: StrongSum, options: DeltaSearchOptions) {
    const { head } = signature;
    this.#signature = signature;
    this.#ownsKernel = options.kernel === undefined;
    this.#kernel = options.kernel ?? acquireKernel();
    const searched = head.blockLength <= MAX_SEARCHED_BLOCK && head.s2length > 0;
    const shortBlocks = head.remainder > 0 && head.remainder < head.blockLength ? 1 : 0;
    this.#fullBlocks = searched && head.count > 0 ? head.count - shortBlocks : 0;
    this.#blockLength = searched ? head.blockLength : 0;
    const windowBytes = STEP_BYTES + MAX_LITERAL + this.#blockLength;
    this.#layout = layOutSearch(this.#kernel, signature, this.#fullBlocks, windowBytes);
    this.#check = new CandidateCheck(
      this.#kernel,
      this.#layout,
      signature,
      strong,
      options.inplace,
    );
    this.#at = this.#end = this.#literalStart = this.#layout.window;
    this.#positionOffset = -this.#layout.window;
  }

  /** Offsets at which some block had the weak sum. */
  get hashHits(): number {
    return this.#check.hashHits;
  }

  /** Blocks of the same weak sum whose strong sum differed. */
  get falseAlarms(): number {
    return this.#check.falseAlarms;
  }

  /** Bytes of which the strong sum was made in vain. */
  get wastedBytes(): number {
    return this.#check.wastedBytes;
  }

  /**
   * Calls `read` once, searches what it brought and passes on what is decided. False when the target is at its end and all
   * of it was passed on.
   * @param read - fills `into` as far as it likes and returns the count of bytes; 0: the target has no more.
   */
  step(read: (into: Uint8Array) => number, sink: DeltaSink): boolean {
    if (this.#finished) return false;
    this.#slide(sink);
    const { window, windowBytes } = this.#layout;
    const room = this.#kernel.memory.subarray(this.#end, window + windowBytes);
    const count = read(room);
    if (!(count >= 0 && count <= room.length)) {
      throw new RangeError(`read: expected 0..${room.length}, got ${count}`);
    }
    this.#end += count;
    if (count > 0) {
      this.#scan(sink);
      return true;
    }
    this.#finish(sink);
    return false;
  }

  /** Makes room at the end of the window: passes on whole literal tokens and moves the rest to the front. */
  #slide(sink: DeltaSink): void {
    const pending = this.#at - this.#literalStart;
    this.#literals(this.#literalStart + pending - (pending % MAX_LITERAL), sink);
    const { window } = this.#layout;
    const moved = this.#literalStart - window;
    if (moved === 0) return;
    this.#kernel.memory.copyWithin(window, this.#literalStart, this.#end);
    this.#literalStart = window;
    this.#at -= moved;
    this.#end -= moved;
    this.#positionOffset += moved;
  }

  /** Searches all offsets at which a full block could begin. */
  #scan(sink: DeltaSink): void {
    if (this.#fullBlocks === 0) {
      this.#at = this.#end - Math.min(this.#end - this.#at, this.#blockLength);
      return;
    }
    const last = this.#end - this.#blockLength;
    while (this.#at <= last) {
      if (this.#followsMatch && this.#matchNext(sink)) continue;
      this.#followsMatch = false;
      const block = this.#roll(last);
      if (block >= 0) this.#match(block, sink);
    }
  }

  /** Tries the block after the last matched one at the present offset. */
  #matchNext(sink: DeltaSink): boolean {
    const block = this.#check.expected;
    if (block >= this.#fullBlocks) return false;
    if (!this.#check.isBlock(block, this.#at, this.#blockLength, this.#position)) return false;
    this.#match(block, sink);
    return true;
  }

  /** Goes on byte by byte to the next block: its number, or -1 with the offset after `last`. */
  #roll(last: number): number {
    const kernel = this.#kernel;
    const length = this.#blockLength;
    let sum = kernel.weakSum(this.#at, length);
    let skip = false;
    for (;;) {
      this.#at = kernel.search(this.#at, last, length, sum, skip);
      if (this.#at > last) return -1;
      sum = kernel.foundSum;
      const block = this.#check.find(sum, this.#at, length, this.#position);
      if (block >= 0) return block;
      skip = true;
    }
  }

  #match(block: number, sink: DeltaSink): void {
    this.#literals(this.#at, sink);
    const size = this.#signature.blockSize(block);
    sink.matchedBytes?.(this.#kernel.memory.subarray(this.#at, this.#at + size));
    sink.match(block);
    this.#check.note(block, this.#position);
    this.#at += size;
    this.#literalStart = this.#at;
    this.#followsMatch = true;
    this.matches++;
    this.matchedBytes += size;
  }

  /** Passes on pending literal data up to the address `end`. */
  #literals(end: number, sink: DeltaSink): void {
    const start = this.#literalStart;
    if (start === end) return;
    sink.literal(this.#kernel.memory.subarray(start, end));
    this.literalBytes += end - start;
    this.#literalStart = end;
  }

  /** The end of the target: only here can the short last block be. */
  #finish(sink: DeltaSink): void {
    const { head } = this.#signature;
    const start = this.#end - head.remainder;
    const block = head.count - 1;
    if (this.#fullBlocks < head.count && this.#blockLength > 0 && start >= this.#at) {
      const position = start + this.#positionOffset;
      if (this.#check.isBlock(block, start, head.remainder, position)) {
        this.#at = start;
        this.#match(block, sink);
      }
    }
    this.#literals(this.#end, sink);
    this.#finished = true;
    if (this.#ownsKernel) releaseKernel(this.#kernel);
  }

  /** Position in the target of the offset to test. */
  get #position(): number {
    return this.#at + this.#positionOffset;
  }
}
