/**
 * XXH3 with 64 and 128 bits: as a stream (unseeded, for file checksums) and one-shot (seeded, for block sums).
 */
import {
  RESULT,
  STATE,
  STATE_BUFFER,
  STATE_BUFFERED,
  STATE_STRIPES,
  STATE_TOTAL,
} from "./xxh-common";
import {
  consumeLastStripe,
  consumeStripes,
  finishLong,
  hashLong,
  initAccumulators,
  STRIPE,
} from "./xxh3-long";
import { SECRET, secretFor } from "./xxh3-secret";
import { MAX_SHORT, shortHash64 } from "./xxh3-short";
import { shortHash128 } from "./xxh3-short-wide";

const BUFFER_SIZE: usize = 256;
/** Where the last stripe is put together when it begins before the buffer. */
const LAST_STRIPE: usize = memory.data(64, 16);

export function xxh3Reset(): void {
  initAccumulators(STATE);
  store<u64>(STATE_TOTAL, 0);
  store<u32>(STATE_BUFFERED, 0);
  store<u32>(STATE_STRIPES, 0);
}

/** The last stripe is never taken in here: it is the one that `xxh3Digest` treats differently. */
export function xxh3Update(at: usize, length: usize): void {
  const end = at + length;
  store<u64>(STATE_TOTAL, load<u64>(STATE_TOTAL) + <u64>length);
  const buffered = <usize>load<u32>(STATE_BUFFERED);
  if (buffered + length <= BUFFER_SIZE) {
    memory.copy(STATE_BUFFER + buffered, at, length);
    store<u32>(STATE_BUFFERED, <u32>(buffered + length));
    return;
  }
  let done = load<u32>(STATE_STRIPES);
  if (buffered > 0) {
    memory.copy(STATE_BUFFER + buffered, at, BUFFER_SIZE - buffered);
    done = consumeStripes(STATE, STATE_BUFFER, BUFFER_SIZE / STRIPE, SECRET, done);
    at += BUFFER_SIZE - buffered;
  }
  if (end - at > BUFFER_SIZE) {
    const count = (end - at - 1) / STRIPE;
    done = consumeStripes(STATE, at, count, SECRET, done);
    at += count * STRIPE;
    // Kept at the end of the buffer: the last stripe may begin in it.
    memory.copy(STATE_BUFFER + BUFFER_SIZE - STRIPE, at - STRIPE, STRIPE);
  }
  memory.copy(STATE_BUFFER, at, end - at);
  store<u32>(STATE_BUFFERED, <u32>(end - at));
  store<u32>(STATE_STRIPES, done);
}

export function xxh3Digest(wide: bool): void {
  const total = load<u64>(STATE_TOTAL);
  const buffered = <usize>load<u32>(STATE_BUFFERED);
  if (total <= <u64>MAX_SHORT) {
    xxh3Block(STATE_BUFFER, buffered, 0, wide);
    return;
  }
  if (buffered >= STRIPE) {
    consumeStripes(STATE, STATE_BUFFER, (buffered - 1) / STRIPE, SECRET, load<u32>(STATE_STRIPES));
    consumeLastStripe(STATE, STATE_BUFFER + buffered - STRIPE, SECRET);
  } else {
    const before = STRIPE - buffered;
    memory.copy(LAST_STRIPE, STATE_BUFFER + BUFFER_SIZE - before, before);
    memory.copy(LAST_STRIPE + before, STATE_BUFFER, buffered);
    consumeLastStripe(STATE, LAST_STRIPE, SECRET);
  }
  finishLong(STATE, SECRET, total, wide);
}

/** One-shot; `seed` is extended with its sign. */
export function xxh3Block(at: usize, length: usize, seed: i32, wide: bool): void {
  const seed64 = <u64>(<i64>seed);
  if (length > MAX_SHORT) hashLong(at, length, secretFor(seed64), wide);
  else if (wide) shortHash128(at, length, seed64);
  else store<u64>(RESULT, shortHash64(at, length, seed64));
}
