import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expandLz4Block, Lz4Compressor } from "./index.js";
import { expandPlainLz4Block, PlainLz4Compressor } from "./lz4-block.js";

/** The kernel's and the plain ones, each with its own and with the other's blocks. */
const WAYS = [
  { name: "kernel", compressor: new Lz4Compressor(), expand: expandLz4Block },
  { name: "plain", compressor: new PlainLz4Compressor(), expand: expandPlainLz4Block },
  { name: "kernel to plain", compressor: new Lz4Compressor(), expand: expandPlainLz4Block },
  { name: "plain to kernel", compressor: new PlainLz4Compressor(), expand: expandLz4Block },
];

/** Bytes with many repetitions, near and far. */
const repetitive = fc
  .array(fc.tuple(fc.constantFrom("a", "ab", "token ", "0123456789abcdef"), fc.nat(60)))
  .map((parts) => new Uint8Array(Buffer.from(parts.map(([text, n]) => text.repeat(n)).join(""))));

describe.each(WAYS)("lz4 blocks: $name", ({ compressor, expand }) => {
  function compressed(source: Uint8Array): Uint8Array {
    const target = new Uint8Array(source.length + source.length / 255 + 16);
    return target.subarray(0, compressor.compress(source, target));
  }

  function expanded(block: Uint8Array, room = 65_534): Uint8Array {
    const target = new Uint8Array(room);
    return target.subarray(0, expand(block, target));
  }

  test("what was compressed is expanded", () => {
    fc.assert(
      fc.property(fc.oneof(repetitive, fc.uint8Array({ maxLength: 300 })), (source) => {
        const bytes = source.subarray(0, 20_000);
        expect(expanded(compressed(bytes))).toEqual(bytes);
      }),
    );
  });

  test("text becomes smaller, and random bytes grow by no more than the format says", () => {
    const text = new Uint8Array(
      Buffer.from("the quick brown fox jumps over the dog; ".repeat(300)),
    );
    expect(compressed(text).length).toBeLessThan(200);
    const noise = Uint8Array.from({ length: 16_383 }, (_, i) => (i * 2654435761) >>> 24);
    expect(expanded(compressed(noise))).toEqual(noise);
  });

  test("nothing is written beyond a target that is too small", () => {
    fc.assert(
      fc.property(repetitive, fc.nat(60), (source, room) => {
        const memory = new Uint8Array(room + 8).fill(7);
        const bytes = source.subarray(0, 20_000);
        const length = compressor.compress(bytes, memory.subarray(0, room));
        expect(memory.subarray(room)).toEqual(new Uint8Array(8).fill(7));
        if (length >= 0) expect(expanded(memory.subarray(0, length))).toEqual(bytes);
      }),
    );
  });

  test("the block of vector 05 is expanded", () => {
    const head = Buffer.from("fc01", "hex");
    const tail = Buffer.from("0f00f001", "hex");
    const block = Buffer.concat([
      head,
      Buffer.from("; matched-block-"),
      tail,
      Buffer.from("again and again\n"),
    ]);
    const text = "; matched-block- matched-block- again and again\n";
    // 16 literals, then 16 bytes from 15 back.
    expect(Buffer.from(expanded(block)).toString()).toBe(text);
  });

  test("damaged blocks are refused or expand to something, and nothing else happens", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const memory = new Uint8Array(1008).fill(7);
        try {
          expand(bytes, memory.subarray(0, 1000));
        } catch (error) {
          expect(error).toMatchObject({ exitCode: 12 });
        }
        expect(memory.subarray(1000)).toEqual(new Uint8Array(8).fill(7));
      }),
      { numRuns: 2000 },
    );
  });

  test("more than the target holds is refused", () => {
    const block = compressed(new Uint8Array(50_000));
    expect(() => expanded(block, 32_912)).toThrow("more than 32912 bytes");
  });
});
