import fc from "fast-check";
import { expect, test } from "vitest";
import { editDistance, MAX_NAME_DISTANCE, nameDistance, suffixOf } from "./name-distance.js";

const STEP = 65536;

test.each([
  ["", "", 0],
  ["a", "a", 0],
  ["a", "b", STEP + 1],
  ["a", "", STEP + 97],
  ["", "ab", 2 * STEP + 97 + 98],
  ["abc", "abxc", STEP + 120],
  ["kitten", "sitting", 3 * STEP + (0x73 - 0x6b) + (0x69 - 0x65) + 0x67],
])("%j and %j differ by %d", (a, b, cost) => {
  expect(editDistance(a, b, Infinity)).toBe(cost);
});

const names = fc.string({ unit: "grapheme-ascii", maxLength: 12 });

test("the distance is a metric", () => {
  fc.assert(
    fc.property(names, names, names, (a, b, c) => {
      const ab = editDistance(a, b, Infinity);
      expect(editDistance(b, a, Infinity)).toBe(ab);
      expect(ab === 0).toBe(a === b);
      expect(editDistance(a, c, Infinity)).toBeLessThanOrEqual(ab + editDistance(b, c, Infinity));
    }),
  );
});

test("a pair whose lengths differ by more than the limit is not looked at", () => {
  expect(editDistance("a", "abcd", 3 * STEP)).toBeGreaterThan(3 * STEP);
  expect(editDistance("a", "abcd", 3 * STEP - 1)).toBe(Infinity);
});

test.each([
  ["a.txt", ".txt"],
  ["a.txt~", ".txt"],
  ["a.txt.bak", ".txt"],
  ["a.txt.old.orig", ".txt"],
  ["a.txt.~12~", ".txt"],
  ["a.tar.7", ".tar"],
  ["a.7.8", ".8"],
  [".profile", ""],
  ["...a.conf", ".conf"],
  ["a", ""],
  ["", ""],
])("the suffix of %j is %j", (name, suffix) => expect(suffixOf(name)).toBe(suffix));

test("a suffix counts ten times", () => {
  const limit = MAX_NAME_DISTANCE;
  expect(nameDistance("a.c", "a.h", limit)).toBe(11 * (STEP + 5));
  expect(nameDistance("a.c", "b.c", limit)).toBe(STEP + 1);
  expect(nameDistance("a.cc", "a.hxyz", limit)).toBe(Infinity);
});
