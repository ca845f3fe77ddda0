/**
 * The rolling search: which offset of the window has the weak sum of some block?
 *
 * Three tests, each for what the one before lets through: a sieve of at most 128 KiB, which stays in the nearest caches and is
 * asked for eight offsets at once; a filter of as many bits as the blocks need, two of which must be set; and an open-addressed
 * table of the distinct weak sums. All are addressed by the top bits of products with random odd numbers, so that a peer can
 * not choose sums that collide. The numbers differ: what passes one test by chance would pass the next by necessity.
 */
import { weakSum } from "./weak-sum";

let filterFactor: u32 = 0;
let tableFactor: u32 = 0;
let sieve: usize = 0;
let sieveShift: i32 = 0;
let filter: usize = 0;
/** What is left after it: the number of a word, then twice five bits that name bits of it. */
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

/** Says where the parts of an index lie. Sizes are powers of two: 2^sieveBits words of 16 bits (up to 2^16),
 * 2^filterBits bits (up to 2^27), 2^tableBits entries of 4 bytes. */
export function setIndex(
  filterFactor_: i32,
  tableFactor_: i32,
  sieve_: usize,
  sieveBits: i32,
  filter_: usize,
  filterBits: i32,
  table_: usize,
  tableBits: i32,
  weak_: usize,
  next_: usize,
): void {
  filterFactor = <u32>filterFactor_;
  tableFactor = <u32>tableFactor_;
  sieve = sieve_;
  sieveShift = 16 - sieveBits;
  filter = filter_;
  filterShift = 32 - 5 - <u32>filterBits;
  table = table_;
  tableMask = ((<u32>1) << tableBits) - 1;
  tableShift = 32 - <u32>tableBits;
  weak = weak_;
  next = next_;
  probes = 0;
}

/** Enters the sums of blocks 0..count-1. Blocks of one sum form a chain in ascending order, -1 ends it. */
export function buildIndex(count: i32): void {
  memory.fill(sieve, 0, (<usize>2) << (16 - sieveShift));
  memory.fill(filter, 0, (<usize>1) << (32 - 5 - 3 - filterShift));
  memory.fill(table, 0xff, (<usize>tableMask + 1) << 2);
  for (let block = count - 1; block >= 0; block--) {
    const sum = load<i32>(weak + ((<usize>block) << 2));
    const entry = sieve + <usize>(((sieveKey(sum, filterFactor) & 0xffff) >> sieveShift) << 1);
    const bits = sieveKey(sum, tableFactor);
    const both = (1 << ((bits >> 12) & 15)) | (1 << ((bits >> 8) & 15));
    store<u16>(entry, load<u16>(entry) | <u16>both);
    const key = (<u32>sum * filterFactor) >> filterShift;
    const word = filter + ((key >> 10) << 2);
    store<u32>(word, load<u32>(word) | ((<u32>1) << ((key >> 5) & 31)) | ((<u32>1) << (key & 31)));
    const slot = slotOf(sum);
    store<i32>(next + ((<usize>block) << 2), load<i32>(slot));
    store<i32>(slot, block);
  }
}

/** Sixteen bits made of the halves of a sum and of a factor; the upper ones are the better ones. */
function sieveKey(sum: i32, factor: u32): u32 {
  return <u32>sum * factor + (<u32>sum >> 16) * ((factor >> 16) | 1);
}

/** Where in the table this sum stands, or would stand. */
function slotOf(sum: i32): usize {
  let slot = (rotl<u32>(<u32>sum, 16) * tableFactor) >> tableShift;
  let at = table + ((<usize>slot) << 2);
  let entry = load<i32>(at);
  probes += 1;
  while (entry >= 0 && load<i32>(weak + ((<usize>entry) << 2)) !== sum) {
    slot = (slot + 1) & tableMask;
    at = table + ((<usize>slot) << 2);
    entry = load<i32>(at);
    probes += 1;
  }
  return at;
}

/** The first block with this weak sum, or -1. */
export function lookUp(sum: i32): i32 {
  return load<i32>(slotOf(sum));
}

/**
 * Tests the offsets from `at` to `last` and returns the first whose `length` bytes have the weak sum of a block, or
 * last + 1. `sum` is the weak sum at `at`; with `skip` that offset itself is not tested.
 */
export function search(at: usize, last: usize, length: i32, sum: i32, skip: i32): usize {
  foundSum = sum;
  if (!skip && mayHave(sum) && lookUp(sum) >= 0) return at;
  if (at + 8 <= last) {
    at = searchByEight(at, last, length);
    if (foundAt !== 0) return foundAt;
  }
  sum = foundSum;
  let s1 = sum & 0xffff;
  let s2 = sum >>> 16;
  while (at < last) {
    const out = <i32>load<i8>(at);
    s1 += <i32>load<i8>(at + <usize>length) - out;
    s2 += s1 - length * out;
    at++;
    sum = (s1 & 0xffff) | (s2 << 16);
    if (mayHave(sum) && lookUp(sum) >= 0) {
      foundSum = sum;
      return at;
    }
  }
  return last + 1;
}

/** Does the filter let this sum through? */
function mayHave(sum: i32): bool {
  const key = (<u32>sum * filterFactor) >> filterShift;
  const word = load<u32>(filter + ((key >> 10) << 2));
  return ((word >> (key >> 5)) & (word >> key) & 1) !== 0;
}

/** Lane i becomes the sum of lanes 0..i. */
// @inline
function prefixSums(x: v128): v128 {
  const zero = i16x8.splat(0);
  x = i16x8.add(x, v128.shuffle<i16>(zero, x, 7, 8, 9, 10, 11, 12, 13, 14));
  x = i16x8.add(x, v128.shuffle<i16>(zero, x, 6, 7, 8, 9, 10, 11, 12, 13));
  return i16x8.add(x, v128.shuffle<i16>(zero, x, 4, 5, 6, 7, 8, 9, 10, 11));
}

/** From a bit number 0..15 per lane the places in `masks` of both bytes of the lane: the upper one counts from 8. */
// @inline
function placesOf(bitNumbers: v128): v128 {
  return v128.xor(v128.or(bitNumbers, i16x8.shl(bitNumbers, 8)), i16x8.splat(0x0800));
}

/** Where `searchByEight` found a sum, or 0. */
let foundAt: usize = 0;

/**
 * Rolls eight bytes at a time from the offset `at`, whose sum is in `foundSum`, and returns the offset reached, with its sum
 * in `foundSum`; at most seven offsets are left. Arithmetic modulo 2^16 is what 16-bit lanes do by themselves:
 *
 *     s1 at +1..+8 = s1 + prefix(in - out)
 *     s2 at +1..+8 = s2 + prefix(s1 at +1..+8  -  length * out)
 *                  = s2 + s1 * (1..8) + prefix(prefix(in - out) - length * out)
 *
 * so that only short sums depend on the round before.
 */
function searchByEight(at: usize, last: usize, length: i32): usize {
  const shift = sieveShift;
  const words = sieve;
  const wordFactor1 = i16x8.splat(<i16>filterFactor);
  const wordFactor2 = i16x8.splat(<i16>((filterFactor >> 16) | 1));
  const bitFactor1 = i16x8.splat(<i16>tableFactor);
  const bitFactor2 = i16x8.splat(<i16>((tableFactor >> 16) | 1));
  const masks = i8x16(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0);
  const lengths = i16x8.splat(<i16>length);
  const end = last - 8;
  let s1 = i16x8.splat(<i16>foundSum);
  let s2 = i16x8.splat(<i16>(foundSum >> 16));
  foundAt = 0;
  do {
    const out = v128.load_ext<i8>(at);
    const entering = v128.load_ext<i8>(at + <usize>length);
    const change1 = prefixSums(i16x8.sub(entering, out));
    const change2 = prefixSums(i16x8.sub(change1, i16x8.mul(lengths, out)));
    s2 = i16x8.add(i16x8.add(s2, change2), i16x8.mul(s1, i16x8(1, 2, 3, 4, 5, 6, 7, 8)));
    s1 = i16x8.add(s1, change1);
    const keys = i16x8.shr_u(
      i16x8.add(i16x8.mul(s1, wordFactor1), i16x8.mul(s2, wordFactor2)),
      shift,
    );
    const bits = i16x8.add(i16x8.mul(s1, bitFactor1), i16x8.mul(s2, bitFactor2));
    const wanted = v128.or(
      v128.swizzle(masks, placesOf(i16x8.shr_u(bits, 12))),
      v128.swizzle(masks, placesOf(v128.and(i16x8.shr_u(bits, 8), i16x8.splat(15)))),
    );
    // Two chains of loads, because each waits for the one before.
    let found0 = i64x2.splat(0);
    let found1 = found0;
    found0 = v128.load_lane<u16>(words + ((<usize>i16x8.extract_lane_u(keys, 0)) << 1), found0, 0);
    found1 = v128.load_lane<u16>(words + ((<usize>i16x8.extract_lane_u(keys, 1)) << 1), found1, 1);
    found0 = v128.load_lane<u16>(words + ((<usize>i16x8.extract_lane_u(keys, 2)) << 1), found0, 2);
    found1 = v128.load_lane<u16>(words + ((<usize>i16x8.extract_lane_u(keys, 3)) << 1), found1, 3);
    found0 = v128.load_lane<u16>(words + ((<usize>i16x8.extract_lane_u(keys, 4)) << 1), found0, 4);
    found1 = v128.load_lane<u16>(words + ((<usize>i16x8.extract_lane_u(keys, 5)) << 1), found1, 5);
    found0 = v128.load_lane<u16>(words + ((<usize>i16x8.extract_lane_u(keys, 6)) << 1), found0, 6);
    found1 = v128.load_lane<u16>(words + ((<usize>i16x8.extract_lane_u(keys, 7)) << 1), found1, 7);
    const passed = i16x8.eq(v128.and(v128.or(found0, found1), wanted), wanted);
    if (v128.any_true(passed)) {
      const lane = firstFound(passed, s1, s2);
      if (lane >= 0) {
        foundAt = at + <usize>lane + 1;
        return foundAt;
      }
    }
    at += 8;
    s1 = v128.shuffle<i16>(s1, s1, 7, 7, 7, 7, 7, 7, 7, 7);
    s2 = v128.shuffle<i16>(s2, s2, 7, 7, 7, 7, 7, 7, 7, 7);
  } while (at <= end);
  foundSum = (i32x4.extract_lane(s1, 0) & 0xffff) | (i32x4.extract_lane(s2, 0) << 16);
  return at;
}

/** The sums of the eight offsets of a round. */
const LANES: usize = memory.data(32, 16);

/** The first lane set in `passed` whose sum is that of a block, with the sum in `foundSum`; or -1. */
function firstFound(passed: v128, s1: v128, s2: v128): i32 {
  v128.store(LANES, v128.shuffle<i16>(s1, s2, 0, 8, 1, 9, 2, 10, 3, 11));
  v128.store(LANES, v128.shuffle<i16>(s1, s2, 4, 12, 5, 13, 6, 14, 7, 15), 16);
  let lanes = i16x8.bitmask(passed);
  do {
    const lane = ctz(lanes);
    const sum = load<i32>(LANES + ((<usize>lane) << 2));
    if (mayHave(sum) && lookUp(sum) >= 0) {
      foundSum = sum;
      return lane;
    }
    lanes &= lanes - 1;
  } while (lanes !== 0);
  return -1;
}
