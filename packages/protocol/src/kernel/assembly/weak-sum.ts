/**
 * The weak sum: s1 = sum of x[i], s2 = sum of (n - i) x[i], both modulo 2^16, bytes signed. Spec 3-transfer, 4.4.
 *
 * Sixteen byte lanes are summed on their own: after m rounds lane j holds a[j] = sum of its bytes and b[j] = sum of all
 * running values of a[j], so that s2 = 16 * sum(b[j]) - sum(j * a[j]). No multiplication inside the loop.
 */

// @inline
function sumLanes(v: v128): i32 {
  const pairs = i32x4.extadd_pairwise_i16x8_s(v);
  return (
    i32x4.extract_lane(pairs, 0) +
    i32x4.extract_lane(pairs, 1) +
    i32x4.extract_lane(pairs, 2) +
    i32x4.extract_lane(pairs, 3)
  );
}

/** Packed as s1 + 65536 * s2. */
export function weakSum(at: usize, length: i32): i32 {
  let s1: i32 = 0;
  let s2: i32 = 0;
  const end = at + <usize>length;
  const vectorEnd = at + <usize>(length & ~15);
  if (at < vectorEnd) {
    let aLow = i16x8.splat(0);
    let aHigh = aLow;
    let bLow = aLow;
    let bHigh = aLow;
    do {
      const x = v128.load(at);
      aLow = i16x8.add(aLow, i16x8.extend_low_i8x16_s(x));
      aHigh = i16x8.add(aHigh, i16x8.extend_high_i8x16_s(x));
      bLow = i16x8.add(bLow, aLow);
      bHigh = i16x8.add(bHigh, aHigh);
      at += 16;
    } while (at < vectorEnd);
    s1 = sumLanes(i16x8.add(aLow, aHigh));
    const weighted = i16x8.add(
      i16x8.mul(aLow, i16x8(0, 1, 2, 3, 4, 5, 6, 7)),
      i16x8.mul(aHigh, i16x8(8, 9, 10, 11, 12, 13, 14, 15)),
    );
    s2 = 16 * sumLanes(i16x8.add(bLow, bHigh)) - sumLanes(weighted);
  }
  while (at < end) {
    s1 += <i32>load<i8>(at++);
    s2 += s1;
  }
  return (s1 & 0xffff) | (s2 << 16);
}

/** The sums of consecutive blocks of `blockLength` bytes (the last may be short), as 32-bit integers from `out` on. */
export function weakSums(at: usize, length: i32, blockLength: i32, out: usize): void {
  while (length > 0) {
    const size = min(length, blockLength);
    store<i32>(out, weakSum(at, size));
    at += <usize>size;
    length -= size;
    out += 4;
  }
}
