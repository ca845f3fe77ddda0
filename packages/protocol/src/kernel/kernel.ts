/**
 * What the hot loops look like from outside. Addresses (`at`, `out`, ...) are offsets into `memory`; data is read from the
 * disk straight into it. Everything from `FREE_FROM` on belongs to whoever holds the kernel.
 * @module
 */

/** The first address that a holder may use. Below lie the kernel's constants and the state of its hashes. */
export const FREE_FROM: number = 64 << 10;

/** Where the parts of a search index lie. */
export interface IndexLayout {
  /** The weak sums of the blocks, filled in by the caller: 4 bytes per block. */
  weak: number;
  /** Per block the next one of the same weak sum in ascending order, -1 at the end: 4 bytes per block. */
  next: number;
  /** 2^tableBits entries of 4 bytes; at least twice as many as blocks. */
  table: number;
  tableBits: number;
  /** A first, small filter: 2^sieveBits words of 2 bytes, at most 2^16. Only the WebAssembly kernel has use for it. */
  sieve: number;
  sieveBits: number;
  /** 2^filterBits bits: 2^5 to 2^27. */
  filter: number;
  filterBits: number;
}

export interface Kernel {
  /** All of the memory. `reserve` replaces it, so views must not be kept across that. */
  readonly memory: Uint8Array;

  /** Makes the memory at least `bytes` long. */
  reserve(bytes: number): void;

  /** The weak sum (spec 3-transfer, 4.4) of `length` bytes as a signed 32-bit integer. */
  weakSum(at: number, length: number): number;

  /** The weak sums of consecutive blocks (the last may be short), 4 bytes little-endian each, from `out` (aligned) on. */
  weakSums(at: number, length: number, blockLength: number, out: number): void;

  /** Takes the sums of blocks 0..count-1 into the index; searches refer to the last index built. */
  buildIndex(layout: IndexLayout, count: number): void;

  /** The first block with this weak sum, or -1. */
  lookUp(sum: number): number;

  /**
   * The first offset in `at..last` whose `length` bytes have the weak sum of a block, or `last + 1`.
   *
   * `sum` is the weak sum at `at`; with `skip` that offset itself is not tested.
   */
  search(at: number, last: number, length: number, sum: number, skip: boolean): number;

  /** The weak sum at the offset that `search` found. */
  readonly foundSum: number;
  /** How many table entries the searches looked at since the index was built. */
  readonly probes: number;
}
