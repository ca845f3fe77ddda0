/**
 * Making the block sums of a basis (generator side).
 * @module
 */
import type { StrongSum } from "../checksum/index.js";
import { FREE_FROM, type Kernel, sharedKernel } from "../kernel/index.js";
import { reserve, storeInt, type Writer } from "../wire/index.js";
import { basisSizeOf, type SumHead } from "./sum-head.js";

/** About so much of the basis is taken in by one call; it stays in the second-level cache. */
const ROOM_BYTES = 256 << 10;
const WEAK_BYTES = 4;

/**
 * Turns a basis into its block sums, piece by piece:
 *
 *     while (!maker.done) maker.add(file.read(maker.room()), writer);
 *
 * Exactly the sums that the head promises are written. If the basis has become shorter, missing bytes count as zeros; what
 * it has more is not read. The file checksum tells the receiver when that was wrong.
 */
export class SignatureMaker {
  readonly #strong: StrongSum;
  readonly #head: Readonly<SumHead>;
  readonly #kernel: Kernel;
  readonly #strongLength: number;
  /** Room for whole blocks lies at `FREE_FROM`, their weak sums after it. */
  readonly #roomBytes: number;
  /** The bytes of an unfinished block, from a read that ended inside of it. */
  #carry: Uint8Array | null = null;
  #left: number;

  constructor(strong: StrongSum, head: Readonly<SumHead>, kernel: Kernel = sharedKernel()) {
    this.#strong = strong;
    this.#head = head;
    this.#kernel = kernel;
    this.#strongLength = Math.min(head.s2length, strong.digestLength);
    const blocks = Math.max(1, Math.floor(ROOM_BYTES / head.blockLength));
    this.#roomBytes = Math.min(blocks, head.count) * head.blockLength;
    this.#left = basisSizeOf(head);
  }

  /** All promised sums are written. */
  get done(): boolean {
    return this.#left === 0;
  }

  /**
   * Where the next bytes of the basis go. The memory is shared by everybody in this thread: fill it and call `add` without
   * waiting in between.
   */
  room(): Uint8Array {
    const kernel = this.#kernel;
    const weakAt = this.#weakAt();
    kernel.reserve(weakAt + WEAK_BYTES * Math.ceil(this.#roomBytes / this.#head.blockLength));
    const carried = this.#carry?.length ?? 0;
    if (this.#carry !== null) kernel.memory.set(this.#carry, FREE_FROM);
    const room = Math.min(this.#roomBytes, this.#left);
    return kernel.memory.subarray(FREE_FROM + carried, FREE_FROM + room);
  }

  /**
   * Says that `length` bytes were put into the room (0: the basis has no more) and writes the sums of the blocks that are
   * complete.
   * @throws RangeError if that is more than there is room for.
   */
  add(length: number, writer: Writer): void {
    const carried = this.#carry?.length ?? 0;
    const room = Math.min(this.#roomBytes, this.#left);
    if (!(length >= 0 && carried + length <= room)) {
      throw new RangeError(`length: expected 0..${room - carried}, got ${length}`);
    }
    let filled = carried + length;
    if (length === 0) {
      this.#kernel.memory.fill(0, FREE_FROM + filled, FREE_FROM + room);
      filled = room;
    }
    const complete = filled === this.#left ? filled : filled - (filled % this.#head.blockLength);
    this.#carry =
      complete < filled
        ? this.#kernel.memory.slice(FREE_FROM + complete, FREE_FROM + filled)
        : null;
    this.#left -= complete;
    this.#write(complete, writer);
  }

  #weakAt(): number {
    return FREE_FROM + ((this.#roomBytes + 15) & ~15);
  }

  /** Writes the sums of the first `length` bytes of the room. */
  #write(length: number, writer: Writer): void {
    const { blockLength, s2length } = this.#head;
    const weakAt = this.#weakAt();
    this.#kernel.weakSums(FREE_FROM, length, blockLength, weakAt);
    const { memory } = this.#kernel;
    const weak = new Int32Array(memory.buffer, weakAt, Math.ceil(length / blockLength));
    let to = reserve(writer, weak.length * (WEAK_BYTES + s2length));
    const { bytes } = writer;
    for (let block = 0; block < weak.length; block++) {
      const start = FREE_FROM + block * blockLength;
      const end = Math.min(start + blockLength, FREE_FROM + length);
      storeInt(bytes, weak[block]!, to);
      to += WEAK_BYTES;
      this.#strong.blockSum(memory.subarray(start, end), bytes, to, this.#strongLength);
      bytes.fill(0, to + this.#strongLength, to + s2length);
      to += s2length;
    }
  }
}
