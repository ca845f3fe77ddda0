import fc from "fast-check";
import { expect, test } from "vitest";
import { BackOff } from "./back-off.js";

const SETTINGS = { first: 0, min: 1000, max: 300_000, factor: 2, jitter: 0.2 };

test("the first new attempt comes at once, the others ever later up to the longest wait", () => {
  const backOff = new BackOff(SETTINGS, () => 0.5);
  const waits = Array.from({ length: 12 }, () => backOff.failed());
  expect(waits.slice(0, 5)).toEqual([0, 1000, 2000, 4000, 8000]);
  expect(waits.at(-1)).toBe(300_000);
  backOff.succeeded();
  expect(backOff.failed()).toBe(0);
});

test("no wait leaves its bounds, however often a target failed", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 5000 }),
      fc.float({ min: 0, max: 1, noNaN: true }),
      (failures, random) => {
        const backOff = new BackOff(SETTINGS, () => random);
        let wait = 0;
        for (let count = 0; count < failures; count++) wait = backOff.failed();
        expect(wait).toBeGreaterThanOrEqual(SETTINGS.min * 0.8);
        expect(wait).toBeLessThanOrEqual(SETTINGS.max * 1.2);
      },
    ),
    { numRuns: 30 },
  );
});
