/**
 * XXH3 up to 240 bytes, 128 bits wide. The digest is stored in RESULT.
 */
import {
  avalanche64,
  multiply,
  PRIME32_2,
  PRIME64_1,
  PRIME64_2,
  PRIME64_4,
  productHigh,
  RESULT,
} from "./xxh-common";
import { SECRET } from "./xxh3-secret";
import { avalanche, mix16, PRIME_MX2, packTiny, secretPair, spreadSeed } from "./xxh3-short";

// @inline
function storeResult(low: u64, high: u64): void {
  store<u64>(RESULT, low);
  store<u64>(RESULT, high, 8);
}

export function shortHash128(at: usize, length: usize, seed: u64): void {
  if (length > 128) hash129to240(at, length, seed);
  else if (length > 16) hash17to128(at, length, seed);
  else if (length > 8) hash9to16(at, length, seed);
  else if (length > 3) hash4to8(at, length, seed);
  else if (length > 0) hash1to3(at, length, seed);
  else storeResult(avalanche64(seed ^ secretPair(64)), avalanche64(seed ^ secretPair(80)));
}

function hash1to3(at: usize, length: usize, seed: u64): void {
  const low = packTiny(at, length);
  const high = rotl<u32>(bswap<u32>(low), 13);
  const flipLow = <u64>(load<u32>(SECRET) ^ load<u32>(SECRET, 4)) + seed;
  const flipHigh = <u64>(load<u32>(SECRET, 8) ^ load<u32>(SECRET, 12)) - seed;
  storeResult(avalanche64(<u64>low ^ flipLow), avalanche64(<u64>high ^ flipHigh));
}

function hash4to8(at: usize, length: usize, seed: u64): void {
  const flip = secretPair(16) + spreadSeed(seed);
  const input = <u64>load<u32>(at) + ((<u64>load<u32>(at + length - 4)) << 32);
  let low = multiply(input ^ flip, PRIME64_1 + ((<u64>length) << 2));
  const high = productHigh + (low << 1);
  low ^= high >> 3;
  low ^= low >> 35;
  low *= PRIME_MX2;
  low ^= low >> 28;
  storeResult(low, avalanche(high));
}

function hash9to16(at: usize, length: usize, seed: u64): void {
  const flipLow = secretPair(32) - seed;
  const flipHigh = secretPair(48) + seed;
  const first = load<u64>(at);
  let last = load<u64>(at + length - 8);
  let low = multiply(first ^ last ^ flipLow, PRIME64_1);
  let high = productHigh;
  low += (<u64>(length - 1)) << 54;
  last ^= flipHigh;
  high += last + (last & 0xffffffff) * (PRIME32_2 - 1);
  low ^= bswap<u64>(high);
  const finalLow = multiply(low, PRIME64_2);
  const finalHigh = productHigh + high * PRIME64_2;
  storeResult(avalanche(finalLow), avalanche(finalHigh));
}

let sumLow: u64 = 0;
let sumHigh: u64 = 0;

// @inline
function mix32(first: usize, second: usize, secret: usize, seed: u64): void {
  sumLow += mix16(first, secret, seed);
  sumLow ^= load<u64>(second) + load<u64>(second, 8);
  sumHigh += mix16(second, secret + 16, seed);
  sumHigh ^= load<u64>(first) + load<u64>(first, 8);
}

function finishMiddle(length: usize, seed: u64): void {
  const high = sumLow * PRIME64_1 + sumHigh * PRIME64_4 + (<u64>length - seed) * PRIME64_2;
  storeResult(avalanche(sumLow + sumHigh), 0 - avalanche(high));
}

function hash17to128(at: usize, length: usize, seed: u64): void {
  const end = at + length;
  sumLow = <u64>length * PRIME64_1;
  sumHigh = 0;
  // From the middle to both ends.
  for (let offset = ((length - 1) / 32) * 16 + 16; offset > 0; ) {
    offset -= 16;
    mix32(at + offset, end - offset - 16, SECRET + 2 * offset, seed);
  }
  finishMiddle(length, seed);
}

function hash129to240(at: usize, length: usize, seed: u64): void {
  sumLow = <u64>length * PRIME64_1;
  sumHigh = 0;
  for (let i: usize = 0; i < 128; i += 32) mix32(at + i, at + i + 16, SECRET + i, seed);
  sumLow = avalanche(sumLow);
  sumHigh = avalanche(sumHigh);
  for (let i: usize = 128; i + 32 <= length; i += 32) {
    mix32(at + i, at + i + 16, SECRET + i - 125, seed);
  }
  mix32(at + length - 16, at + length - 32, SECRET + 103, 0 - seed);
  finishMiddle(length, seed);
}
