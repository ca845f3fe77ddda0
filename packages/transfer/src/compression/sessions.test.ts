/**
 * Whole sessions with compression over memory trees: all protocols, and a line that changes what passes.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { synchronize } from "../testing/sessions.js";
import { MemoryTree } from "../tree/index.js";
import { SUPPORTED_COMPRESSIONS } from "./index.js";

const NAMES = SUPPORTED_COMPRESSIONS.filter((name) => name !== "none");
const SOURCE_TIME = { seconds: 1_700_000_000, nanoseconds: 0 };
const OLD_TIME = { seconds: 1_600_000_000, nanoseconds: 0 };

function put(tree: MemoryTree, name: string, bytes: Uint8Array, time: typeof SOURCE_TIME): void {
  const file = tree.openForUpdate(name, 0o644);
  file.write(bytes);
  file.close();
  tree.setTimes(name, null, time);
}

function contentOf(tree: MemoryTree, name: string): Buffer {
  const bytes = Buffer.alloc(1 << 20);
  return bytes.subarray(0, tree.open(name).read(bytes));
}

function text(lines: number, salt: number): Buffer {
  const words = ["one", "two", "three", "four", "five", "six", "seven"];
  let all = "";
  for (let i = 0; i < lines; i++) {
    all += `${i} ${words[(i * salt) % 7]} ${words[(i * i + salt) % 7]} ${(i * 7919 * salt) % 1009}\n`;
  }
  return Buffer.from(all);
}

/** A source, and a target with older forms of two of its files. */
function trees() {
  const source = new MemoryTree();
  const target = new MemoryTree();
  const long = text(20_000, 3);
  const files = { long, short: text(3, 5), empty: Buffer.alloc(0), zeros: Buffer.alloc(90_000) };
  for (const [name, bytes] of Object.entries(files)) put(source, name, bytes, SOURCE_TIME);
  const edited = [text(5, 9), long.subarray(0, 9000), long.subarray(8000, 60_000), text(40, 1)];
  put(target, "long", Buffer.concat([...edited, long.subarray(70_000)]), OLD_TIME);
  put(target, "short", text(2, 5), OLD_TIME);
  return { source, target, files };
}

describe.each(NAMES)("%s", (compressChoice) => {
  const options = { compress: true, compressChoice, compressLevel: 2 };

  test.each([28, 29, 30, 31, 32])("protocol %i, both ways round", async (protocol) => {
    for (const server of ["sender", "receiver"] as const) {
      for (const blockSize of [0, 700, 66_000]) {
        const { source, target, files } = trees();
        const run = { protocol, server, options: { ...options, blockSize } };
        const outcome = await synchronize(source, target, run);
        expect(outcome.senderError ?? outcome.receiverError).toBeNull();
        for (const [name, bytes] of Object.entries(files)) {
          expect(contentOf(target, name).equals(bytes), name).toBe(true);
        }
        expect(outcome.sender!.statistics.literalData).toBe(
          outcome.receiver!.statistics.literalData,
        );
      }
    }
  });

  test("a file is whole, as it was, or not there, whatever the line does", async () => {
    const damage = fc.record({ at: fc.nat(60_000), value: fc.nat(255), cuts: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(damage, async ({ at, value, cuts }) => {
        const { source, target, files } = trees();
        const before = contentOf(target, "long");
        let passed = 0;
        const tamperSender = (chunk: Buffer): Buffer | null => {
          const here = at - passed;
          passed += chunk.length;
          if (here < 0 || here >= chunk.length) return chunk;
          if (cuts) return null;
          chunk[here] = value;
          return chunk;
        };
        const outcome = await synchronize(source, target, {
          options,
          tamperSender,
          cutAfterMs: 1000,
        });
        for (const error of [outcome.senderError, outcome.receiverError]) {
          if (error !== null) expect(error.exitCode).toBeGreaterThan(0);
        }
        const long = contentOf(target, "long");
        expect(long.equals(before) || long.equals(files.long)).toBe(true);
      }),
      { numRuns: 10 },
    );
  });
});
