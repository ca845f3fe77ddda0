import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ProtocolError } from "../errors.js";
import { createCursor, createWriter, UNDERFLOW, written } from "../wire/index.js";
import {
  basisSizeOf,
  computeSumHead,
  EMPTY_SUM_HEAD,
  maxBlockLength,
  readSumHead,
  type SumHead,
  writeSumHead,
} from "./index.js";

const OPTIONS = { protocol: 32, blockSize: null, digestLength: 16, redo: false };

function encode(head: SumHead): Uint8Array {
  const writer = createWriter();
  writeSumHead(writer, head, OPTIONS.protocol);
  return written(writer);
}

describe("block sizes", () => {
  /** The table of spec 3-transfer, 4.2: size, block length, count, strong length, remainder. */
  test.each([
    [1, 700, 1, 2, 1],
    [490_000, 700, 700, 2, 0],
    [492_804, 700, 705, 2, 4],
    [500_000, 704, 711, 2, 160],
    [1_048_576, 1024, 1024, 2, 0],
    [10_000_000, 3160, 3165, 2, 1760],
    [67_121_209, 8192, 8194, 3, 4153],
    [1_073_741_823, 32_760, 32_777, 3, 63],
    [3_000_000_000, 54_768, 54_777, 4, 28_032],
    [17_179_869_183, 131_064, 131_081, 4, 63],
    [17_179_869_184, 131_072, 131_072, 4, 0],
    [68_719_476_736, 131_072, 524_288, 5, 0],
    [1_099_511_627_776, 131_072, 8_388_608, 6, 0],
  ])(
    "of a basis of %d bytes are those of rsync",
    (size, blockLength, count, s2length, remainder) => {
      const head = computeSumHead(size, OPTIONS);
      expect(head).toEqual({ count, blockLength, s2length, remainder });
      expect(basisSizeOf(head)).toBe(size);
    },
  );

  test("below protocol 30 grow beyond 131072", () => {
    expect(computeSumHead(2 ** 36, { ...OPTIONS, protocol: 29 }).blockLength).toBe(2 ** 18);
  });

  test("are those of the option where it is given", () => {
    const head = computeSumHead(55, { ...OPTIONS, blockSize: 16 });
    expect(head).toEqual({ count: 4, blockLength: 16, s2length: 2, remainder: 7 });
    const large = { ...OPTIONS, blockSize: 131_073 };
    expect(() => computeSumHead(55, large)).toThrow(RangeError);
    expect(computeSumHead(55, { ...large, protocol: 29 }).blockLength).toBe(131_073);
  });

  test("of a redo come with strong sums in full, but never longer than the digest", () => {
    expect(computeSumHead(55, { ...OPTIONS, redo: true }).s2length).toBe(16);
    expect(computeSumHead(55, { ...OPTIONS, redo: true, digestLength: 8 }).s2length).toBe(8);
    expect(computeSumHead(55, { ...OPTIONS, redo: true, digestLength: 20 }).s2length).toBe(16);
  });

  test("do not exist for an empty basis or for more blocks than an int counts", () => {
    expect(computeSumHead(0, OPTIONS)).toEqual(EMPTY_SUM_HEAD);
    expect(computeSumHead(2 ** 40, { ...OPTIONS, blockSize: 16 })).toEqual(EMPTY_SUM_HEAD);
  });
});

describe("sum head", () => {
  test("comes back as it was written, and every prefix of it is too short", () => {
    fc.assert(
      fc.property(
        fc.record({
          count: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
          blockLength: fc.integer({ min: 1, max: 131_072 }),
          s2length: fc.integer({ min: 0, max: 16 }),
          remainder: fc.constant(0),
        }),
        fc.nat(15),
        (head, cut) => {
          const bytes = encode(head);
          expect(readSumHead(createCursor(bytes), OPTIONS)).toEqual(head);
          const cursor = createCursor(bytes.subarray(0, cut));
          expect(() => readSumHead(cursor, OPTIONS)).toThrow(UNDERFLOW);
          expect(cursor.offset).toBe(0);
        },
      ),
    );
  });

  test.each<[string, Partial<SumHead>]>([
    ["a negative count", { count: -1 }],
    ["a negative block length", { blockLength: -1 }],
    ["a block length above the maximum", { blockLength: 131_073 }],
    ["blocks of no length", { blockLength: 0, remainder: 0 }],
    ["a negative strong length", { s2length: -1 }],
    ["a strong length above the digest", { s2length: 17 }],
    ["a negative remainder", { remainder: -1 }],
    ["a remainder above the block length", { remainder: 701 }],
  ])("with %s is refused", (_what, wrong) => {
    const head = { count: 2, blockLength: 700, s2length: 2, remainder: 3, ...wrong };
    expect(() => readSumHead(createCursor(encode(head)), OPTIONS)).toThrow(ProtocolError);
  });

  test("may have blocks of 512 MiB below protocol 30, no more", () => {
    const head = { count: 2, blockLength: 2 ** 29, s2length: 2, remainder: 3 };
    const limits = { protocol: 29, digestLength: 16 };
    expect(readSumHead(createCursor(encode(head)), limits)).toEqual(head);
    head.blockLength++;
    expect(() => readSumHead(createCursor(encode(head)), limits)).toThrow(ProtocolError);
    expect(maxBlockLength(30)).toBe(131_072);
  });

  test.each([false, true])("says nothing of strong sums below protocol 27 (redo: %s)", (redo) => {
    const old = { ...OPTIONS, protocol: 26, redo };
    const head = computeSumHead(3_000_000_000, old);
    expect(head.s2length).toBe(redo ? 16 : 2);
    const writer = createWriter();
    writeSumHead(writer, head, 26);
    const bytes = written(writer);
    expect(bytes.length).toBe(12);
    expect(readSumHead(createCursor(bytes), old, redo)).toEqual(head);
    const cursor = createCursor(bytes.subarray(0, 11));
    expect(() => readSumHead(cursor, old, redo)).toThrow(UNDERFLOW);
    expect(cursor.offset).toBe(0);
  });

  test("of an old generator's redo may ask for 16 bytes of an 8-byte digest", () => {
    const head = { count: 2, blockLength: 700, s2length: 16, remainder: 3 };
    const limits = { protocol: 32, digestLength: 8 };
    expect(readSumHead(createCursor(encode(head)), limits)).toEqual(head);
  });
});
