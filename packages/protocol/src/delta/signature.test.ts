import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadStrongSum } from "../checksum/index.js";
import { PlainKernel } from "../kernel/index.js";
import { createCursor, createWriter } from "../wire/index.js";
import { computeSumHead, SignatureMaker, SignatureReader, type SumHead } from "./index.js";
import { CONTEXT, makeSums, noise, XXH128 } from "./test-support.js";

function headOf(size: number, blockSize: number | null): SumHead {
  return computeSumHead(size, { protocol: 32, blockSize, digestLength: 16, redo: false });
}

describe("making a signature", () => {
  test("does not depend on how reads are cut, nor on the kernel", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.integer({ min: 1, max: 900 }),
        fc.integer({ min: 1, max: 1500 }),
        (size, blockSize, piece) => {
          const basis = noise(size);
          const head = headOf(size, blockSize);
          const whole = makeSums(basis, head);
          expect(whole.length).toBe(head.count * 6);
          expect(makeSums(basis, head, XXH128, { piece })).toEqual(whole);
          const kernel = new PlainKernel();
          expect(makeSums(basis, head, XXH128, { kernel })).toEqual(whole);
        },
      ),
    );
  });

  test("keeps the count when the basis shrank: what is missing counts as zeros", () => {
    const head = headOf(1_000_000, 700);
    const padded = new Uint8Array(1_000_000);
    padded.set(noise(400_100));
    expect(makeSums(noise(400_100), head)).toEqual(makeSums(padded, head));
    expect(makeSums(new Uint8Array(0), head)).toEqual(makeSums(new Uint8Array(1_000_000), head));
  });

  test("reads no more than was promised when the basis grew", () => {
    const head = headOf(1000, 300);
    expect(makeSums(noise(5000), head)).toEqual(makeSums(noise(1000), head));
  });

  test("takes bounded bites: about 256 KiB each", () => {
    const head = headOf(3_000_000, 131_072);
    const maker = new SignatureMaker(XXH128, head);
    expect(maker.room().length).toBe(262_144);
    const long = new SignatureMaker(XXH128, { ...head, blockLength: 1_000_000, remainder: 0 });
    expect(long.room().length).toBe(1_000_000);
  });

  test("refuses a length that the room does not have", () => {
    const maker = new SignatureMaker(XXH128, headOf(1000, 300));
    const { length } = maker.room();
    expect(() => maker.add(length + 1, createWriter())).toThrow(RangeError);
    expect(() => maker.add(-1, createWriter())).toThrow(RangeError);
  });

  test("fills up what a short digest can not give", async () => {
    const strong = await loadStrongSum("xxh64", CONTEXT);
    const head = { count: 1, blockLength: 700, s2length: 16, remainder: 100 };
    const sums = makeSums(noise(100), head, strong);
    expect(sums.length).toBe(20);
    expect([...sums.subarray(12)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    expect(sums.subarray(4, 12).some((byte) => byte !== 0)).toBe(true);
  });

  test("of an empty basis is done at once", () => {
    expect(new SignatureMaker(XXH128, headOf(0, null)).done).toBe(true);
  });
});

describe("reading a signature", () => {
  test("gives the same wherever the bytes are cut", () => {
    const basis = noise(10_000);
    const head = headOf(basis.length, 300);
    const bytes = makeSums(basis, head);
    const whole = new SignatureReader(head);
    expect(whole.read(createCursor(bytes))).toBe(true);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1 }), (pieces) => {
        const reader = new SignatureReader(head);
        const cursor = createCursor(bytes);
        cursor.end = 0;
        for (let i = 0; cursor.end < bytes.length; i++) {
          expect(reader.read(cursor)).toBe(false);
          cursor.end = Math.min(bytes.length, cursor.end + pieces[i % pieces.length]! + 1);
        }
        expect(reader.read(cursor)).toBe(true);
        expect(cursor.offset).toBe(bytes.length);
        expect(reader.signature).toEqual(whole.signature);
      }),
    );
  });

  test("leaves alone what comes after it", () => {
    const head = headOf(1000, 300);
    const cursor = createCursor(new Uint8Array(100));
    const reader = new SignatureReader(head);
    expect(reader.read(cursor)).toBe(true);
    expect(cursor.offset).toBe(24);
    expect(reader.read(cursor)).toBe(true);
    expect(cursor.offset).toBe(24);
  });

  test("of none is done without a byte", () => {
    const reader = new SignatureReader(headOf(0, null));
    expect(reader.read(createCursor(new Uint8Array(0)))).toBe(true);
  });

  test("refuses more than the limit before it takes memory, with exit code 22", () => {
    const head = { count: 2 ** 31 - 1, blockLength: 700, s2length: 16, remainder: 0 };
    const refusal = expect.objectContaining({ exitCode: 22 });
    expect(() => new SignatureReader(head)).toThrow(refusal);
    const small = { ...head, count: 10 };
    expect(() => new SignatureReader(small, { maxBytes: 199 })).toThrow(refusal);
    expect(() => new SignatureReader(small, { maxBytes: 200 })).not.toThrow();
  });
});
