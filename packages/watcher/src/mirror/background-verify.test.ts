import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { TargetSettings } from "../config/settings.js";
import { BackgroundVerify } from "./background-verify.js";

const MINUTE = 60_000;
let running: BackgroundVerify | null = null;

beforeEach(() => {
  vi.useFakeTimers({ now: new Date("2026-02-01T12:00:00") });
});

afterEach(() => {
  running?.close();
  vi.useRealTimers();
});

function start(settings: TargetSettings["verify"], values: Record<string, unknown> = {}) {
  const compared: (readonly string[] | undefined)[] = [];
  const state = { isIdle: true, picked: 0 };
  running = new BackgroundVerify({
    settings,
    record: {
      isNew: false,
      get: (key) => values[key],
      set: (key, value) => {
        values[key] = value;
      },
    },
    pick: () => `path ${state.picked++}`,
    isIdle: () => state.isIdle,
    compare: (paths) => Promise.resolve(compared.push(paths)),
  });
  running.start();
  return { compared, state, values };
}

test("so many paths an hour, some at a time, of a target that is well", () => {
  const { compared, state } = start({ samplePerHour: 120, full: null });
  vi.advanceTimersByTime(60 * MINUTE);
  expect(compared.map((paths) => paths?.length)).toEqual(new Array(12).fill(10));
  state.isIdle = false;
  vi.advanceTimersByTime(60 * MINUTE);
  expect(compared).toHaveLength(12);
});

test("everything on a day that is further away than a timer reaches, not before", () => {
  const { compared } = start({ samplePerHour: 0, full: { every: null, cron: "0 13 15 6 *" } });
  vi.advanceTimersByTime(133 * 24 * 60 * MINUTE);
  expect(compared).toEqual([]);
  vi.advanceTimersByTime(2 * 24 * 60 * MINUTE);
  expect(compared).toEqual([undefined]);
});

test("few paths are spread over the day", () => {
  const { compared } = start({ samplePerHour: 0.5, full: null });
  vi.advanceTimersByTime(10 * 60 * MINUTE);
  expect(compared.map((paths) => paths?.length)).toEqual([1, 1, 1, 1, 1]);
});

test("everything at a time of day, or in intervals that go on over restarts", () => {
  const { compared } = start({ samplePerHour: 0, full: { every: null, cron: "0 13 * * *" } });
  vi.advanceTimersByTime(59 * MINUTE);
  expect(compared).toEqual([]);
  vi.advanceTimersByTime(2 * MINUTE + 24 * 60 * MINUTE);
  expect(compared).toEqual([undefined, undefined]);
  running?.close();
  const every = { samplePerHour: 0, full: { every: 60 * MINUTE, cron: null } };
  const again = start(every, { verified: Date.now() - 50 * MINUTE });
  vi.advanceTimersByTime(11 * MINUTE);
  expect(again.compared).toEqual([undefined]);
  expect(again.values["verified"]).toBe(Date.now() - MINUTE);
});

test("nothing is waited for when nothing is asked for", () => {
  start({ samplePerHour: 0, full: null });
  expect(vi.getTimerCount()).toBe(0);
});
