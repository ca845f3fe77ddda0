import { expect, test } from "vitest";
import { MarkTimes } from "./mark-times.js";

test("late marks are known to the millisecond after very many, old ones about", () => {
  const times = new MarkTimes();
  const count = 200_000;
  for (let sequence = 1; sequence <= count; sequence++) times.note(sequence, sequence * 3);
  expect(times.momentOf(count)).toBe(count * 3);
  expect(times.momentOf(count - 500)).toBe((count - 500) * 3);
  const old = times.momentOf(count / 2)!;
  expect(old).toBeLessThanOrEqual((count / 2) * 3);
  expect(old).toBeGreaterThan(0);
  expect(new MarkTimes().momentOf(1)).toBeNull();
});
