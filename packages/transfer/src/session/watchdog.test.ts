import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Watchdog } from "./watchdog.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("each limit that is not stopped is told of once, when its time has come", () => {
  const watchdog = new Watchdog();
  const told: string[] = [];
  const long = watchdog.start(60_000, () => told.push("long"));
  watchdog.start(2000, () => told.push("short"));
  const stopped = watchdog.start(1000, () => told.push("stopped"));
  watchdog.stop(stopped);
  vi.advanceTimersByTime(1990);
  expect(told).toEqual([]);
  watchdog.start(3000, () => told.push("later"));
  vi.advanceTimersByTime(120);
  expect(told).toEqual(["short"]);
  vi.advanceTimersByTime(10_000);
  expect(told).toEqual(["short", "later"]);
  watchdog.stop(long);
  vi.advanceTimersByTime(100_000);
  expect(told).toEqual(["short", "later"]);
});

test("many limits share one timer, which ends when nothing is left", () => {
  const watchdog = new Watchdog();
  for (let at = 0; at < 100; at++) watchdog.stop(watchdog.start(1000 + at, () => {}));
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(1200);
  expect(vi.getTimerCount()).toBe(0);
});

test("limits that end within a moment end together", () => {
  const watchdog = new Watchdog();
  const told: number[] = [];
  for (let at = 0; at < 1000; at++) {
    watchdog.start(1000, () => told.push(Date.now()));
    vi.advanceTimersByTime(1);
  }
  vi.advanceTimersByTime(1100);
  expect(told.length).toBe(1000);
  expect(new Set(told).size).toBeLessThan(20);
});

test("what is due may stop others and start new ones", () => {
  const watchdog = new Watchdog();
  const told: string[] = [];
  watchdog.start(1000, () => {
    watchdog.stop(other);
    watchdog.start(1000, () => told.push("new"));
  });
  const other = watchdog.start(1000, () => told.push("other"));
  vi.advanceTimersByTime(1500);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(1000);
  expect(told).toEqual(["new"]);
});
