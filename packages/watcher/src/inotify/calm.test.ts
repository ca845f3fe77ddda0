import { expect, test } from "vitest";
import { calmLeft, createCalm, LONGEST_CALM_MS, setCalm } from "./calm.js";
import { steadyMs } from "./reader-messages.js";

test("there is no calm before it was asked for, whatever the clock shows", () => {
  for (const now of [1, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 2 ** 32 - 1, 2 ** 32, 2 ** 40]) {
    expect(calmLeft(createCalm(), now)).toBeLessThanOrEqual(LONGEST_CALM_MS);
  }
  expect(calmLeft(createCalm(), steadyMs() | 1)).toBeLessThanOrEqual(LONGEST_CALM_MS);
  expect(calmLeft(createCalm(), 3_000_000_000)).toBe(0);
});

test("calm ends when it was said to, and none is longer than the longest", () => {
  const calm = createCalm();
  setCalm(calm, 20);
  const now = steadyMs();
  expect(calmLeft(calm, now)).toBeGreaterThan(0);
  expect(calmLeft(calm, now)).toBeLessThanOrEqual(20);
  expect(calmLeft(calm, now + 20)).toBe(0);
  setCalm(calm, Number.POSITIVE_INFINITY);
  expect(calmLeft(calm, now)).toBeGreaterThan(20);
  expect(calmLeft(calm, now + 1000)).toBe(0);
  setCalm(calm, 0);
  expect(calmLeft(calm, steadyMs())).toBe(0);
});
