import { DEFAULT_NUMBERS } from "@tsrsync/transfer";
import { expect, test } from "vitest";
import { ProgressMeter, type ProgressTally } from "./progress.js";

function createMeter(wholeTransfer: boolean) {
  const clock = { ms: 5000 };
  const numbers = DEFAULT_NUMBERS;
  const meter = new ProgressMeter({ wholeTransfer, numbers, nowMs: () => clock.ms });
  return { clock, meter };
}

const tally = (
  transferredCount: number,
  toCheckCount: number,
  entryCount: number,
): ProgressTally => ({
  transferredCount,
  toCheckCount,
  entryCount,
  listComplete: true,
});

// The lines of rsync 3.5.0 --progress --bwlimit=6000 for a file of 30 MB, second by second.
test("a file's line is rewritten once a second and closed at its end", () => {
  const { clock, meter } = createMeter(false);
  meter.beginFile(30_000_000, 33_000_200);
  expect(meter.update(32_768)).toBe("\r         32,768   0%    0.00kB/s    0:00:00  ");
  clock.ms += 999;
  expect(meter.update(6_000_000)).toBe("");
  clock.ms += 36;
  expect(meter.update(6_389_760)).toBe("\r      6,389,760  21%    5.89MB/s    0:00:03  ");
  clock.ms = 9816;
  expect(meter.endFile(tally(1, 2, 4))).toBe(
    "\r     30,000,000 100%    5.94MB/s    0:00:04 (xfr#1, to-chk=2/4)\n",
  );
  expect(meter.isLineOpen).toBe(false);
  expect(meter.endTransfer(tally(1, 0, 4))).toBe("");
});

test("until the whole list is known, entries are checked incrementally", () => {
  const { meter } = createMeter(false);
  meter.beginFile(0, 0);
  expect(meter.endFile({ ...tally(2, 0, 2), listComplete: false })).toBe(
    "\r              0 100%    0.00kB/s    0:00:00 (xfr#2, ir-chk=0/2)\n",
  );
});

test("the rate of a running file covers the last five seconds", () => {
  const { clock, meter } = createMeter(false);
  meter.beginFile(100 * 1024 * 1024, 0);
  meter.update(0);
  for (let second = 1; second <= 10; second++) {
    clock.ms += 1000;
    meter.update(Math.max(0, second - 5) * 1024 * 1024);
  }
  clock.ms += 1000;
  expect(meter.update(6 * 1024 * 1024)).toContain("6% 1024.00kB/s    0:01:34");
});

test("a wait of more than 9999 hours is unknown", () => {
  const { clock, meter } = createMeter(false);
  meter.beginFile(1e12, 0);
  clock.ms += 1000;
  expect(meter.update(1)).toBe("\r              1   0%    0.00kB/s   ??:??:??  ");
});

test("a rate changes its unit above 1024", () => {
  const { clock, meter } = createMeter(false);
  const rate = (bytes: number) => {
    meter.beginFile(bytes, 0);
    clock.ms += 1000;
    return meter.endFile(tally(1, 0, 1)).slice(22, 33);
  };
  expect(rate(1024 * 1024)).toBe("1024.00kB/s");
  expect(rate(1024 * 1025)).toBe("   1.00MB/s");
  expect(rate(1024 ** 3 + 1024 ** 2)).toBe("   1.00GB/s");
  expect(rate(33_000_200 * 1000)).toBe("  30.73GB/s");
});

// As rsync 3.5.0 --info=progress2 over files of 30,000,000, 200 and 3,000,000 bytes.
test("the line of a whole transfer stays open between files and is repeated at the end", () => {
  const { clock, meter } = createMeter(true);
  meter.beginFile(30_000_000, 33_000_200);
  expect(meter.update(32_768)).toBe("\r         32,768   0%    0.00kB/s    0:00:00  ");
  clock.ms += 3200;
  expect(meter.endFile(tally(1, 2, 4))).toBe(
    "\r     30,000,000  90%    8.94MB/s    0:00:03 (xfr#1, to-chk=2/4)",
  );
  expect(meter.isLineOpen).toBe(true);
  meter.beginFile(200, 33_000_200);
  meter.endFile(tally(2, 1, 4));
  meter.beginFile(3_000_000, 33_000_200);
  clock.ms += 313;
  const last = "\r     33,000,200 100%    8.96MB/s    0:00:03 (xfr#3, to-chk=0/4)";
  expect(meter.endFile(tally(3, 0, 4))).toBe(last);
  expect(meter.endTransfer(tally(3, 0, 4))).toBe(`${last}\n`);
  expect(meter.isLineOpen).toBe(false);
});

test("a shorter line of a whole transfer blanks the rest of the longer one", () => {
  const { clock, meter } = createMeter(true);
  meter.beginFile(1000, 2000);
  const long = meter.endFile(tally(1, 1, 3));
  clock.ms += 1000;
  meter.beginFile(1000, 2000);
  const running = meter.update(500);
  expect(running.length).toBe(long.length);
  expect(running.trimEnd()).toBe("\r          1,500  75%    1.46kB/s    0:00:00");
});

test("an open line is closed before another is printed, and only then", () => {
  const { meter } = createMeter(true);
  expect(meter.closeLine()).toBe("");
  meter.beginFile(10, 10);
  meter.update(5);
  expect(meter.closeLine()).toBe("\n");
  expect(meter.closeLine()).toBe("");
});

test("a transfer of nothing has no line", () => {
  expect(createMeter(true).meter.endTransfer(tally(0, 0, 4))).toBe("");
});
