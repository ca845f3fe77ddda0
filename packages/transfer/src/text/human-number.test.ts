import fc from "fast-check";
import { expect, test } from "vitest";
import {
  digitSeparator,
  formatBytes,
  formatCount,
  formatHundredths,
  formatRate,
  formatRatio,
  type NumberStyle,
} from "./human-number.js";

const at = (humanLevel: number, separator: "," | "." = ","): NumberStyle => ({
  humanLevel,
  separator,
});

// Sizes as `rsync --list-only` 3.5.0 shows them with --no-h, nothing, -h and -hh.
const SIZES = [
  [0, "0", "0", "0", "0"],
  [999, "999", "999", "999", "999"],
  [1000, "1000", "1,000", "1.00K", "1,000"],
  [1023, "1023", "1,023", "1.02K", "1,023"],
  [1024, "1024", "1,024", "1.02K", "1.00K"],
  [1152, "1152", "1,152", "1.15K", "1.12K"],
  [1125, "1125", "1,125", "1.12K", "1.10K"],
  [9999, "9999", "9,999", "10.00K", "9.76K"],
  [99_999, "99999", "99,999", "100.00K", "97.66K"],
  [999_994, "999994", "999,994", "999.99K", "976.56K"],
  [999_995, "999995", "999,995", "1000.00K", "976.56K"],
  [1_000_000, "1000000", "1,000,000", "1.00M", "976.56K"],
  [1_048_575, "1048575", "1,048,575", "1.05M", "1024.00K"],
  [1_048_576, "1048576", "1,048,576", "1.05M", "1.00M"],
  [1_234_567, "1234567", "1,234,567", "1.23M", "1.18M"],
  [1_073_741_823, "1073741823", "1,073,741,823", "1.07G", "1024.00M"],
  [4_398_046_511_104, "4398046511104", "4,398,046,511,104", "4.40T", "4.00T"],
] as const;

test.each(SIZES)("%i bytes at levels 0 to 4", (bytes, ...expected) => {
  const texts = [0, 1, 2, 3].map((level) => formatBytes(bytes, at(level)));
  expect(texts).toEqual(expected);
  expect(formatBytes(bytes, at(4))).toBe(expected[3]);
});

test("counts and ratios are never scaled", () => {
  expect([0, 1, 2, 3].map((level) => formatCount(1204, at(level)))).toEqual([
    "1204",
    "1,204",
    "1,204",
    "1,204",
  ]);
  expect([0, 1, 2].map((level) => formatRatio(130_604_010.88, at(level)))).toEqual([
    "130604010.88",
    "130,604,010.88",
    "130,604,010.88",
  ]);
});

test("a rate has two decimals until it is scaled", () => {
  expect(formatRate(208, at(2))).toBe("208.00");
  expect(formatRate(13_204_066.4, at(2))).toBe("13.20M");
  expect(formatRate(66_017_138, at(0))).toBe("66017138.00");
  expect(formatRate(6_003_956, at(1))).toBe("6,003,956.00");
  expect(formatRate(1023, at(3))).toBe("1,023.00");
});

test("a locale with a decimal comma swaps both signs", () => {
  expect(formatBytes(1_234_567, at(1, "."))).toBe("1.234.567");
  expect(formatBytes(1_234_567, at(2, "."))).toBe("1,23M");
  expect(formatRatio(1234.5, at(1, "."))).toBe("1.234,50");
});

test("units end at P", () => {
  expect(formatBytes(5e18, at(2))).toBe("5000.00P");
});

test("ties of hundredths go to the even digit, anything else to the nearer one", () => {
  expect([0.125, 0.375, 1.125, 1.375, -0.125, 2.5].map(formatHundredths)).toEqual([
    "0.12",
    "0.38",
    "1.12",
    "1.38",
    "-0.12",
    "2.50",
  ]);
});

test("separators only separate", () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (value) => {
      const text = formatCount(value, at(1));
      expect(text.replaceAll(",", "")).toBe(String(value));
      expect(text).toMatch(/^\d{1,3}(,\d{3})*$/);
    }),
  );
});

test.each([
  [{ LANG: "de_DE.UTF-8" }, "."],
  [{ LANG: "de_DE.UTF-8", LC_NUMERIC: "en_US.UTF-8" }, ","],
  [{ LC_ALL: "fr_FR@euro", LC_NUMERIC: "C" }, "."],
  [{ LANG: "C.UTF-8" }, ","],
  [{ LC_ALL: "", LANG: "POSIX" }, ","],
  [{ LANG: "no such locale" }, ","],
  [{}, ","],
])("%j separates digits by %j", (environment, separator) => {
  expect(digitSeparator(environment)).toBe(separator);
});
