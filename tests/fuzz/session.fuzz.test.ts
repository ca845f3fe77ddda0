/**
 * A faulty line between a real sender and a real receiving side in one process. Whatever the line does: both sides end, with
 * errors of rsync's kinds only; each file at the destination is one of those that were there or that the source has, whole;
 * no temporary file stays behind.
 */

import { isDeepStrictEqual } from "node:util";
import type { RsyncError } from "@tsrsync/protocol";
import { expect, test } from "vitest";
import { RemoteExit } from "../../packages/transfer/src/session/session.js";
import {
  type Outcome,
  type RunOptions,
  synchronize,
} from "../../packages/transfer/src/testing/sessions.js";
import { MemoryTree } from "../../packages/transfer/src/tree/index.js";
import { FaultyLine } from "./faulty-line.js";
import { noise } from "./mutate.js";
import { Random } from "./random.js";

const RUNS = Math.ceil(Number(process.env["TSRSYNC_FUZZ_RUNS"] ?? 400) / 10);
const SEED = Number(process.env["TSRSYNC_FUZZ_SEED"] ?? 1);
/** A stalled session is cut off after this time; what is left then must end by itself. */
const STALL_MS = 700;
const END_MS = 5000;
/** Most of the time goes by in sessions that have stalled. */
const AT_ONCE = 20;

const PARTIAL_DIR = ".~tmp~";
const EXIT_CODES = [1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 20, 22, 23, 24, 25, 30, 35];

/** By path. */
type Contents = Record<string, Uint8Array>;

function makeContents(seed: number): Contents {
  const random = new Random(seed);
  const big = noise(random, 120_000);
  return {
    "a/one": noise(random, 3000),
    "a/two": noise(random, 40_000),
    "a/b/three": Buffer.from("three\n"),
    big,
    empty: new Uint8Array(0),
    small: Buffer.from("small\n"),
  };
}

const fresh = makeContents(7);
const old: Contents = {
  ...makeContents(9),
  // Much in common: blocks are matched.
  big: Buffer.concat([Buffer.from("in front"), fresh["big"]!.subarray(0, 90_000)]),
  "a/extra": Buffer.from("to be deleted"),
};

function treeOf(contents: Contents, time: number): MemoryTree {
  const tree = new MemoryTree();
  for (const directory of ["a", "a/b"]) tree.makeDirectory(directory, 0o755);
  for (const [path, bytes] of Object.entries(contents)) {
    tree.writeFile(path, bytes);
    tree.setTimes(path, null, { seconds: time, nanoseconds: 5 });
  }
  tree.makeSymlink("link", "small");
  return tree;
}

/** All regular files of a tree. */
function filesOf(tree: MemoryTree, directory = "."): Contents {
  const files: Contents = {};
  for (const name of tree.list(directory)) {
    const path = directory === "." ? name : `${directory}/${name}`;
    const type = tree.stat(path)!.mode & 0o170000;
    if (type === 0o100000) files[path] = tree.readFile(path);
    if (type === 0o040000) Object.assign(files, filesOf(tree, path));
  }
  return files;
}

const known = new Set(
  [...Object.values(fresh), ...Object.values(old)].map((bytes) =>
    Buffer.from(bytes).toString("hex"),
  ),
);

const SETTINGS: Record<string, RunOptions> = {
  "protocol 28": { protocol: 28 },
  "protocol 29, deleting": { protocol: 29, options: { delete: "before" } },
  "protocol 30, the sender serves": {
    protocol: 30,
    server: "sender",
    options: { delete: "during" },
  },
  "protocol 31, list by list": { protocol: 31, incremental: true, options: { delete: "delay" } },
  "protocol 32": { protocol: 32 },
  "protocol 32, list by list, the sender serves": {
    protocol: 32,
    incremental: true,
    server: "sender",
    options: { delete: "after" },
  },
  "protocol 32, whole files, hard links": { options: { wholeFile: true, hardLinks: true } },
  "protocol 32, dry run": { options: { dryRun: true, delete: "during" } },
  "protocol 31, zlib": { protocol: 31, options: { compress: true, compressChoice: "zlib" } },
  "protocol 32, zlibx, delayed updates": {
    options: {
      compress: true,
      compressChoice: "zlibx",
      delayUpdates: true,
      partialDir: PARTIAL_DIR,
    },
  },
  "protocol 32, lz4, sparse": { options: { compress: true, compressChoice: "lz4", sparse: true } },
  "protocol 32, in place": { options: { inplace: true } },
  "protocol 32, appending": { options: { inplace: true, append: "verify" } },
  "protocol 32, backups and partial files": { options: { backup: true, partial: true } },
  "protocol 32, fuzzy, the source is removed": {
    options: { fuzzy: 2, removeSource: "all", delete: "after" },
  },
  "protocol 32, ACLs and extended attributes": { options: { acls: true, xattrs: 2 } },
  "protocol 32, checksums": { options: { checksum: true, delete: "before" } },
};

/** How many bytes each side says when the line is good. */
async function lengthsOf(run: RunOptions): Promise<[number, number]> {
  const lengths: [number, number] = [0, 0];
  const count = (side: 0 | 1) => (chunk: Buffer) => {
    lengths[side] += chunk.length;
    return chunk;
  };
  const trees = [treeOf(fresh, 2000), treeOf(old, 1000)] as const;
  const outcome = await synchronize(...trees, {
    ...run,
    cutAfterMs: 3000,
    tamperSender: count(0),
    tamperReceiver: count(1),
  });
  expect([outcome.senderError, outcome.receiverError]).toEqual([null, null]);
  return lengths;
}

function checkError(error: RsyncError | null): void {
  // A code that the peer gave, or seemed to.
  if (error === null || error instanceof RemoteExit) return;
  expect(EXIT_CODES).toContain(error.exitCode);
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const isBug =
      cause instanceof TypeError || cause instanceof RangeError || cause instanceof ReferenceError;
    if (isBug) throw cause;
  }
}

function checkTarget(target: MemoryTree, run: RunOptions): void {
  const files = filesOf(target);
  for (const [path, bytes] of Object.entries(files)) {
    expect(path).not.toMatch(/(^|\/)\.[^/]*\.\w{6}$/);
    const mayBePart =
      run.options?.inplace || run.options?.partial || path.split("/").includes(PARTIAL_DIR);
    if (!mayBePart && !known.has(Buffer.from(bytes).toString("hex"))) {
      throw new Error(`${path} has ${bytes.length} bytes that no side ever had`);
    }
  }
  if (run.options?.dryRun && !isDeepStrictEqual(files, filesOf(treeOf(old, 1000)))) {
    throw new Error("a dry run has changed files");
  }
}

async function runWithFaults(run: RunOptions, lengths: [number, number], random: Random) {
  const lines = lengths.map((length) => new FaultyLine(random, length, random.below(3)));
  const target = treeOf(old, 1000);
  const started = performance.now();
  const outcome: Outcome = await synchronize(treeOf(fresh, 2000), target, {
    ...run,
    cutAfterMs: STALL_MS,
    tamperSender: (chunk) => lines[0]!.pass(chunk),
    tamperReceiver: (chunk) => lines[1]!.pass(chunk),
  });
  expect(performance.now() - started, "milliseconds").toBeLessThan(STALL_MS + END_MS);
  checkError(outcome.senderError);
  checkError(outcome.receiverError);
  checkTarget(target, run);
}

async function runSeed(run: RunOptions, lengths: [number, number], seed: number): Promise<void> {
  try {
    await runWithFaults(run, lengths, new Random(seed));
  } catch (error) {
    throw new Error(`with TSRSYNC_FUZZ_SEED=${seed}`, { cause: error });
  }
}

test.each(Object.entries(SETTINGS))("%s", { timeout: 20_000 + RUNS * 1000 }, async (_name, run) => {
  const lengths = await lengthsOf(run);
  for (let seed = SEED; seed < SEED + RUNS; seed += AT_ONCE) {
    const seeds = Array.from({ length: Math.min(AT_ONCE, SEED + RUNS - seed) }, (_, i) => seed + i);
    await Promise.all(seeds.map((one) => runSeed(run, lengths, one)));
  }
});
