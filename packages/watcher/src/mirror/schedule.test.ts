import { describe, expect, test } from "vitest";
import { untilNext, untilOpen } from "./schedule.js";

const MINUTE = 60_000;
const at = (hours: number, minutes: number) => new Date(2026, 0, 20, hours, minutes).getTime();

describe("windows", () => {
  test.each([
    [null, at(3, 0), 0],
    ["always", at(3, 0), 0],
    ["01:00-05:00", at(3, 0), 0],
    ["01:00-05:00", at(0, 30), 30 * MINUTE],
    ["01:00-05:00", at(5, 0), 20 * 60 * MINUTE],
    ["22:00-02:00", at(23, 0), 0],
    ["22:00-02:00", at(1, 59), 0],
    ["22:00-02:00", at(2, 0), 20 * 60 * MINUTE],
  ])("%s opens in time", (window, now, wait) => {
    expect(untilOpen(window, now)).toBe(wait);
  });

  test("anything else is refused", () => {
    expect(() => untilOpen("at night", at(0, 0))).toThrow(RangeError);
  });
});

describe("full syncs", () => {
  test("an interval counts from the last one", () => {
    expect(untilNext({ every: 1000, cron: null }, 5000, 5400)).toBe(600);
    expect(untilNext({ every: 1000, cron: null }, 5000, 50_000)).toBe(1);
    expect(untilNext({ every: null, cron: null }, 0, 0)).toBeNull();
  });

  test("a cron expression with seconds tells the next moment", () => {
    const now = at(2, 59);
    expect(untilNext({ every: null, cron: "0 0 3 * * *" }, 0, now)).toBe(MINUTE);
  });
});
