/** Compressed tokens: their records, and what the records expand to. */
import { ExitCode, RsyncError } from "@tsrsync/protocol";
import { expandLz4Block, Lz4Compressor, TokenRecordReader } from "@tsrsync/protocol/compress";
import { expect, test } from "vitest";
import { Compression } from "../../packages/transfer/src/compression/compression.js";
import {
  type ActiveCompression,
  SUPPORTED_COMPRESSIONS,
} from "../../packages/transfer/src/compression/index.js";
import { fuzzDecoder, seedsOf } from "./fuzz-decoder.js";
import { mutated, noise } from "./mutate.js";
import { Random } from "./random.js";

const RUNS = Math.ceil(Number(process.env["TSRSYNC_FUZZ_RUNS"] ?? 400) / 2);
const SEED = Number(process.env["TSRSYNC_FUZZ_SEED"] ?? 1);
/** What a block of lz4 may expand to. */
const LZ4_ROOM = 32_912;

fuzzDecoder({
  name: "records of compressed tokens",
  seeds: seedsOf(
    "\x40\x03abc\x80\x81\x00",
    "\x20\x02\0\0\0\x21\x00\0\0\0\x03\0\xc1\x02\0\x00",
    "\x7f\xffabc",
    "\x21\xff\xff\xff\x7f\xff\xff\x00",
  ),
  exitCodes: [ExitCode.Protocol, ExitCode.Stream],
  decode(input) {
    const reader = new TokenRecordReader();
    reader.startFile(100);
    const records: unknown[] = [];
    for (;;) {
      const kind = input.read((cursor) => reader.read(cursor));
      if (kind === "end") return records;
      records.push(kind === "data" ? [...reader.payload] : [reader.first, reader.count]);
    }
  },
});

const TEXTS = ["a".repeat(5000), "abcdefgh".repeat(300), "the quick brown fox", ""].map((text) =>
  Buffer.from(text),
);

function lz4Block(bytes: Uint8Array): Uint8Array {
  const target = new Uint8Array(LZ4_ROOM);
  return target.slice(0, new Lz4Compressor().compress(bytes, target));
}

fuzzDecoder({
  name: "lz4 block",
  seeds: TEXTS.map(lz4Block),
  exitCodes: [ExitCode.Stream],
  decode({ bytes }) {
    const target = new Uint8Array(LZ4_ROOM);
    return target.slice(0, expandLz4Block(bytes, target));
  },
});

/** Payloads of one run as a real sender makes them. */
async function payloadsOf(compression: Compression, text: Buffer): Promise<Uint8Array> {
  const compressor = compression.createCompressor();
  compressor.startFile();
  const payloads = text.length === 0 ? [] : await compressor.compress(text, true);
  return Buffer.concat(payloads.map((payload) => Buffer.from(payload)));
}

/** The most that so many bytes can become; deflate is the densest. */
const EXPANSION = 1100;

test.each(SUPPORTED_COMPRESSIONS.filter((name) => name !== "none") as ActiveCompression[])(
  "what %s can not expand is refused",
  { timeout: 30_000 + RUNS * 50 },
  async (name) => {
    const compression = new Compression(name, 3, 32);
    const seeds = await Promise.all(TEXTS.map((text) => payloadsOf(compression, text)));
    for (let seed = SEED; seed < SEED + RUNS; seed++) {
      const random = new Random(seed);
      const expander = compression.createExpander();
      expander.startFile();
      let expanded = 0;
      const count = (bytes: Uint8Array) => {
        expanded += bytes.length;
      };
      let given = 0;
      try {
        for (let run = 0; run < 3; run++) {
          const payload = random.below(4) === 0 ? noise(random, 200) : mutated(seeds, random);
          given += payload.length;
          if (payload.length > 0) await expander.expand(payload, count);
          await expander.endRun(count);
        }
      } catch (error) {
        if (!(error instanceof RsyncError) || error.exitCode !== ExitCode.Stream) {
          throw new Error(`with TSRSYNC_FUZZ_SEED=${seed}`, { cause: error });
        }
      }
      expect(expanded).toBeLessThanOrEqual(given * EXPANSION + LZ4_ROOM);
      if (seed % 50 === 0) compression.close();
    }
    compression.close();
  },
);
