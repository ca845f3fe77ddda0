import { expect, test } from "vitest";
import { DeleteGuard } from "./delete-guard.js";

const LIMITS = { maxFiles: 1000, maxPercent: 30 };

test("deletions add up within a minute, and not beyond it", () => {
  const guard = new DeleteGuard(LIMITS);
  expect(guard.allows(900, 0, 0)).toBe(true);
  guard.happened(900, 0);
  expect(guard.allows(101, 0, 30_000)).toBe(false);
  expect(guard.allows(100, 0, 40_000)).toBe(true);
  guard.happened(100, 40_000);
  expect(guard.allows(1, 0, 50_000)).toBe(false);
  expect(guard.allows(1000, 0, 70_000)).toBe(true);
});

test("a large part of the tree is too much, a few files of a small one are not", () => {
  const guard = new DeleteGuard(LIMITS);
  expect(guard.allows(90, 100, 0)).toBe(true);
  expect(new DeleteGuard(LIMITS).allows(400, 1000, 0)).toBe(false);
  expect(new DeleteGuard(LIMITS).allows(200, 1000, 0)).toBe(true);
});

test("deletions that were only tried do not count", () => {
  const guard = new DeleteGuard(LIMITS);
  for (let attempt = 0; attempt < 10; attempt++) expect(guard.allows(900, 0, attempt)).toBe(true);
});

test("a release holds for what was held back, not for ever", () => {
  const guard = new DeleteGuard(LIMITS);
  expect(guard.allows(5000, 0, 0)).toBe(false);
  guard.release();
  expect(guard.allows(5000, 0, 1)).toBe(true);
  guard.settled();
  expect(guard.allows(5000, 0, 2)).toBe(false);
});
