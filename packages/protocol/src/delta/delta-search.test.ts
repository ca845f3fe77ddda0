import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ChecksumName, loadStrongSum, type StrongSum } from "../checksum/index.js";
import { PlainKernel, WasmKernel } from "../kernel/index.js";
import { DeltaSearch, Signature } from "./index.js";
import {
  CONTEXT,
  findDelta,
  makeSignature,
  noise,
  type Operation,
  patch,
  XXH128,
} from "./test-support.js";

/** What can happen to a file between two runs. */
type Edit =
  | { kind: "insert"; at: number; bytes: number[] }
  | { kind: "delete"; at: number; length: number }
  | { kind: "replace"; at: number; bytes: number[] }
  | { kind: "move"; from: number; length: number; to: number };

const place = fc.nat(3000);
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({
    kind: fc.constant("insert" as const),
    at: place,
    bytes: fc.array(fc.nat(255), { maxLength: 50 }),
  }),
  fc.record({ kind: fc.constant("delete" as const), at: place, length: fc.nat(300) }),
  fc.record({
    kind: fc.constant("replace" as const),
    at: place,
    bytes: fc.array(fc.nat(255), { maxLength: 50 }),
  }),
  fc.record({ kind: fc.constant("move" as const), from: place, length: fc.nat(500), to: place }),
);

function applyEdit(bytes: number[], change: Edit): number[] {
  switch (change.kind) {
    case "insert":
      return bytes.toSpliced(change.at, 0, ...change.bytes);
    case "delete":
      return bytes.toSpliced(change.at, change.length);
    case "replace":
      return bytes.toSpliced(change.at, change.bytes.length, ...change.bytes);
    case "move": {
      const moved = bytes.slice(change.from, change.from + change.length);
      return bytes.toSpliced(change.from, change.length).toSpliced(change.to, 0, ...moved);
    }
  }
}

const basisAndTarget = fc
  .tuple(
    fc.oneof(
      fc.tuple(fc.nat(3000), fc.nat()).map(([length, seed]) => [...noise(length, seed)]),
      fc.array(fc.nat(1), { maxLength: 1000 }),
      fc.nat(3000).map((length) => new Array<number>(length).fill(0)),
    ),
    fc.array(edit, { maxLength: 5 }),
  )
  .map(([basis, edits]) => ({
    basis: Uint8Array.from(basis),
    target: Uint8Array.from(edits.reduce(applyEdit, basis)),
  }));

function literalBytes(operations: readonly Operation[]): number {
  return operations.reduce<number>(
    (sum, operation) => sum + (typeof operation === "string" ? operation.length : 0),
    0,
  );
}

describe("delta", () => {
  const kernels = [new WasmKernel(), new PlainKernel()] as const;

  test.each([false, true])(
    "rebuilds any target, alike in both kernels (in place: %s)",
    (inplace) => {
      fc.assert(
        fc.property(
          basisAndTarget,
          fc.integer({ min: 1, max: 200 }),
          fc.integer({ min: 1, max: 2000 }),
          ({ basis, target }, blockSize, piece) => {
            const signature = makeSignature(basis, blockSize);
            const found = kernels.map((kernel) => {
              return findDelta(signature, target, { kernel, inplace, piece }).operations;
            });
            expect(found[1]).toEqual(found[0]);
            expect(patch(basis, signature, found[0]!, inplace)).toEqual(target);
          },
        ),
        { numRuns: 400 },
      );
    },
  );

  test.each<ChecksumName>(["xxh3", "xxh64", "md5", "md4", "sha1"])(
    "works with %s",
    async (name) => {
      const strong = await loadStrongSum(name, CONTEXT);
      const basis = noise(50_000);
      const target = Uint8Array.from([
        ...basis.subarray(20_000),
        1,
        2,
        3,
        ...basis.subarray(0, 9000),
      ]);
      const signature = makeSignature(basis, 700, strong);
      const { operations } = findDelta(signature, target, { strong });
      expect(patch(basis, signature, operations)).toEqual(target);
      expect(literalBytes(operations)).toBeLessThan(1600);
    },
  );

  test("of an unchanged file is its blocks in order, short last one included", () => {
    const basis = noise(3_000_001);
    const signature = makeSignature(basis, 1000);
    const { operations, search } = findDelta(signature, basis);
    expect(operations).toEqual(Array.from({ length: 3001 }, (_, i) => i));
    expect(search.matches).toBe(3001);
    expect(search.hashHits).toBe(3001);
    expect(search.falseAlarms).toBe(0);
    expect(search.matchedBytes).toBe(3_000_001);
    expect(search.literalBytes).toBe(0);
  });

  test("of a file with one byte more in front is that byte and all blocks", () => {
    const basis = noise(1_000_000);
    const target = Uint8Array.from([7, ...basis]);
    const { operations } = findDelta(makeSignature(basis, null), target);
    expect(operations.length).toBe(1 + Math.ceil(1_000_000 / 1000));
    expect(literalBytes(operations)).toBe(1);
  });

  test("does not depend on where the window slides", () => {
    const basis = noise(1_500_000);
    for (const blockSize of [700, 16_384, 100_000]) {
      const signature = makeSignature(basis, blockSize);
      const target = Buffer.concat([
        noise(300_001, 5),
        basis.subarray(100_000, 900_007),
        noise(12_345, 6),
        basis.subarray(700_000),
        noise(40_000, 7),
        basis.subarray(1_490_000),
      ]);
      const { operations } = findDelta(signature, target);
      // Comparing as toEqual does takes seconds here.
      expect(Buffer.compare(patch(basis, signature, operations), target)).toBe(0);
      const unknown = 300_001 + 12_345 + 40_000;
      // At most one block is lost at each end of the four pieces of the basis.
      expect(literalBytes(operations)).toBeLessThan(unknown + 6 * blockSize);
      const cut = findDelta(signature, target, { piece: 77_777 }).operations;
      expect(cut.every((operation, i) => operation === operations[i])).toBe(true);
      expect(cut.length).toBe(operations.length);
    }
  });

  test("of unrelated content is literal data, passed on in whole tokens while it searches", () => {
    const signature = makeSignature(noise(2_000_000, 1), 131_072);
    const search = new DeltaSearch(signature, XXH128, { inplace: false });
    const target = noise(2_000_003, 2);
    const sizes: number[] = [];
    let at = 0;
    const read = (into: Uint8Array) => {
      const count = Math.min(into.length, target.length - at);
      into.set(target.subarray(at, at + count));
      at += count;
      return count;
    };
    const sink = {
      literal: (bytes: Uint8Array) => void sizes.push(bytes.length),
      match: () => expect.fail("expected no match"),
    };
    while (search.step(read, sink)) expect(at).toBeLessThan(2 ** 21);
    expect(sizes.slice(0, -1).every((size) => size % 32_768 === 0)).toBe(true);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(target.length);
    expect(search.literalBytes).toBe(target.length);
    expect(search.step(read, sink)).toBe(false);
  });

  test("prefers the block after the last one matched", () => {
    const a = noise(100, 1);
    const b = noise(100, 2);
    const basis = Buffer.concat([a, b, a, a, b, b]);
    const target = Buffer.concat([b, a, a, b, b]);
    expect(findDelta(makeSignature(basis, 100), target).operations).toEqual([1, 2, 3, 4, 5]);
  });

  test("uses a short last block only at the very end", () => {
    const basis = noise(250);
    const signature = makeSignature(basis, 100);
    const tail = basis.subarray(200);
    expect(findDelta(signature, tail).operations).toEqual([2]);
    expect(findDelta(signature, Buffer.concat([tail, basis])).operations).toEqual([
      Buffer.from(tail).toString("latin1"),
      0,
      1,
      2,
    ]);
  });

  test("of nothing, or against nothing, needs no special care", () => {
    const nothing = new Uint8Array(0);
    expect(findDelta(makeSignature(noise(100), 10), nothing).operations).toEqual([]);
    expect(findDelta(makeSignature(nothing, 10), nothing).operations).toEqual([]);
    expect(findDelta(makeSignature(nothing, 10), Buffer.from("abc")).operations).toEqual(["abc"]);
  });

  test("compares only what the digest can give when an old generator asks for more", async () => {
    const strong = await loadStrongSum("xxh64", CONTEXT);
    const { head, weak } = makeSignature(noise(1000), 100, strong);
    const sums = new Uint8Array(160).fill(0xee);
    const signature = new Signature({ ...head, s2length: 16 }, weak, sums);
    for (let i = 0; i < 10; i++) {
      strong.blockSum(noise(1000).subarray(i * 100, i * 100 + 100), sums, i * 16, 8);
    }
    const { operations } = findDelta(signature, noise(1000), { strong });
    expect(operations).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test("does not search for blocks that would need a huge window", () => {
    const head = { count: 3, blockLength: 2 ** 29, s2length: 2, remainder: 0 };
    const signature = new Signature(head, new Int32Array(3), new Uint8Array(6));
    const { operations, search } = findDelta(signature, noise(400_000));
    expect(literalBytes(operations)).toBe(400_000);
    expect(search.matches).toBe(0);
  });

  test("passes on what a sink or a source throws", () => {
    const search = new DeltaSearch(makeSignature(noise(1000), 100), XXH128, { inplace: false });
    const sink = { literal() {}, match() {} };
    expect(() => search.step((into) => into.length + 1, sink)).toThrow(RangeError);
    const boom = new Error("boom");
    expect(() =>
      search.step(() => {
        throw boom;
      }, sink),
    ).toThrow(boom);
  });
});

describe("delta in place", () => {
  test("sends a block that lies before the output position as literal data", () => {
    const a = noise(16, 1);
    const b = noise(16, 2);
    const basis = Buffer.concat([a, b]);
    const signature = makeSignature(basis, 16);
    const swapped = Buffer.concat([b, a]);
    expect(findDelta(signature, swapped).operations).toEqual([1, 0]);
    expect(findDelta(signature, swapped, { inplace: true }).operations).toEqual([
      1,
      Buffer.from(a).toString("latin1"),
    ]);
  });

  test("may use a block again that stayed unchanged at its own offset", () => {
    const [a, b, c] = [1, 2, 3].map((seed) => noise(16, seed)) as [Buffer, Buffer, Buffer];
    const signature = makeSignature(Buffer.concat([a, b, c]), 16);
    const target = Buffer.concat([a, a, c]);
    expect(findDelta(signature, target, { inplace: true }).operations).toEqual([0, 0, 2]);
  });

  test("prefers the block at the same offset, and finds the next one in a run of equals", () => {
    const zeros = new Uint8Array(500 * 700);
    const signature = makeSignature(zeros, 700);
    const shifted = Buffer.concat([Buffer.from("x"), zeros]);
    const { operations, search } = findDelta(signature, shifted, { inplace: true });
    expect(operations.slice(0, 3)).toEqual(["x", 1, 2]);
    expect(search.matches).toBe(499);
    expect(search.falseAlarms).toBe(0);
  });
});

describe("work", () => {
  /** Counts the bytes of which strong sums are made. */
  function counting(strong: StrongSum): StrongSum & { bytes: number } {
    return {
      name: strong.name,
      digestLength: strong.digestLength,
      bytes: 0,
      createFileHash: () => strong.createFileHash(),
      blockSum(bytes, into, offset, length) {
        this.bytes += bytes.length;
        strong.blockSum(bytes, into, offset, length);
      },
    };
  }

  test.each([1 << 18, 1 << 20])("on %d zeros is one strong sum per block", (size) => {
    const zeros = new Uint8Array(size);
    const signature = makeSignature(zeros, 1024);
    const strong = counting(XXH128);
    const { search } = findDelta(signature, zeros, { strong });
    expect(strong.bytes).toBe(size);
    expect(search.matches).toBe(size / 1024);
    expect(search.falseAlarms).toBe(0);
  });

  test("is linear when a peer sends weak sums that are everywhere and strong sums that are nowhere", () => {
    const count = 2000;
    const head = { count, blockLength: 16_384, s2length: 16, remainder: 0 };
    const signature = new Signature(head, new Int32Array(count), noise(count * 16));
    const spent = [1 << 20, 2 << 20, 4 << 20].map((size) => {
      const strong = counting(XXH128);
      const { operations, search } = findDelta(signature, new Uint8Array(size), { strong });
      expect(literalBytes(operations)).toBe(size);
      expect(search.hashHits).toBeGreaterThan(size / 2);
      // Blocks of one weak sum: at most 1024 are tried.
      expect(search.falseAlarms).toBeLessThanOrEqual(1024 * (strong.bytes / 16_384));
      return strong.bytes + 16 * search.falseAlarms;
    });
    spent.forEach((bytes, i) => {
      expect(bytes).toBeLessThan((16 << 20) + 9 * (1 << (20 + i)));
    });
  });
});
