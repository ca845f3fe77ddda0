import { expect, test } from "vitest";
import { Pace } from "./pace.js";

const SETTINGS = { quiet: 0, maxGap: 50, maxWait: 1000 };

/** Pushes one path per change until `seconds` have passed; returns the gaps at the end. */
function lastGap(pace: Pace, filesPerSecond: number): number {
  let now = 0;
  let start = 0;
  let gap = 0;
  while (now < 5000) {
    now = start + 1000 / filesPerSecond;
    const next = now + pace.wait(0, 0, now);
    gap = next - start;
    pace.started(Math.max(1, Math.round((gap * filesPerSecond) / 1000)), next);
    start = next;
  }
  return gap;
}

test("the first change goes at once", () => {
  expect(new Pace(SETTINGS).wait(0, 0, 5)).toBe(0);
});

test("rare changes go at once, many are gathered, and no gap is longer than it may be", () => {
  expect(lastGap(new Pace(SETTINGS), 10)).toBeCloseTo(100, 0);
  const busy = lastGap(new Pace(SETTINGS), 200);
  expect(busy).toBeGreaterThan(25);
  expect(busy).toBeLessThan(50);
  expect(lastGap(new Pace(SETTINGS), 5000)).toBeLessThanOrEqual(50.001);
});

test("after a burst a change goes at once again", () => {
  const pace = new Pace(SETTINGS);
  pace.started(10_000, 0);
  expect(pace.wait(0, 0, 10)).toBe(40);
  expect(pace.wait(0, 0, 60_000)).toBe(0);
});

test("silence is waited for, but not for ever", () => {
  const pace = new Pace({ quiet: 100, maxGap: 50, maxWait: 1000 });
  expect(pace.wait(40, 0, 40)).toBe(100);
  expect(pace.wait(990, 0, 990)).toBe(10);
});
