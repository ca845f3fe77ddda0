import fc from "fast-check";
import { expect, test } from "vitest";
import { formatBytes, formatTime, parseBytes, parseTime } from "./units.js";

test.each([
  ["0", 0],
  ["512", 512],
  ["1k", 1024],
  ["50M", 50 * 1024 ** 2],
  ["1.5G", 1.5 * 1024 ** 3],
  ["2t", 2 * 1024 ** 4],
])("the size %s has %d bytes", (text, bytes) => expect(parseBytes(text)).toBe(bytes));

test.each([
  "",
  "M",
  "-1",
  "1 M",
  "1MB",
  "1.",
  ".5k",
  "1e3",
  "9007199254740993",
  "9999999T",
  "0x10",
])("%j is no size", (text) => expect(parseBytes(text)).toBeNull());

test.each([
  ["0", 0],
  ["0ms", 0],
  ["250ms", 250],
  ["1.5s", 1500],
  ["10m", 600_000],
  ["24h", 86_400_000],
  ["7d", 604_800_000],
])("the time %s has %d milliseconds", (text, milliseconds) =>
  expect(parseTime(text)).toBe(milliseconds),
);

test.each(["", "60", "s", "-1s", "1 s", "1sec", "1M", "1w", "1h30m", "99999999999999d"])(
  "%j is no time",
  (text) => expect(parseTime(text)).toBeNull(),
);

test("any size and any time survive being written and read", () => {
  fc.assert(
    fc.property(
      fc.maxSafeNat(),
      fc.nat(),
      fc.constantFrom(1, 1024, 1024 ** 2, 60_000, 86_400_000),
      (large, small, factor) => {
        for (const value of [large, small, small * factor]) {
          if (!Number.isSafeInteger(value)) continue;
          expect(parseBytes(formatBytes(value))).toBe(value);
          expect(parseTime(formatTime(value))).toBe(value);
        }
      },
    ),
  );
});

test("the largest unit that fits is written", () => {
  expect([formatBytes(1536), formatBytes(2048), formatBytes(1024 ** 3)]).toEqual([
    "1536",
    "2k",
    "1G",
  ]);
  expect([formatTime(90_000), formatTime(120_000), formatTime(86_400_000)]).toEqual([
    "90s",
    "2m",
    "1d",
  ]);
});
