/**
 * XXH3 up to 240 bytes, 64 bits wide. Each range of lengths has a formula of its own.
 */
import { avalanche64, foldedProduct, PRIME64_1 } from "./xxh-common";
import { SECRET } from "./xxh3-secret";

const PRIME_MX1: u64 = 0x165667919e3779f9;
export const PRIME_MX2: u64 = 0x9fb21c651e98df25;
export const MAX_SHORT: usize = 240;

// @inline
export function avalanche(hash: u64): u64 {
  hash ^= hash >> 37;
  hash *= PRIME_MX1;
  return hash ^ (hash >> 32);
}

/** The 64 bits of the secret at `offset`, combined with the next 64. */
// @inline
export function secretPair(offset: usize): u64 {
  return load<u64>(SECRET + offset) ^ load<u64>(SECRET + offset, 8);
}

/** One to three bytes and their number in 32 bits. */
// @inline
export function packTiny(at: usize, length: usize): u32 {
  const first = <u32>load<u8>(at);
  const middle = <u32>load<u8>(at + (length >> 1));
  const last = <u32>load<u8>(at + length - 1);
  return (first << 16) | (middle << 24) | last | ((<u32>length) << 8);
}

// @inline
export function spreadSeed(seed: u64): u64 {
  return seed ^ ((<u64>bswap<u32>(<u32>seed)) << 32);
}

// @inline
export function mix16(at: usize, secret: usize, seed: u64): u64 {
  return foldedProduct(
    load<u64>(at) ^ (load<u64>(secret) + seed),
    load<u64>(at, 8) ^ (load<u64>(secret, 8) - seed),
  );
}

export function shortHash64(at: usize, length: usize, seed: u64): u64 {
  if (length > 128) return hash129to240(at, length, seed);
  if (length > 16) return hash17to128(at, length, seed);
  if (length > 8) return hash9to16(at, length, seed);
  if (length > 3) return hash4to8(at, length, seed);
  if (length === 0) return avalanche64(seed ^ secretPair(56));
  const flip = <u64>(load<u32>(SECRET) ^ load<u32>(SECRET, 4)) + seed;
  return avalanche64(<u64>packTiny(at, length) ^ flip);
}

function hash4to8(at: usize, length: usize, seed: u64): u64 {
  const flip = secretPair(8) - spreadSeed(seed);
  const input = <u64>load<u32>(at + length - 4) + ((<u64>load<u32>(at)) << 32);
  let hash = input ^ flip;
  hash ^= rotl(hash, 49) ^ rotl(hash, 24);
  hash *= PRIME_MX2;
  hash ^= (hash >> 35) + <u64>length;
  hash *= PRIME_MX2;
  return hash ^ (hash >> 28);
}

function hash9to16(at: usize, length: usize, seed: u64): u64 {
  const low = load<u64>(at) ^ (secretPair(24) + seed);
  const high = load<u64>(at + length - 8) ^ (secretPair(40) - seed);
  return avalanche(<u64>length + bswap<u64>(low) + high + foldedProduct(low, high));
}

function hash17to128(at: usize, length: usize, seed: u64): u64 {
  const end = at + length;
  let sum = <u64>length * PRIME64_1;
  // Pairs from both ends towards the middle.
  for (let i: usize = 0; i < (length + 31) / 32; i++) {
    sum += mix16(at + 16 * i, SECRET + 32 * i, seed);
    sum += mix16(end - 16 * (i + 1), SECRET + 32 * i + 16, seed);
  }
  return avalanche(sum);
}

function hash129to240(at: usize, length: usize, seed: u64): u64 {
  let sum = <u64>length * PRIME64_1;
  for (let i: usize = 0; i < 128; i += 16) sum += mix16(at + i, SECRET + i, seed);
  sum = avalanche(sum);
  for (let i: usize = 128; i + 16 <= length; i += 16) sum += mix16(at + i, SECRET + i - 125, seed);
  return avalanche(sum + mix16(at + length - 16, SECRET + 119, seed));
}
