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
const DAMAGED: i32 = -1;
const TOO_LONG: i32 = -2;

// @inline
function slotOf(table: usize, word: u32): usize {
  return table + ((<usize>((word * 0x9e3779b1) >> (32 - TABLE_BITS))) << 1);
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

/** Where the bytes from `a` on stop being those from `b` on. */
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
function putLiterals(out: usize, from: usize, count: i32, copied: i32): usize {
  store<u8>(out++, (min(count, 15) << 4) | min(copied, 15));
  if (count >= 15) out = putLength(out, count - 15);
  if (count > 0) copySteps(out, from, count);
  return out + <usize>count;
}

/**
 * Compresses `length` (below 65535) bytes; -1 when the result would not surely fit into `room`. `table` is 16 KiB.
 */
export function lz4Compress(at: usize, length: i32, out: usize, room: i32, table: usize): i32 {
  memory.fill(table, 0, 2 << TABLE_BITS);
  const start = at;
  const target = out;
  const limit = out + <usize>room;
  const end = at + <usize>length;
  const lastStart = end - COPY_LIMIT;
  let anchor = at;
  let misses: u32 = 1 << SKIP_BITS;
  while (at <= lastStart) {
    const word = load<u32>(at);
    const slot = slotOf(table, word);
    const known = <usize>load<u16>(slot);
    store<u16>(slot, <u16>(at - start + 1));
    let earlier = start + known - 1;
    if (known === 0 || load<u32>(earlier) !== word) {
      at += <usize>(misses++ >> SKIP_BITS);
      continue;
    }
    misses = 1 << SKIP_BITS;
    const found = at;
    while (at > anchor && earlier > start && load<u8>(at - 1) === load<u8>(earlier - 1)) {
      at--;
      earlier--;
    }
    const copyEnd = endOfCopy(found + 4, earlier + (found - at) + 4, end - LAST_LITERALS);
    const literals = <i32>(at - anchor);
    const copied = <i32>(copyEnd - at) - MIN_COPY;
    const needed = literals + literals / 255 + copied / 255 + 8;
    if (out + <usize>needed > limit) return -1;
    out = putLiterals(out, anchor, literals, copied);
    store<u16>(out, <u16>(at - earlier));
    out += 2;
    if (copied >= 15) out = putLength(out, copied - 15);
    at = copyEnd;
    anchor = at;
    store<u16>(slotOf(table, load<u32>(at - 2)), <u16>(at - 2 - start + 1));
  }
  const rest = <i32>(end - anchor);
  if (out + <usize>(rest + rest / 255 + 2) > limit) return -1;
  return <i32>(putLiterals(out, anchor, rest, 0) - target);
}

/** Expands `length` bytes: the count of bytes that made, -1 when they are damaged, -2 when they make more than `room`. */
export function lz4Expand(at: usize, length: i32, out: usize, room: i32): i32 {
  const target = out;
  const limit = out + <usize>room;
  const end = at + <usize>length;
  while (at < end) {
    const token = <i32>load<u8>(at++);
    let count = token >> 4;
    if (count === 15) {
      let more: i32;
      do {
        if (at >= end) return DAMAGED;
        more = <i32>load<u8>(at++);
        count += more;
      } while (more === 255);
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
    let copied = token & 15;
    if (copied === 15) {
      let more: i32;
      do {
        if (at >= end) return DAMAGED;
        more = <i32>load<u8>(at++);
        copied += more;
      } while (more === 255);
    }
    copied += MIN_COPY;
    if (<usize>copied > limit - out) return TOO_LONG;
    const copyEnd = out + <usize>copied;
    if (distance >= 16) {
      copySteps(out, out - distance, copied);
      out = copyEnd;
    } else {
      // What overlaps repeats what was just written.
      while (out < copyEnd) {
        store<u8>(out, load<u8>(out - distance));
        out++;
      }
    }
  }
  // The last sequence is literals only: something is missing.
  return DAMAGED;
}
