/**
 * Each compressor with its expander: runs of literal data, blocks between them, cut anywhere.
 */
import { deflateRawSync } from "node:zlib";
import { historyOfBlock, MAX_RECORD_DATA } from "@tsrsync/protocol/compress";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Compression } from "./compression.js";
import {
  type ActiveCompression,
  compressionLevel,
  isTurnedOff,
  type LiteralExpander,
  SUPPORTED_COMPRESSIONS,
} from "./index.js";

const NAMES = SUPPORTED_COMPRESSIONS.filter((name) => name !== "none") as ActiveCompression[];

/** A run of literal data or, with `matched`, a block that the receiver has. */
interface Part {
  bytes: Uint8Array;
  matched: boolean;
}

const SHORT_TEXTS = ["a", "bc", "token ", "0123456789abcdef", "the quick brown fox "];

/** Data of all sizes and kinds of which much comes again. */
const data: fc.Arbitrary<Uint8Array> = fc
  .tuple(fc.constantFrom(...SHORT_TEXTS), fc.nat(30), fc.oneof(fc.nat(100), fc.nat(40_000)))
  .map(([text, salt, length]) => {
    const bytes = Buffer.from(text.repeat(Math.ceil((length + 1) / text.length)));
    for (let i = 7; i < bytes.length; i += 300 - 9 * salt) bytes[i] = (i * salt) & 0xff;
    return new Uint8Array(bytes.subarray(0, length + 1));
  });

const parts: fc.Arbitrary<Part[][]> = fc.array(
  fc.array(fc.record({ bytes: data, matched: fc.boolean() }), { maxLength: 8 }),
  { maxLength: 4 },
);

/** Sends files of such parts; what arrives must be their literal data. */
async function passThrough(compression: Compression, files: Part[][], protocol: number) {
  const compressor = compression.createCompressor();
  const expander = compression.createExpander();
  for (const file of files) {
    compressor.startFile();
    expander.startFile();
    for (const { bytes, matched } of file) {
      if (matched) {
        compressor.matched?.(bytes);
        for (const { offset, length } of historyOfBlock(bytes.length, protocol)) {
          expander.matched?.(bytes.subarray(offset, offset + length));
        }
      } else {
        const payloads: Uint8Array[] = [];
        for (let at = 0; at < bytes.length; at += compressor.pieceBytes) {
          const piece = bytes.slice(at, at + compressor.pieceBytes);
          const made = await compressor.compress(piece, at + piece.length === bytes.length);
          payloads.push(...made.map((payload) => payload.slice()));
        }
        expect((await expandRun(expander, payloads)).equals(bytes)).toBe(true);
      }
    }
  }
  compression.close();
}

async function expandRun(expander: LiteralExpander, payloads: readonly Uint8Array[]) {
  const got: Buffer[] = [];
  const sink = (bytes: Uint8Array) => {
    got.push(Buffer.from(bytes));
  };
  for (const payload of payloads) {
    for (let at = 0; at < payload.length; at += MAX_RECORD_DATA) {
      await expander.expand(payload.subarray(at, at + MAX_RECORD_DATA), sink);
    }
  }
  await expander.endRun(sink);
  return Buffer.concat(got);
}

/** Bytes that look like any. */
function noise(length: number): Uint8Array {
  let x = 1;
  return Uint8Array.from({ length }, () => {
    x = (Math.imul(x, 1_103_515_245) + 12_345) >>> 0;
    return x >>> 24;
  });
}

describe.each(NAMES)("%s", (name) => {
  test.each([30, 32])(
    "literal data arrives whatever lies between, protocol %i",
    async (protocol) => {
      await fc.assert(
        fc.asyncProperty(parts, fc.integer({ min: 1, max: 9 }), (files, level) =>
          passThrough(new Compression(name, level, protocol), files, protocol),
        ),
        { numRuns: 25 },
      );
    },
  );

  test("a run of megabytes arrives", async () => {
    const bytes = new Uint8Array(3 << 20);
    for (let at = 0; at < bytes.length; at += 50_000) bytes.set(noise(20_000), at);
    bytes.set(noise(1 << 20), 1 << 20);
    const file = [
      { bytes, matched: false },
      { bytes: noise(70_000), matched: true },
      { bytes: noise(90_000), matched: false },
    ];
    await passThrough(new Compression(name, 1, 32), [file, file], 32);
  });

  test("a run that is cut or damaged is refused, or comes out as something else", async () => {
    const source = Buffer.from("some text that is worth it, worth it, ".repeat(2000));
    const sent = await new Compression(name, 3, 32).createCompressor().compress(source, true);
    const whole = Buffer.concat(sent);
    const attempts = fc.record({
      at: fc.nat(whole.length - 1),
      flip: fc.integer({ min: 1, max: 255 }),
    });
    await fc.assert(
      fc.asyncProperty(attempts, async ({ at, flip }) => {
        const compression = new Compression(name, 3, 32);
        const damaged = Buffer.from(whole);
        damaged[at]! ^= flip;
        const result = await expandRun(compression.createExpander(), [damaged]).catch(
          (error) => error,
        );
        if (result instanceof Error) expect(result).toMatchObject({ exitCode: 12 });
        compression.close();
      }),
      { numRuns: 60 },
    );
  });
});

describe("deflate that ends where it may not", () => {
  const expander = () => new Compression("zlibx", 6, 32).createExpander();
  const text = Buffer.from("some text that is worth it, worth it, ".repeat(40));

  test.each([
    ["a stream with a last block", [deflateRawSync(text)]],
    ["more after a last block", [Buffer.concat([deflateRawSync(text), Buffer.from("more")])]],
    ["half a block", [deflateRawSync(text).subarray(0, 20)]],
    ["what is no deflate", [Buffer.alloc(30, 0xff)]],
    ["a long run with a last block", [deflateRawSync(noise(100_000))]],
    ["half a long run", [deflateRawSync(noise(100_000)).subarray(0, 70_000)]],
    ["a reference to before the start", [Buffer.from("4a04a200", "hex")]],
  ])("%s is refused", async (_, payloads) => {
    await expect(expandRun(expander(), payloads)).rejects.toMatchObject({ exitCode: 12 });
  });

  test("a bomb is handed over in pieces", async () => {
    const bomb = deflateRawSync(Buffer.alloc(200 << 20), { finishFlush: 2 }).subarray(0, -4);
    let total = 0;
    let most = 0;
    const bomber = expander();
    const sink = async (bytes: Uint8Array) => {
      total += bytes.length;
      most = Math.max(most, bytes.length);
      await new Promise(setImmediate);
    };
    for (let at = 0; at < bomb.length; at += MAX_RECORD_DATA) {
      await bomber.expand(bomb.subarray(at, at + MAX_RECORD_DATA), sink);
    }
    await bomber.endRun(sink);
    expect(total).toBe(200 << 20);
    expect(most).toBeLessThanOrEqual(1 << 20);
  });
});

test("levels are clamped, and 0 turns deflate off", () => {
  expect([null, -5, -1, 0, 5, 12].map((level) => compressionLevel("zlib", level))).toEqual([
    6, 1, 6, 1, 5, 9,
  ]);
  expect([null, -5, -1, 0, 12, 99].map((level) => compressionLevel("zstd", level))).toEqual([
    3, -5, -1, 3, 12, 22,
  ]);
  expect(compressionLevel("lz4", 9)).toBe(0);
  expect(isTurnedOff("zlibx", 0)).toBe(true);
  expect(isTurnedOff("zstd", 0)).toBe(false);
  expect(isTurnedOff("none", null)).toBe(true);
});
