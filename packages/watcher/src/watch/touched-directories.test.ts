import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Mark, Reach } from "../state/mark.js";
import { MarkSink } from "./mark-sink.js";
import { Recorder } from "./testing-root.js";

let told: Recorder;
let marks: MarkSink;
beforeEach(() => {
  vi.useFakeTimers();
  told = new Recorder();
  marks = new MarkSink(told);
});
afterEach(() => {
  marks.close();
  vi.useRealTimers();
});

const touched = (path: string): Mark => ({ path, reach: Reach.Item, touched: true });
const item = (path: string): Mark => ({ path, reach: Reach.Item });
const take = (): Mark[] => told.marks.splice(0);

test("a directory that is touched alone is told with the next mark in it", () => {
  marks.touchLater("d");
  marks.touchLater("e");
  marks.flush();
  expect(take()).toEqual([]);
  marks.mark("d/f");
  marks.flush();
  expect(take()).toEqual([item("d/f"), touched("d")]);
  vi.advanceTimersByTime(1000);
  expect(take()).toEqual([touched("e")]);
  expect(vi.getTimerCount()).toBe(0);
});

test("a directory that is marked meanwhile needs no other mark", () => {
  marks.touchLater("d");
  marks.mark("d");
  marks.flush();
  expect(take()).toEqual([item("d")]);
  vi.advanceTimersByTime(1000);
  expect(take()).toEqual([]);
});

test("a directory that is touched again and again is told once a second, and at once when all is to be told", () => {
  for (let times = 0; times < 10; times++) {
    marks.touchLater("");
    marks.flush();
    vi.advanceTimersByTime(250);
  }
  expect(take()).toEqual([touched(""), touched("")]);
  marks.touchLater("d");
  marks.flushAll();
  expect(take()).toContainEqual(touched("d"));
});
