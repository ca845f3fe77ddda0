/**
 * What the hashes of the xxHash family share: primes, final mixing, a 64 x 64 -> 128 bit product, where results go.
 */

export const PRIME32_1: u64 = 0x9e3779b1;
export const PRIME32_2: u64 = 0x85ebca77;
export const PRIME32_3: u64 = 0xc2b2ae3d;
export const PRIME64_1: u64 = 0x9e3779b185ebca87;
export const PRIME64_2: u64 = 0xc2b2ae3d27d4eb4f;
export const PRIME64_3: u64 = 0x165667b19e3779f9;
export const PRIME64_4: u64 = 0x85ebca77c2b2ae63;
export const PRIME64_5: u64 = 0x27d4eb2f165667c5;

/** A digest as it is on the wire: little-endian, the low half first. */
export const RESULT: usize = memory.data(16, 16);

/**
 * The state of the stream that is under way: accumulators (64 bytes), buffer (256), total length (8), bytes in the buffer
 * (4), stripes taken into the present block (4). The caller may put it aside and bring it back.
 */
export const STATE: usize = memory.data(336, 16);
export const STATE_BUFFER: usize = STATE + 64;
export const STATE_TOTAL: usize = STATE + 320;
export const STATE_BUFFERED: usize = STATE + 328;
export const STATE_STRIPES: usize = STATE + 332;

export function getResult(): usize {
  return RESULT;
}

export function getState(): usize {
  return STATE;
}

// @inline
export function avalanche64(hash: u64): u64 {
  hash ^= hash >> 33;
  hash *= PRIME64_2;
  hash ^= hash >> 29;
  hash *= PRIME64_3;
  return hash ^ (hash >> 32);
}

/** The upper half of the last product of `multiply`. */
export let productHigh: u64 = 0;

/** The lower half of a * b; the upper half is left in `productHigh`. */
export function multiply(a: u64, b: u64): u64 {
  const aLow = a & 0xffffffff;
  const aHigh = a >> 32;
  const bLow = b & 0xffffffff;
  const bHigh = b >> 32;
  const lowLow = aLow * bLow;
  const highLow = aHigh * bLow;
  const cross = (lowLow >> 32) + (highLow & 0xffffffff) + aLow * bHigh;
  productHigh = (highLow >> 32) + (cross >> 32) + aHigh * bHigh;
  return (cross << 32) | (lowLow & 0xffffffff);
}

// @inline
export function foldedProduct(a: u64, b: u64): u64 {
  const low = multiply(a, b);
  return low ^ productHigh;
}
