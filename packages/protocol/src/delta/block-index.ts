/**
 * A signature in a kernel's memory, with the window of the target beside it.
 * @module
 */
import { FREE_FROM, type IndexLayout, type Kernel } from "../kernel/index.js";
import type { Signature } from "./signature.js";

const INT_BYTES = 4;
/** The table is at most half full. */
const TABLE_SLACK = 2;
/** Words of the sieve per block, up to what stays in the nearest caches. */
const SIEVE_WORD = 2;
const SIEVE_SLACK = 4;
const MIN_SIEVE_BITS = 9;
const MAX_SIEVE_BITS = 16;
/** Bits of the filter per block: one sum in sixty that is not there passes it. */
const FILTER_SLACK = 16;
const MIN_FILTER_BITS = 10;
const MAX_FILTER_BITS = 27;

/** Where what lies in the kernel's memory. */
export interface SearchLayout extends IndexLayout {
  window: number;
  windowBytes: number;
}

/**
 * Lays out window and index, fills in the weak sums and builds the index over the blocks of full length.
 * @param fullBlocks - so many blocks from the first on can be found at any offset.
 */
export function layOutSearch(
  kernel: Kernel,
  signature: Signature,
  fullBlocks: number,
  windowBytes: number,
): SearchLayout {
  const tableBits = logWithin(fullBlocks * TABLE_SLACK, 4, 31);
  const sieveBits = logWithin(fullBlocks * SIEVE_SLACK, MIN_SIEVE_BITS, MAX_SIEVE_BITS);
  const filterBits = logWithin(fullBlocks * FILTER_SLACK, MIN_FILTER_BITS, MAX_FILTER_BITS);
  const window = FREE_FROM;
  const sieve = align(window + windowBytes);
  const filter = align(sieve + 2 ** sieveBits * SIEVE_WORD);
  const table = align(filter + 2 ** (filterBits - 3));
  const weak = align(table + 2 ** tableBits * INT_BYTES);
  const next = align(weak + fullBlocks * INT_BYTES);
  kernel.reserve(next + fullBlocks * INT_BYTES);
  const layout = {
    window,
    windowBytes,
    sieve,
    sieveBits,
    filter,
    filterBits,
    table,
    tableBits,
    weak,
    next,
  };
  const sums = new Int32Array(kernel.memory.buffer, weak, fullBlocks);
  sums.set(signature.weak.subarray(0, fullBlocks));
  kernel.buildIndex(layout, fullBlocks);
  return layout;
}

/** Cache lines are 64 bytes long. */
function align(address: number): number {
  return Math.ceil(address / 64) * 64;
}

/** The exponent of the smallest power of two that is not below `value`, held within bounds. */
function logWithin(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, Math.ceil(Math.log2(Math.max(1, value)))));
}
