import { expect, test } from "vitest";
import { OptionError } from "./option-error.js";
import { parseStopTime } from "./stop-time.js";

const NOW = new Date(2026, 0, 31, 12, 30, 15);
const stopAt = (text: string, now = NOW) => parseStopTime({ option: "stop-at", text }, now);

test.each([
  ["12:31", new Date(2026, 0, 31, 12, 31)],
  ["T12:30", new Date(2026, 1, 1, 12, 30)],
  ["0:5", new Date(2026, 1, 1, 0, 5)],
  [":31", new Date(2026, 0, 31, 12, 31)],
  [":30", new Date(2026, 0, 31, 13, 30)],
  ["31", new Date(2026, 2, 31)],
  ["31t13:00", new Date(2026, 0, 31, 13)],
  ["30", new Date(2026, 2, 30)],
  ["1", new Date(2026, 1, 1)],
  ["5T", new Date(2026, 1, 5)],
  ["1/30", new Date(2027, 0, 30)],
  ["2-29", new Date(2028, 1, 29)],
  ["26-2-1T03:005", new Date(2026, 1, 1, 3, 5)],
  ["20-1-1", new Date(2120, 0, 1)],
  ["2099/12-31", new Date(2099, 11, 31)],
  ["2099-2-30", new Date(2099, 2, 2)],
])("--stop-at=%s is %s", (text, time) => {
  expect(stopAt(text)).toEqual(time);
});

test("a leap day is found across a century without one", () => {
  expect(stopAt("2-29", new Date(2096, 5, 1))).toEqual(new Date(2104, 1, 29));
});

test.each([
  "32",
  "0",
  "13-1",
  "2-30",
  "T",
  "5T3",
  "5T3:",
  ":60",
  "24:00",
  "1:2:3",
  "",
  " 5",
  "5 ",
  "-5",
  "T:5",
])("--stop-at=%j is no time", (text) => {
  expect(() => stopAt(text)).toThrow(new OptionError(`invalid --stop-at format: ${text}`));
});

test.each(["2026-1-31", "26-1-31T12:30", "199-1-1"])("--stop-at=%s is over", (text) => {
  expect(() => stopAt(text)).toThrow(
    new OptionError(`--stop-at time is not in the future: ${text}`),
  );
});

test("--stop-after counts minutes", () => {
  const stopAfter = (text: string) => parseStopTime({ option: "stop-after", text }, NOW);
  expect(stopAfter("90")).toEqual(new Date(2026, 0, 31, 14, 0, 15));
  for (const text of ["0", "-1", "x", "", "1.5"]) {
    expect(() => stopAfter(text)).toThrow(new OptionError(`invalid --stop-after value: ${text}`));
  }
});
