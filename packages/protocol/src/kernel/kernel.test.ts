import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FREE_FROM, type IndexLayout, type Kernel, PlainKernel, WasmKernel } from "./index.js";

function twins(bytes: number): [WasmKernel, PlainKernel] {
  const kernels: [WasmKernel, PlainKernel] = [new WasmKernel(), new PlainKernel()];
  for (const kernel of kernels) kernel.reserve(FREE_FROM + bytes);
  return kernels;
}

/** By the definition, with exact numbers. */
function weakSumByDefinition(bytes: Uint8Array): number {
  let s1 = 0;
  let s2 = 0;
  new Int8Array(bytes.slice().buffer).forEach((byte, i) => {
    s1 += byte;
    s2 += (bytes.length - i) * byte;
  });
  return (s1 & 0xffff) | ((s2 & 0xffff) << 16);
}

const LAYOUT: IndexLayout = {
  sieve: FREE_FROM + 64_000,
  sieveBits: 9,
  filter: FREE_FROM + 65_536,
  filterBits: 12,
  table: FREE_FROM + 70_000,
  tableBits: 8,
  weak: FREE_FROM + 80_000,
  next: FREE_FROM + 81_000,
};

describe("weak sum", () => {
  test("is what the definition says, for signed bytes of any number", () => {
    const [wasm, plain] = twins(3 << 20);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), fc.nat(63), (bytes, shift) => {
        for (const kernel of [wasm, plain]) {
          kernel.memory.set(bytes, FREE_FROM + shift);
          const sum = kernel.weakSum(FREE_FROM + shift, bytes.length);
          expect(sum).toBe(weakSumByDefinition(bytes));
        }
      }),
    );
  });

  test("of long blocks of extreme bytes does not overflow", () => {
    const [wasm, plain] = twins(3 << 20);
    for (const byte of [0x7f, 0x80, 0xff]) {
      for (const length of [131_072, 131_071, 3_000_001]) {
        const expected = weakSumByDefinition(new Uint8Array(length).fill(byte));
        for (const kernel of [wasm, plain]) {
          kernel.memory.fill(byte, FREE_FROM, FREE_FROM + length);
          expect(kernel.weakSum(FREE_FROM, length)).toBe(expected);
        }
      }
    }
  });

  test("of consecutive blocks ends with the short one", () => {
    const bytes = Uint8Array.from({ length: 1003 }, (_, i) => i * 37);
    for (const kernel of twins(4096)) {
      kernel.memory.set(bytes, FREE_FROM);
      kernel.weakSums(FREE_FROM, 1003, 100, FREE_FROM + 2048);
      const sums = new Int32Array(kernel.memory.buffer, FREE_FROM + 2048, 12);
      for (let i = 0; i < 11; i++) {
        expect(sums[i]).toBe(weakSumByDefinition(bytes.subarray(i * 100, i * 100 + 100)));
      }
      expect(sums[11]).toBe(0);
    }
  });
});

describe("search", () => {
  /** All offsets found from `at` on. */
  function hits(kernel: Kernel, at: number, last: number, length: number): [number, number][] {
    const found: [number, number][] = [];
    let sum = kernel.weakSum(at, length);
    for (let skip = false; ; skip = true) {
      at = kernel.search(at, last, length, sum, skip);
      if (at > last) return found;
      sum = kernel.foundSum;
      found.push([at, sum]);
    }
  }

  test("finds exactly the offsets with the sum of a block, in both kernels", () => {
    const kernels = twins(200_000);
    const data = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 600 }),
      fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 600 }),
    );
    fc.assert(
      fc.property(data, fc.integer({ min: 1, max: 80 }), fc.nat(9), (values, wanted, start) => {
        const bytes = Uint8Array.from(values);
        const length = Math.min(wanted, bytes.length);
        const last = FREE_FROM + bytes.length - length;
        const first = Math.min(FREE_FROM + start, last);
        const sums = [0, 3, 50].map((at) => weakSumByDefinition(bytes.subarray(at, at + length)));
        const expected: [number, number][] = [];
        for (let at = first; at <= last; at++) {
          const sum = weakSumByDefinition(bytes.subarray(at - FREE_FROM, at - FREE_FROM + length));
          if (sums.includes(sum)) expected.push([at, sum]);
        }
        for (const kernel of kernels) {
          kernel.memory.set(bytes, FREE_FROM);
          new Int32Array(kernel.memory.buffer, LAYOUT.weak).set(sums);
          kernel.buildIndex(LAYOUT, sums.length);
          expect(hits(kernel, first, last, length)).toEqual(expected);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("chains blocks of one sum in ascending order", () => {
    for (const kernel of twins(200_000)) {
      new Int32Array(kernel.memory.buffer, LAYOUT.weak).set([7, 9, 7, 7, -9]);
      kernel.buildIndex(LAYOUT, 5);
      const next = new Int32Array(kernel.memory.buffer, LAYOUT.next);
      expect(kernel.lookUp(7)).toBe(0);
      expect([...next.subarray(0, 5)]).toEqual([2, -1, 3, -1, -1]);
      expect(kernel.lookUp(-9)).toBe(4);
      expect(kernel.lookUp(8)).toBe(-1);
    }
  });

  /** Probes per sum to build an index of `count` sums that lie `stride` apart, and to find each of them. */
  function probesPerSum(kernel: WasmKernel, count: number, stride: number): number {
    const sieve = FREE_FROM;
    const filter = sieve + 1024;
    const table = FREE_FROM + 65_536;
    const weak = table + (1 << 17);
    const next = weak + 4 * count;
    kernel.reserve(next + 4 * count);
    const sums = new Int32Array(kernel.memory.buffer, weak, count);
    for (let i = 0; i < count; i++) sums[i] = Math.imul(i, stride);
    const sizes = { sieveBits: 9, filterBits: 18, tableBits: 15 };
    kernel.buildIndex({ sieve, filter, table, weak, next, ...sizes }, count);
    for (let i = 0; i < count; i++) kernel.lookUp(Math.imul(i, stride));
    return kernel.probes / count;
  }

  test.each([1, 0x10000, 0x20000, 0x9e3779b1 | 0])(
    "needs few probes per sum even when a peer sends sums that lie %d apart",
    (stride) => {
      // Factors are random, and one in three hundred suits a stride badly; a peer can not know which, so the median counts.
      const kernels = Array.from({ length: 9 }, () => new WasmKernel());
      const probes = kernels.map((kernel) => probesPerSum(kernel, 1 << 14, stride));
      expect(probes.sort((x, y) => x - y)[4]).toBeLessThan(16);
    },
  );

  test("refuses memory that can not be had with the exit code of rsync", () => {
    const kernel = new WasmKernel();
    expect(() => kernel.reserve(5 * 2 ** 30)).toThrow(expect.objectContaining({ exitCode: 22 }));
  });
});
