/**
 * A signature in a kernel's memory, with the window of the target beside it.
 * @module
 */
import { FREE_FROM, type IndexLayout, type Kernel } from "../kernel/index.js";
import type { Signature } from "./signature.js";

const INT_BYTES = 4;
/** The table is at most half full. */
const TABLE_SLACK = 2;
/** Filter bits per block: more reject better, fewer stay in a nearer cache. */
const FILTER_SLACK = 16;
const MIN_FILTER_BITS = 12;
const MAX_FILTER_BITS = 24;

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
  const tableBits = Math.max(4, ceilLog2(fullBlocks * TABLE_SLACK));
  const filterBits = Math.min(
    MAX_FILTER_BITS,
    Math.max(MIN_FILTER_BITS, ceilLog2(fullBlocks * FILTER_SLACK)),
  );
  const window = FREE_FROM;
  const filter = align(window + windowBytes);
  const table = align(filter + 2 ** (filterBits - 3));
  const weak = align(table + 2 ** tableBits * INT_BYTES);
  const next = align(weak + fullBlocks * INT_BYTES);
  kernel.reserve(next + fullBlocks * INT_BYTES);
  const layout = { window, windowBytes, filter, filterBits, table, tableBits, weak, next };
  const sums = new Int32Array(kernel.memory.buffer, weak, fullBlocks);
  sums.set(signature.weak.subarray(0, fullBlocks));
  kernel.buildIndex(layout, fullBlocks);
  return layout;
}

/** Cache lines are 64 bytes long. */
function align(address: number): number {
  return Math.ceil(address / 64) * 64;
}

function ceilLog2(value: number): number {
  return value <= 1 ? 0 : 32 - Math.clz32(value - 1);
}
