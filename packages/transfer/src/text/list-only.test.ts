import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type ListedEntry, listOnlyLine, moduleLine } from "./list-only.js";

beforeAll(() => {
  vi.stubEnv("TZ", "UTC");
});
afterAll(() => {
  vi.unstubAllEnvs();
});

const TIME = 1_600_000_000;
const at = (humanLevel: number) => ({ humanLevel, separator: "," }) as const;
const entry = (mode: number, name: string, changes: Partial<ListedEntry> = {}): ListedEntry => ({
  name,
  mode,
  size: 0,
  mtime: TIME,
  atime: null,
  linkTarget: null,
  ...changes,
});

// Lines of rsync 3.5.0.
test.each([
  ["drwxr-xr-x          4,096 2020/09/13 12:26:40 .", entry(0o040755, ".", { size: 4096 })],
  [
    "lrwxrwxrwx              1 2020/09/13 12:26:40 l -> f",
    entry(0o120777, "l", { size: 1, linkTarget: "f" }),
  ],
  ["lrwxrwxrwx              3 2020/09/13 12:26:40 sym", entry(0o120777, "sym", { size: 3 })],
  ["brw-r--r--              0 2020/09/13 12:26:40 b", entry(0o060644, "b", { size: 7 })],
  ["crw-r--r--              0 2020/09/13 12:26:40 c", entry(0o020644, "c")],
  ["prw-r--r--              0 2020/09/13 12:26:40 fifo", entry(0o010644, "fifo")],
  ["srwxr-xr-x              0 2020/09/13 12:26:40 sock", entry(0o140755, "sock")],
  ["-rwSr-Sr-T              0 2020/09/13 12:26:40 s2", entry(0o107644, "s2")],
  ["-rwsr-sr-x              0 2020/09/13 12:26:40 suid", entry(0o106755, "suid")],
  ["drwxrwxrwt          4,096 2020/09/13 12:26:40 st", entry(0o041777, "st", { size: 4096 })],
  [
    "-rw-r--r--         48,896 2020/09/13 12:26:40 2020/09/13 12:26:41 foo",
    entry(0o100644, "foo", { size: 48_896, atime: TIME + 1 }),
  ],
  [
    "drwxr-xr-x          4,096 2020/09/13 12:26:40                     .",
    entry(0o040755, ".", { size: 4096, atime: TIME }),
  ],
  ["*missing                                      nope", entry(0, "nope")],
  [
    "-rwSr-Sr-T              0 1901/12/13 20:45:52 s2",
    entry(0o107644, "s2", { mtime: -(2 ** 31) }),
  ],
])("%s", (line, listed) => {
  expect(listOnlyLine(listed, at(1))).toBe(line);
});

test("without separators the size column is narrower", () => {
  expect(listOnlyLine(entry(0o100644, "hard", { size: 3, atime: TIME }), at(0))).toBe(
    "-rw-r--r--           3 2020/09/13 12:26:40 2020/09/13 12:26:40 hard",
  );
  expect(listOnlyLine(entry(0, "nope", { atime: TIME }), at(0))).toBe(
    "*missing                                                       nope",
  );
});

test("sizes are for people when asked for", () => {
  expect(listOnlyLine(entry(0o040755, ".", { size: 4096 }), at(2))).toBe(
    "drwxr-xr-x          4.10K 2020/09/13 12:26:40 .",
  );
});

test("a time beyond the calendar does not stop a listing", () => {
  expect(listOnlyLine(entry(0o100644, "f", { mtime: 2 ** 60 }), at(1))).toMatch(/ f$/);
});

test("modules are a name and a comment", () => {
  expect(moduleLine("short", "A short one")).toBe("short          \tA short one");
  expect(moduleLine("averyveryverylongmodule", "")).toBe("averyveryverylongmodule\t");
});
