/**
 * The rolling search: which offset of the window has the weak sum of some block?
 *
 * Nearly every offset is rejected by one bit of a filter that stays in the nearest cache; the rest asks an open-addressed
 * table of the distinct weak sums. Both are addressed by the top bits of sum * multiplier; the multiplier is a random odd
 * number, so that a peer can not choose sums that collide.
 */
import { weakSum } from "./weak-sum";

let multiplier: u32 = 0;
let filter: usize = 0;
let filterShift: u32 = 0;
let table: usize = 0;
let tableMask: u32 = 0;
let tableShift: u32 = 0;
let weak: usize = 0;
let next: usize = 0;

/** The weak sum at the offset that `search` returned. */
let foundSum: i32 = 0;
/** Entries of the table that were looked at. */
let probes: f64 = 0;

export function getFoundSum(): i32 {
  return foundSum;
}

export function getProbes(): f64 {
  return probes;
}

/** Says where the parts of an index lie. Sizes are powers of two: 2^filterBits bits, 2^tableBits entries of 4 bytes. */
export function setIndex(
  multiplier_: i32,
  filter_: usize,
  filterBits: i32,
  table_: usize,
  tableBits: i32,
  weak_: usize,
  next_: usize,
): void {
  multiplier = <u32>multiplier_;
  filter = filter_;
  filterShift = 32 - <u32>filterBits;
  table = table_;
  tableMask = ((<u32>1) << tableBits) - 1;
  tableShift = 32 - <u32>tableBits;
  weak = weak_;
  next = next_;
  probes = 0;
}

/** Enters the sums of blocks 0..count-1. Blocks of one sum form a chain in ascending order, -1 ends it. */
export function buildIndex(count: i32): void {
  memory.fill(filter, 0, (((<usize>1) << (32 - filterShift)) + 7) >> 3);
  memory.fill(table, 0xff, (<usize>tableMask + 1) << 2);
  for (let block = count - 1; block >= 0; block--) {
    const sum = load<i32>(weak + ((<usize>block) << 2));
    const hash = <u32>sum * multiplier;
    const bit = hash >> filterShift;
    const byte = filter + (bit >> 3);
    store<u8>(byte, load<u8>(byte) | ((<u8>1) << (<u8>(bit & 7))));
    let slot = hash >> tableShift;
    let entry = load<i32>(table + ((<usize>slot) << 2));
    while (entry >= 0 && load<i32>(weak + ((<usize>entry) << 2)) !== sum) {
      slot = (slot + 1) & tableMask;
      entry = load<i32>(table + ((<usize>slot) << 2));
    }
    store<i32>(next + ((<usize>block) << 2), entry);
    store<i32>(table + ((<usize>slot) << 2), block);
  }
}

/** The first block with this weak sum, or -1. */
export function lookUp(sum: i32): i32 {
  let slot = (<u32>sum * multiplier) >> tableShift;
  let entry = load<i32>(table + ((<usize>slot) << 2));
  probes += 1;
  while (entry >= 0 && load<i32>(weak + ((<usize>entry) << 2)) !== sum) {
    slot = (slot + 1) & tableMask;
    entry = load<i32>(table + ((<usize>slot) << 2));
    probes += 1;
  }
  return entry;
}

/**
 * Tests the offsets from `at` to `last` and returns the first whose `length` bytes have the weak sum of a block, or
 * last + 1. `sum` is the weak sum at `at`; with `skip` that offset itself is not tested.
 */
export function search(at: usize, last: usize, length: i32, sum: i32, skip: i32): usize {
  let s1 = sum & 0xffff;
  let s2 = sum >>> 16;
  const factor = multiplier;
  const shift = filterShift;
  const bits = filter;
  if (!skip) {
    if (hasBit(sum, factor, shift, bits) && lookUp(sum) >= 0) {
      foundSum = sum;
      return at;
    }
  }
  while (at < last) {
    const out = <i32>load<i8>(at);
    s1 += <i32>load<i8>(at + <usize>length) - out;
    s2 += s1 - length * out;
    at++;
    const rolled = (s1 & 0xffff) | (s2 << 16);
    if (hasBit(rolled, factor, shift, bits) && lookUp(rolled) >= 0) {
      foundSum = rolled;
      return at;
    }
  }
  return last + 1;
}

function hasBit(sum: i32, factor: u32, shift: u32, bits: usize): bool {
  const bit = (<u32>sum * factor) >> shift;
  return ((load<u8>(bits + (bit >> 3)) >> <u8>(bit & 7)) & 1) !== 0;
}
