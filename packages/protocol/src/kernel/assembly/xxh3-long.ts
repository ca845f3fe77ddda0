/**
 * XXH3 beyond 240 bytes: stripes of 64 bytes go into eight accumulators; after each block of 16 stripes these are
 * scrambled.
 */
import {
  foldedProduct,
  PRIME32_1,
  PRIME32_2,
  PRIME32_3,
  PRIME64_1,
  PRIME64_2,
  PRIME64_3,
  PRIME64_4,
  PRIME64_5,
  RESULT,
} from "./xxh-common";
import { avalanche } from "./xxh3-short";

export const STRIPE: usize = 64;
const SECRET_SIZE: usize = 192;
const STRIPES_PER_BLOCK: u32 = 16;
const SECRET_OF_SCRAMBLE: usize = SECRET_SIZE - STRIPE;
const SECRET_OF_LAST_STRIPE: usize = SECRET_SIZE - STRIPE - 7;
const SECRET_OF_LOW: usize = 11;
const SECRET_OF_HIGH: usize = SECRET_SIZE - STRIPE - 11;

export function initAccumulators(acc: usize): void {
  store<u64>(acc, PRIME32_3);
  store<u64>(acc, PRIME64_1, 8);
  store<u64>(acc, PRIME64_2, 16);
  store<u64>(acc, PRIME64_3, 24);
  store<u64>(acc, PRIME64_4, 32);
  store<u64>(acc, PRIME32_2, 40);
  store<u64>(acc, PRIME64_5, 48);
  store<u64>(acc, PRIME32_1, 56);
}

// @inline
function swapHalves(x: v128): v128 {
  return v128.shuffle<u64>(x, x, 1, 0);
}

/** Of two vectors of 64-bit lanes, the low 32 bits of each. */
// @inline
function lowHalves(a: v128, b: v128): v128 {
  return v128.shuffle<u32>(a, b, 0, 2, 4, 6);
}

// @inline
function highHalves(a: v128, b: v128): v128 {
  return v128.shuffle<u32>(a, b, 1, 3, 5, 7);
}

// @inline
function scramble(acc: v128, secret: usize): v128 {
  const mixed = v128.xor(v128.xor(acc, i64x2.shr_u(acc, 47)), v128.load(secret));
  return i64x2.mul(mixed, i64x2.splat(<i64>PRIME32_1));
}

/**
 * Takes `count` stripes from `at` on into the accumulators at `acc`. `done` stripes of the present block were taken before;
 * the new number is returned.
 */
export function consumeStripes(acc: usize, at: usize, count: usize, secret: usize, done: u32): u32 {
  let acc0 = v128.load(acc);
  let acc1 = v128.load(acc, 16);
  let acc2 = v128.load(acc, 32);
  let acc3 = v128.load(acc, 48);
  const end = at + count * STRIPE;
  while (at < end) {
    const blockEnd = min(end, at + <usize>(STRIPES_PER_BLOCK - done) * STRIPE);
    let key = secret + <usize>done * 8;
    done += <u32>((blockEnd - at) / STRIPE);
    do {
      const data0 = v128.load(at);
      const data1 = v128.load(at, 16);
      const data2 = v128.load(at, 32);
      const data3 = v128.load(at, 48);
      const mixed0 = v128.xor(data0, v128.load(key));
      const mixed1 = v128.xor(data1, v128.load(key, 16));
      const mixed2 = v128.xor(data2, v128.load(key, 32));
      const mixed3 = v128.xor(data3, v128.load(key, 48));
      const low01 = lowHalves(mixed0, mixed1);
      const high01 = highHalves(mixed0, mixed1);
      const low23 = lowHalves(mixed2, mixed3);
      const high23 = highHalves(mixed2, mixed3);
      acc0 = i64x2.add(i64x2.add(acc0, swapHalves(data0)), i64x2.extmul_low_i32x4_u(low01, high01));
      acc1 = i64x2.add(
        i64x2.add(acc1, swapHalves(data1)),
        i64x2.extmul_high_i32x4_u(low01, high01),
      );
      acc2 = i64x2.add(i64x2.add(acc2, swapHalves(data2)), i64x2.extmul_low_i32x4_u(low23, high23));
      acc3 = i64x2.add(
        i64x2.add(acc3, swapHalves(data3)),
        i64x2.extmul_high_i32x4_u(low23, high23),
      );
      at += STRIPE;
      key += 8;
    } while (at < blockEnd);
    if (done === STRIPES_PER_BLOCK) {
      done = 0;
      acc0 = scramble(acc0, secret + SECRET_OF_SCRAMBLE);
      acc1 = scramble(acc1, secret + SECRET_OF_SCRAMBLE + 16);
      acc2 = scramble(acc2, secret + SECRET_OF_SCRAMBLE + 32);
      acc3 = scramble(acc3, secret + SECRET_OF_SCRAMBLE + 48);
    }
  }
  v128.store(acc, acc0);
  v128.store(acc, acc1, 16);
  v128.store(acc, acc2, 32);
  v128.store(acc, acc3, 48);
  return done;
}

/** The last 64 bytes of the data, whether or not some of them were in a stripe before. */
export function consumeLastStripe(acc: usize, at: usize, secret: usize): void {
  consumeStripes(acc, at, 1, secret + SECRET_OF_LAST_STRIPE, 0);
}

function mergeAccumulators(acc: usize, secret: usize, start: u64): u64 {
  let sum = start;
  for (let i: usize = 0; i < STRIPE; i += 16) {
    sum += foldedProduct(
      load<u64>(acc + i) ^ load<u64>(secret + i),
      load<u64>(acc + i, 8) ^ load<u64>(secret + i, 8),
    );
  }
  return avalanche(sum);
}

/** Stores the digest in RESULT; the low half of the 128-bit one is the 64-bit one. */
export function finishLong(acc: usize, secret: usize, length: u64, wide: bool): void {
  store<u64>(RESULT, mergeAccumulators(acc, secret + SECRET_OF_LOW, length * PRIME64_1));
  if (wide) {
    const start = ~(length * PRIME64_2);
    store<u64>(RESULT, mergeAccumulators(acc, secret + SECRET_OF_HIGH, start), 8);
  }
}

const BLOCK_ACC: usize = memory.data(64, 16);

/** One-shot for more than 240 bytes. */
export function hashLong(at: usize, length: usize, secret: usize, wide: bool): void {
  initAccumulators(BLOCK_ACC);
  consumeStripes(BLOCK_ACC, at, (length - 1) / STRIPE, secret, 0);
  consumeLastStripe(BLOCK_ACC, at + length - STRIPE, secret);
  finishLong(BLOCK_ACC, secret, <u64>length, wide);
}
