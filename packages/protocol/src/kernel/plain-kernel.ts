/**
 * The kernel in plain TypeScript: the oracle of the WebAssembly one in tests, and what is used where WebAssembly or its
 * SIMD instructions are missing.
 * @module
 */
import type { IndexLayout, Kernel } from "./kernel.js";

/** Odd, about 2^32 divided by the golden ratio: spreads neighbouring sums over the table. */
const MULTIPLIER = 0x9e3779b1;

export class PlainKernel implements Kernel {
  memory: Uint8Array = new Uint8Array(0);
  foundSum = 0;
  probes = 0;
  #signed: Int8Array = new Int8Array(0);
  #ints: Int32Array = new Int32Array(0);
  #layout: IndexLayout | null = null;
  #weak = 0;
  #next = 0;
  #table = 0;
  #tableMask = 0;
  #tableShift = 0;
  #filterShift = 0;

  reserve(bytes: number): void {
    if (bytes <= this.memory.length) return;
    const bigger = new Uint8Array((bytes + 0xffff) & ~0xffff);
    bigger.set(this.memory);
    this.memory = bigger;
    this.#signed = new Int8Array(bigger.buffer);
    this.#ints = new Int32Array(bigger.buffer);
  }

  weakSum(at: number, length: number): number {
    const signed = this.#signed;
    let s1 = 0;
    let s2 = 0;
    for (let end = at + length; at < end; at++) {
      s1 = (s1 + signed[at]!) | 0;
      s2 = (s2 + s1) | 0;
    }
    return (s1 & 0xffff) | (s2 << 16);
  }

  weakSums(at: number, length: number, blockLength: number, out: number): void {
    for (let done = 0; done < length; done += blockLength) {
      const sum = this.weakSum(at + done, Math.min(blockLength, length - done));
      this.#ints[out >> 2] = sum;
      out += 4;
    }
  }

  buildIndex(layout: IndexLayout, count: number): void {
    const { filterBits, tableBits } = layout;
    this.#layout = layout;
    this.#weak = layout.weak >> 2;
    this.#next = layout.next >> 2;
    this.#table = layout.table >> 2;
    this.#tableMask = 2 ** tableBits - 1;
    this.#tableShift = 32 - tableBits;
    this.#filterShift = 32 - filterBits;
    this.probes = 0;
    const ints = this.#ints;
    this.memory.fill(0, layout.filter, layout.filter + 2 ** (filterBits - 3));
    ints.fill(-1, this.#table, this.#table + 2 ** tableBits);
    for (let block = count - 1; block >= 0; block--) {
      const sum = ints[this.#weak + block]!;
      const bit = Math.imul(sum, MULTIPLIER) >>> this.#filterShift;
      this.memory[layout.filter + (bit >>> 3)]! |= 1 << (bit & 7);
      const slot = this.#slotOf(sum);
      ints[this.#next + block] = ints[slot]!;
      ints[slot] = block;
    }
  }

  lookUp(sum: number): number {
    return this.#ints[this.#slotOf(sum)]!;
  }

  search(at: number, last: number, length: number, sum: number, skip: boolean): number {
    const signed = this.#signed;
    let s1 = sum & 0xffff;
    let s2 = sum >>> 16;
    let tested = skip;
    for (;;) {
      const rolled = (s1 & 0xffff) | (s2 << 16);
      if (!tested && this.#mayHave(rolled) && this.lookUp(rolled) >= 0) {
        this.foundSum = rolled;
        return at;
      }
      if (at >= last) return last + 1;
      tested = false;
      const out = signed[at]!;
      s1 = (s1 + signed[at + length]! - out) | 0;
      s2 = (s2 + s1 - Math.imul(length, out)) | 0;
      at++;
    }
  }

  #mayHave(sum: number): boolean {
    const bit = Math.imul(sum, MULTIPLIER) >>> this.#filterShift;
    return ((this.memory[this.#layout!.filter + (bit >>> 3)]! >> (bit & 7)) & 1) !== 0;
  }

  /** Where in the table this sum stands, or would stand. */
  #slotOf(sum: number): number {
    const ints = this.#ints;
    let slot = Math.imul(sum, MULTIPLIER) >>> this.#tableShift;
    for (;;) {
      this.probes++;
      const block = ints[this.#table + slot]!;
      if (block < 0 || ints[this.#weak + block] === sum) return this.#table + slot;
      slot = (slot + 1) & this.#tableMask;
    }
  }
}
