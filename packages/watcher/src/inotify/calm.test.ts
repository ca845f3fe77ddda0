import { expect, test } from "vitest";
import { calmLeft, createCalm, LONGEST_CALM_MS, setCalm } from "./calm.js";

/** Moments of the steady clock, around those at which the half of it that is shared begins anew. */
const MOMENTS = [1, 2 ** 31 - 10, 2 ** 31, 2 ** 32 - 10, 2 ** 32, 2 ** 40];

test("there is no calm before it was asked for", () => {
  for (const now of [1, 2 ** 31, 2 ** 31 + 1, 3_000_000_000, 2 ** 40]) {
    expect(calmLeft(createCalm(), now)).toBe(0);
  }
});

test.each(MOMENTS)("calm ends when it was said to (at %d)", (now) => {
  const calm = createCalm();
  setCalm(calm, 20, now);
  expect([0, 5, 19, 20, 21, 1000].map((later) => calmLeft(calm, now + later))).toEqual([
    20, 15, 1, 0, 0, 0,
  ]);
  setCalm(calm, 0, now + 5);
  expect(calmLeft(calm, now + 5)).toBe(0);
});

test("none is longer than the longest", () => {
  const calm = createCalm();
  setCalm(calm, Number.POSITIVE_INFINITY, 1000);
  expect(calmLeft(calm, 1000)).toBe(LONGEST_CALM_MS);
  expect(calmLeft(calm, 1000 + LONGEST_CALM_MS)).toBe(0);
});
