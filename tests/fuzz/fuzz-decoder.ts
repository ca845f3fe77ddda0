/**
 * Fuzzing of decoders: arbitrary bytes, and good encodings with faults in them. Whatever comes, a decoder returns a value,
 * says that it needs more, or throws an `RsyncError` with an exit code that fits: nothing else, in little time, and without
 * more memory than its input can justify. Where the input is cut never changes the outcome.
 *
 * Runs are the same each time. `TSRSYNC_FUZZ_RUNS` sets how many there are (`npm run fuzz` makes many), `TSRSYNC_FUZZ_SEED`
 * where they start; with `TSRSYNC_FUZZ_KEEP=1` an input that fails is kept in `corpus/NAME/`, from where each later run takes it.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { RsyncError } from "@tsrsync/protocol";
import { type Cursor, createCursor, UNDERFLOW } from "@tsrsync/protocol/wire";
import { describe, expect, test } from "vitest";
import { withAllocationLimit } from "./allocation-limit.js";
import { mutated, noise } from "./mutate.js";
import { Random } from "./random.js";

/** What a decoder is given. */
export interface FuzzInput {
  /** All of it, for decoders of whole texts. */
  readonly bytes: Uint8Array;
  /** Decodes one record as a pump does: again from its start when there was not enough. Throws `UNDERFLOW` at the end. */
  read<T>(decode: (cursor: Cursor) => T): T;
  /** For a decoder that takes what there is: calls it with more each time, until it is done. */
  pump(step: (cursor: Cursor) => boolean): void;
}

export interface FuzzTarget {
  name: string;
  /** Good encodings, and what is worth a try. */
  seeds: readonly Uint8Array[];
  /** Decodes all of the input; the result is compared between runs that are fed differently. */
  decode(input: FuzzInput): unknown;
  /** The exit codes that its errors may have. */
  exitCodes: readonly number[];
  /** Bytes that may be allocated whatever the input is. */
  allowance?: number;
}

const RUNS = Number(process.env["TSRSYNC_FUZZ_RUNS"] ?? 400);
const SEED = Number(process.env["TSRSYNC_FUZZ_SEED"] ?? 1);
const KEEP = process.env["TSRSYNC_FUZZ_KEEP"] === "1";
const CORPUS = new URL("./corpus/", import.meta.url).pathname;

const ALLOWANCE = 1 << 20;
/** A byte of input may cost this many. */
const PER_BYTE = 256;
/** No decoder may take longer for inputs as small as ours. */
const MAX_MS = 1000;

type Outcome = { value: unknown } | { error: string; exitCode: number } | { short: true };

function run(target: FuzzTarget, input: FuzzInput): Outcome {
  const limit = (target.allowance ?? ALLOWANCE) + input.bytes.length * PER_BYTE;
  try {
    return { value: withAllocationLimit(limit, () => target.decode(input)) };
  } catch (thrown) {
    if (thrown === UNDERFLOW) return { short: true };
    if (!(thrown instanceof RsyncError)) throw thrown;
    if (!target.exitCodes.includes(thrown.exitCode)) {
      throw new Error(`unexpected exit code ${thrown.exitCode}: ${thrown.message}`);
    }
    return { error: thrown.message, exitCode: thrown.exitCode };
  }
}

function whole(bytes: Uint8Array): FuzzInput {
  const cursor = createCursor(bytes);
  return {
    bytes,
    read: (decode) => decode(cursor),
    pump(step) {
      if (!step(cursor)) throw UNDERFLOW;
    },
  };
}

/** Feeds a few bytes at a time; a record that is not complete is read again from its start. */
function inPieces(bytes: Uint8Array, random: Random): FuzzInput {
  const cursor = createCursor(bytes);
  cursor.end = 0;
  const supply = () => {
    if (cursor.end === bytes.length) throw UNDERFLOW;
    cursor.end = Math.min(bytes.length, cursor.end + 1 + random.below(1 + bytes.length / 8));
  };
  return {
    bytes,
    pump(step) {
      while (!step(cursor)) supply();
    },
    read(decode) {
      const start = cursor.offset;
      for (;;) {
        try {
          return decode(cursor);
        } catch (thrown) {
          if (thrown !== UNDERFLOW) throw thrown;
        }
        supply();
        cursor.offset = start;
      }
    },
  };
}

function check(target: FuzzTarget, bytes: Uint8Array, random: Random): void {
  const started = performance.now();
  const once = run(target, whole(Uint8Array.from(bytes)));
  expect(performance.now() - started, "milliseconds").toBeLessThan(MAX_MS);
  const again = run(target, inPieces(Uint8Array.from(bytes), random));
  if (!isDeepStrictEqual(again, once)) expect(again).toEqual(once);
}

function keep(target: FuzzTarget, bytes: Uint8Array): void {
  const folder = `${CORPUS}${target.name}`;
  mkdirSync(folder, { recursive: true });
  const name = createHash("sha1").update(bytes).digest("hex").slice(0, 12);
  writeFileSync(`${folder}/${name}.bin`, bytes);
}

function checkOrTell(target: FuzzTarget, bytes: Uint8Array, random: Random, what: string): void {
  try {
    check(target, bytes, random);
  } catch (error) {
    if (KEEP) keep(target, bytes);
    const hex = Buffer.from(bytes.subarray(0, 2000)).toString("hex");
    throw new Error(`${target.name}, ${what}: input ${hex}`, { cause: error });
  }
}

function keptInputs({ name }: FuzzTarget): Buffer[] {
  const folder = `${CORPUS}${name}`;
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((file) => readFileSync(`${folder}/${file}`));
}

/** Registers the tests of one decoder. */
export function fuzzDecoder(target: FuzzTarget): void {
  describe(target.name, () => {
    test("takes its seeds and all inputs that once went wrong", () => {
      const random = new Random(SEED);
      for (const bytes of [...target.seeds, ...keptInputs(target)]) {
        checkOrTell(target, bytes, random, "a kept input");
      }
    });

    test("survives whatever comes", { timeout: 30_000 + RUNS * 20 }, async () => {
      const random = new Random(SEED);
      const seeds = [...target.seeds, ...keptInputs(target)];
      for (let i = 0; i < RUNS; i++) {
        // vitest takes a worker for dead that does not answer for a minute.
        if (i % 1000 === 999) await setImmediate();
        const bytes = i % 4 === 0 ? noise(random, 96) : mutated(seeds, random);
        checkOrTell(target, bytes, random, `seed ${SEED}, run ${i}`);
      }
    });
  });
}

/** Seeds out of bytes and of texts in which each character is a byte. */
export function seedsOf(...texts: readonly (string | Uint8Array)[]): Uint8Array[] {
  return texts.map((text) => (typeof text === "string" ? Buffer.from(text, "latin1") : text));
}
