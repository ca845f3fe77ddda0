/**
 * XXH64, one-shot and as a stream. Stripes of 32 bytes go through four lanes.
 */
import {
  avalanche64,
  PRIME64_1,
  PRIME64_2,
  PRIME64_3,
  PRIME64_4,
  PRIME64_5,
  RESULT,
  STATE,
  STATE_BUFFER,
  STATE_BUFFERED,
  STATE_TOTAL,
} from "./xxh-common";

const STRIPE: usize = 32;

// @inline
function round(lane: u64, input: u64): u64 {
  return rotl(lane + input * PRIME64_2, 31) * PRIME64_1;
}

// @inline
function mergeLane(hash: u64, lane: u64): u64 {
  return (hash ^ round(0, lane)) * PRIME64_1 + PRIME64_4;
}

function initLanes(seed: u64): void {
  store<u64>(STATE, seed + PRIME64_1 + PRIME64_2);
  store<u64>(STATE, seed + PRIME64_2, 8);
  store<u64>(STATE, seed, 16);
  store<u64>(STATE, seed - PRIME64_1, 24);
}

/** Takes in whole stripes. */
function consume(at: usize, end: usize): void {
  let lane0 = load<u64>(STATE);
  let lane1 = load<u64>(STATE, 8);
  let lane2 = load<u64>(STATE, 16);
  let lane3 = load<u64>(STATE, 24);
  while (at < end) {
    lane0 = round(lane0, load<u64>(at));
    lane1 = round(lane1, load<u64>(at, 8));
    lane2 = round(lane2, load<u64>(at, 16));
    lane3 = round(lane3, load<u64>(at, 24));
    at += STRIPE;
  }
  store<u64>(STATE, lane0);
  store<u64>(STATE, lane1, 8);
  store<u64>(STATE, lane2, 16);
  store<u64>(STATE, lane3, 24);
}

function mergeLanes(): u64 {
  const lane0 = load<u64>(STATE);
  const lane1 = load<u64>(STATE, 8);
  const lane2 = load<u64>(STATE, 16);
  const lane3 = load<u64>(STATE, 24);
  let hash = rotl(lane0, 1) + rotl(lane1, 7) + rotl(lane2, 12) + rotl(lane3, 18);
  hash = mergeLane(hash, lane0);
  hash = mergeLane(hash, lane1);
  hash = mergeLane(hash, lane2);
  return mergeLane(hash, lane3);
}

/** The last bytes, fewer than a stripe. */
function finish(hash: u64, at: usize, end: usize): u64 {
  for (; at + 8 <= end; at += 8) {
    hash = rotl(hash ^ round(0, load<u64>(at)), 27) * PRIME64_1 + PRIME64_4;
  }
  if (at + 4 <= end) {
    hash = rotl(hash ^ (<u64>load<u32>(at) * PRIME64_1), 23) * PRIME64_2 + PRIME64_3;
    at += 4;
  }
  for (; at < end; at++) {
    hash = rotl(hash ^ (<u64>load<u8>(at) * PRIME64_5), 11) * PRIME64_1;
  }
  return avalanche64(hash);
}

/** The stream's seed is 0: file checksums have none. */
export function xxh64Reset(): void {
  initLanes(0);
  store<u64>(STATE_TOTAL, 0);
  store<u32>(STATE_BUFFERED, 0);
}

export function xxh64Update(at: usize, length: usize): void {
  const end = at + length;
  store<u64>(STATE_TOTAL, load<u64>(STATE_TOTAL) + <u64>length);
  const buffered = <usize>load<u32>(STATE_BUFFERED);
  if (buffered + length < STRIPE) {
    memory.copy(STATE_BUFFER + buffered, at, length);
    store<u32>(STATE_BUFFERED, <u32>(buffered + length));
    return;
  }
  if (buffered > 0) {
    memory.copy(STATE_BUFFER + buffered, at, STRIPE - buffered);
    consume(STATE_BUFFER, STATE_BUFFER + STRIPE);
    at += STRIPE - buffered;
  }
  const rest = (end - at) & (STRIPE - 1);
  consume(at, end - rest);
  memory.copy(STATE_BUFFER, end - rest, rest);
  store<u32>(STATE_BUFFERED, <u32>rest);
}

export function xxh64Digest(): void {
  const total = load<u64>(STATE_TOTAL);
  const hash = total >= <u64>STRIPE ? mergeLanes() : PRIME64_5;
  const end = STATE_BUFFER + <usize>load<u32>(STATE_BUFFERED);
  store<u64>(RESULT, finish(hash + total, STATE_BUFFER, end));
}

/** One-shot. `STATE` is kept: a block sum may come between two updates of a stream. */
export function xxh64Block(at: usize, length: usize, seed: i32): void {
  const end = at + length;
  const seed64 = <u64>(<i64>seed);
  if (length < STRIPE) {
    store<u64>(RESULT, finish(seed64 + PRIME64_5 + <u64>length, at, end));
    return;
  }
  const kept0 = v128.load(STATE);
  const kept1 = v128.load(STATE, 16);
  initLanes(seed64);
  const rest = length & (STRIPE - 1);
  consume(at, end - rest);
  store<u64>(RESULT, finish(mergeLanes() + <u64>length, end - rest, end));
  v128.store(STATE, kept0);
  v128.store(STATE, kept1, 16);
}
