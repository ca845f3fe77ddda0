import fc from "fast-check";
import { expect, test } from "vitest";
import { keysInRanges } from "./keys-in-ranges.js";

const key = (number: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number);
  return bytes;
};

/** Counts how often it is asked. */
function iteratorOver(numbers: readonly number[], most = 1000) {
  let at = 0;
  const counts = { seeks: 0, reads: 0, keys: 0 };
  return {
    counts,
    seek(target: Buffer) {
      counts.seeks++;
      const index = numbers.findIndex((each) => key(each).compare(target) >= 0);
      at = index < 0 ? numbers.length : index;
    },
    nextv(size: number) {
      const keys = numbers.slice(at, at + Math.min(size, most)).map(key);
      at += keys.length;
      counts.reads++;
      counts.keys += keys.length;
      return Promise.resolve(keys);
    },
  };
}

const ordered = (numbers: number[]): number[] => [...numbers].sort((a, b) => a - b);
const numbers = fc.uniqueArray(fc.integer({ min: 0, max: 300 }), { maxLength: 200 }).map(ordered);

test("finds the keys that are in one of the ranges", async () => {
  await fc.assert(
    fc.asyncProperty(
      numbers,
      numbers,
      fc.integer({ min: 1, max: 9 }),
      async (there, bounds, most) => {
        const ranges = bounds.flatMap((from, index) => {
          const to = bounds[index + 1];
          return index % 2 === 1 || to === undefined ? [] : [{ from, to }];
        });
        const found = await keysInRanges(
          iteratorOver(there, most),
          ranges.map(({ from, to }) => ({ from: key(from), to: key(to) })),
        );
        const expected = there.filter((each) =>
          ranges.some(({ from, to }) => from <= each && each < to),
        );
        expect(found.map((each) => each.readUInt32BE())).toEqual(expected);
      },
    ),
  );
});

test("reads much at once where ranges follow each other, and little where they do not", async () => {
  const there = Array.from({ length: 20_000 }, (_, index) => index * 10);
  const below = (number: number) => ({ from: key(number * 10 + 1), to: key(number * 10 + 2) });
  const dense = iteratorOver(there);
  await keysInRanges(
    dense,
    Array.from({ length: 5000 }, (_, index) => below(index)),
  );
  expect(dense.counts.reads).toBeLessThan(20);
  const every = iteratorOver(there);
  await keysInRanges(
    every,
    Array.from({ length: 1000 }, (_, index) => below(index * 10)),
  );
  expect(every.counts.reads).toBeLessThan(30);
  const sparse = iteratorOver(there);
  await keysInRanges(
    sparse,
    Array.from({ length: 20 }, (_, index) => below(index * 1000)),
  );
  expect(sparse.counts.keys).toBeLessThan(20 * 64);
});
