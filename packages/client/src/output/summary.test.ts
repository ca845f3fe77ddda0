import { DEFAULT_NUMBERS } from "@tsrsync/transfer";
import { expect, test } from "vitest";
import { noItems, statisticsLines, summaryLines } from "./summary.js";
import type { TransferStatistics } from "./types.js";

// The facts of `rsync -av --stats` 3.5.0 over a small tree.
const FIRST_RUN: TransferStatistics = {
  files: { regular: 14, directories: 2, symlinks: 1, devices: 0, specials: 1 },
  created: { regular: 14, directories: 2, symlinks: 1, devices: 0, specials: 1 },
  deleted: noItems(),
  transferredCount: 14,
  totalSize: 3_000_007,
  transferredSize: 3_000_006,
  literalData: 3_000_006,
  matchedData: 0,
  listSize: 0,
  listBuildMs: 1,
  listTransferMs: 0,
  bytesSent: 3_001_655,
  bytesReceived: 323,
  elapsedMs: 999,
};

const at = (humanLevel: number) => ({ humanLevel, separator: "," }) as const;

test("statistics and summary are rsync's lines for the same facts", () => {
  expect(statisticsLines(FIRST_RUN, DEFAULT_NUMBERS)).toEqual([
    "Number of files: 18 (reg: 14, dir: 2, link: 1, special: 1)",
    "Number of created files: 18 (reg: 14, dir: 2, link: 1, special: 1)",
    "Number of deleted files: 0",
    "Number of regular files transferred: 14",
    "Total file size: 3,000,007 bytes",
    "Total transferred file size: 3,000,006 bytes",
    "Literal data: 3,000,006 bytes",
    "Matched data: 0 bytes",
    "File list size: 0",
    "File list generation time: 0.001 seconds",
    "File list transfer time: 0.000 seconds",
    "Total bytes sent: 3,001,655",
    "Total bytes received: 323",
  ]);
  expect(summaryLines(FIRST_RUN, DEFAULT_NUMBERS)).toEqual([
    "sent 3,001,655 bytes  received 323 bytes  6,003,956.00 bytes/sec",
    "total size is 3,000,007  speedup is 1.00",
  ]);
});

test("an old protocol does not tell created and deleted items, a list not built here no times", () => {
  const facts = { ...FIRST_RUN, created: null, deleted: null, listBuildMs: 0 };
  const lines = statisticsLines(facts, DEFAULT_NUMBERS);
  expect(lines.filter((line) => /created|deleted|time/.test(line))).toEqual([]);
  expect(lines).toHaveLength(9);
});

test.each([
  [
    0,
    "sent 92 bytes  received 12 bytes  208.00 bytes/sec",
    "total size is 33000200  speedup is 317309.62",
  ],
  [
    1,
    "sent 92 bytes  received 12 bytes  208.00 bytes/sec",
    "total size is 33,000,200  speedup is 317,309.62",
  ],
  [
    2,
    "sent 92 bytes  received 12 bytes  208.00 bytes/sec",
    "total size is 33.00M  speedup is 317,309.62",
  ],
  [
    3,
    "sent 92 bytes  received 12 bytes  208.00 bytes/sec",
    "total size is 31.47M  speedup is 317,309.62",
  ],
])("a run with nothing to do at human level %i", (level, sent, total) => {
  const facts = { ...FIRST_RUN, bytesSent: 92, bytesReceived: 12, totalSize: 33_000_200 };
  expect(summaryLines(facts, at(level))).toEqual([sent, total]);
});

test("the rate counts whole seconds and a half", () => {
  const rate = (elapsedMs: number) => {
    const facts = { ...FIRST_RUN, bytesSent: 33_008_472, bytesReceived: 101, elapsedMs };
    return summaryLines(facts, DEFAULT_NUMBERS)[0]!.split("  ")[2];
  };
  expect(rate(4000)).toBe("7,335,238.44 bytes/sec");
  expect(rate(4999)).toBe("7,335,238.44 bytes/sec");
});

test("runs that change nothing say so", () => {
  const mark = (run: "dry-run" | "batch-only") =>
    summaryLines(FIRST_RUN, DEFAULT_NUMBERS, run)[1]!.slice(-13);
  expect(mark("dry-run")).toBe("1.00 (DRY RUN)".slice(-13));
  expect(mark("batch-only")).toBe(" (BATCH ONLY)");
});

test("nothing moved is no division by zero", () => {
  const facts = { ...FIRST_RUN, bytesSent: 0, bytesReceived: 0 };
  expect(summaryLines(facts, DEFAULT_NUMBERS)).toEqual([
    "sent 0 bytes  received 0 bytes  0.00 bytes/sec",
    "total size is 3,000,007  speedup is 0.00",
  ]);
});
