/**
 * LZ4 blocks. Format and rules: ../../compress/lz4-block.ts, which does the same without WebAssembly.
 *
 * Copies run in steps of 8 and 16 bytes: the caller leaves 32 bytes free behind source and target.
 */

const MIN_COPY: i32 = 4;
const LAST_LITERALS: usize = 5;
const COPY_LIMIT: usize = 12;
const TABLE_BITS: u32 = 13;
const SKIP_BITS: u32 = 6;
/** Literals and copies below this have their length in the token alone. */
const LONG: i32 = 15;
/** A sequence of short lengths reads and writes, in steps, no more than this behind its token. */
const SHORT_READ: usize = 16;
const SHORT_WRITTEN: usize = 32;
const DAMAGED: i32 = -1;
const TOO_LONG: i32 = -2;

/**
 * The place of the six bytes at `at`. They find fewer copies than four would, but longer ones: blocks are as short (text 1 %
 * longer, code 1 % shorter), made a tenth faster and expanded by a half.
 */
// @inline
function slotAt(table: usize, at: usize): usize {
  const hash = ((load<u64>(at) << 16) * 0x9e3779b185ebca87) >> (64 - TABLE_BITS);
  return table + ((<usize>hash) << 1);
}

// @inline
function copySteps(to: usize, from: usize, count: i32): void {
  const end = to + <usize>count;
  do {
    v128.store(to, v128.load(from));
    to += 16;
    from += 16;
  } while (to < end);
}

/** As much as a copy of a short length can be, from at least 8 bytes back. */
// @inline
function copyShort(to: usize, from: usize): void {
  store<u64>(to, load<u64>(from));
  store<u64>(to, load<u64>(from, 8), 8);
  store<u16>(to, load<u16>(from, 16), 16);
}

/** Where the bytes from `a` on stop being those from `b` on. */
// @inline
function endOfCopy(a: usize, b: usize, end: usize): usize {
  while (a + 8 <= end) {
    const difference = load<u64>(a) ^ load<u64>(b);
    if (difference !== 0) return a + <usize>(ctz(difference) >> 3);
    a += 8;
    b += 8;
  }
  while (a < end && load<u8>(a) === load<u8>(b)) {
    a++;
    b++;
  }
  return a;
}

function putLength(out: usize, rest: i32): usize {
  while (rest >= 255) {
    store<u8>(out++, 255);
    rest -= 255;
  }
  store<u8>(out++, rest);
  return out;
}

/** A token with its literals. */
// @inline
function putLiterals(out: usize, from: usize, count: i32, copied: i32): usize {
  store<u8>(out++, (min(count, LONG) << 4) | min(copied, LONG));
  if (count < LONG) {
    v128.store(out, v128.load(from));
  } else {
    out = putLength(out, count - LONG);
    copySteps(out, from, count);
  }
  return out + <usize>count;
}

/** A whole sequence: a token, its literals and how far back its copy is; 0 when that might not fit. */
// @inline
function putSequence(
  out: usize,
  limit: usize,
  from: usize,
  literals: i32,
  distance: usize,
  copied: i32,
): usize {
  const room = literals + (literals >> 7) + (copied >> 7) + 8; // more than it takes, without a division
  if (out + <usize>room > limit) return 0;
  out = putLiterals(out, from, literals, copied);
  store<u16>(out, <u16>distance);
  out += 2;
  return copied < LONG ? out : putLength(out, copied - LONG);
}

/**
 * Compresses `length` (below 65535) bytes; -1 when the result would not surely fit into `room`. `table` is 16 KiB: the
 * offset at which each hash was met last. Of what was never met it says the start, which is then compared like any other.
 */
export function lz4Compress(at: usize, length: i32, out: usize, room: i32, table: usize): i32 {
  memory.fill(table, 0, 2 << TABLE_BITS);
  const start = at;
  const target = out;
  const limit = out + <usize>room;
  const end = at + <usize>length;
  let anchor = at++;
  let misses: u32 = 1 << SKIP_BITS;
  while (at <= end - COPY_LIMIT) {
    const slot = slotAt(table, at);
    let earlier = start + <usize>load<u16>(slot);
    store<u16>(slot, <u16>(at - start));
    if (load<u32>(earlier) !== load<u32>(at)) {
      at += <usize>(misses++ >> SKIP_BITS);
      continue;
    }
    misses = 1 << SKIP_BITS;
    const copyEnd = endOfCopy(at + 4, earlier + 4, end - LAST_LITERALS);
    while (at > anchor && earlier > start && load<u8>(at - 1) === load<u8>(earlier - 1)) {
      at--;
      earlier--;
    }
    const copied = <i32>(copyEnd - at) - MIN_COPY;
    out = putSequence(out, limit, anchor, <i32>(at - anchor), at - earlier, copied);
    if (out === 0) return -1;
    at = copyEnd;
    anchor = at;
    store<u16>(slotAt(table, at - 2), <u16>(at - 2 - start));
  }
  const rest = <i32>(end - anchor);
  if (out + <usize>(rest + rest / 255 + 2) > limit) return -1;
  return <i32>(putLiterals(out, anchor, rest, 0) - target);
}

/** Where the length that `longLength` read ends. */
let lengthEnd: usize = 0;

/** The rest of a length that did not fit into its token; -1 when its end is missing. */
function longLength(at: usize, end: usize): i32 {
  let rest: i32 = 0;
  let more: i32;
  do {
    if (at >= end) return -1;
    more = <i32>load<u8>(at++);
    rest += more;
  } while (more === 255);
  lengthEnd = at;
  return rest;
}

/** Copies from `distance` bytes back; what overlaps repeats what was just written. */
// @inline
function copyBack(out: usize, distance: usize, count: i32): void {
  if (distance >= 16) {
    copySteps(out, out - distance, count);
    return;
  }
  const end = out + <usize>count;
  while (out < end) {
    store<u8>(out, load<u8>(out - distance));
    out++;
  }
}

/** Expands `length` bytes: the count of bytes that made, -1 when they are damaged, -2 when they make more than `room`. */
export function lz4Expand(at: usize, length: i32, out: usize, room: i32): i32 {
  const target = out;
  const limit = out + <usize>room;
  const end = at + <usize>length;
  while (at < end) {
    const token = <i32>load<u8>(at++);
    let count = token >> 4;
    let copied = token & LONG;
    // Most sequences are short: no loops, and one look at the ends.
    if (count < LONG && copied < LONG && end - at >= SHORT_READ && limit - out >= SHORT_WRITTEN) {
      v128.store(out, v128.load(at));
      const copyAt = out + <usize>count;
      const distance = <usize>load<u16>(at + <usize>count);
      if (distance >= 8 && distance <= copyAt - target) {
        copyShort(copyAt, copyAt - distance);
        at += <usize>(count + 2);
        out = copyAt + <usize>(copied + MIN_COPY);
        continue;
      }
    }
    if (count === LONG) {
      const more = longLength(at, end);
      if (more < 0) return DAMAGED;
      count += more;
      at = lengthEnd;
    }
    if (<usize>count > end - at) return DAMAGED;
    if (<usize>count > limit - out) return TOO_LONG;
    if (count > 0) copySteps(out, at, count);
    at += <usize>count;
    out += <usize>count;
    if (at === end) return <i32>(out - target);
    if (end - at < 2) return DAMAGED;
    const distance = <usize>load<u16>(at);
    at += 2;
    if (distance === 0 || distance > out - target) return DAMAGED;
    if (copied === LONG) {
      const more = longLength(at, end);
      if (more < 0) return DAMAGED;
      copied += more;
      at = lengthEnd;
    }
    copied += MIN_COPY;
    if (<usize>copied > limit - out) return TOO_LONG;
    copyBack(out, distance, copied);
    out += <usize>copied;
  }
  // The last sequence is literals only: something is missing.
  return DAMAGED;
}
