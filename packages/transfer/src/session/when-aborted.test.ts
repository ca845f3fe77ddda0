import { expect, test, vi } from "vitest";
import { whenAborted } from "./when-aborted.js";

test("all that waits for a signal happens once, but for what was taken back", () => {
  const abort = new AbortController();
  const listen = vi.spyOn(abort.signal, "addEventListener");
  const told: string[] = [];
  const twice = () => told.push("twice");
  whenAborted(abort.signal, () => told.push("first"));
  whenAborted(abort.signal, twice);
  const takeBack = whenAborted(abort.signal, twice);
  const gone = whenAborted(abort.signal, () => told.push("gone"));
  gone();
  expect(listen).toHaveBeenCalledTimes(1);
  abort.abort();
  abort.abort();
  takeBack();
  expect(told).toEqual(["first", "twice", "twice"]);
});

test("what comes too late happens at once, and without a signal nothing does", () => {
  const told: string[] = [];
  whenAborted(AbortSignal.abort(), () => told.push("late"))();
  whenAborted(undefined, () => told.push("never"))();
  expect(told).toEqual(["late"]);
});
