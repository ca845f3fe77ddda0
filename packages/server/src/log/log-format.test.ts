import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatLogLine, type LogItem, logsEveryItem } from "./log-format.js";

const ITEM: LogItem = {
  operation: "send",
  name: "sub/f1",
  path: "sub/f1",
  isDirectory: false,
  size: 1234567,
  host: "localhost",
  address: "127.0.0.1",
  module: "m1",
  modulePath: "/srv/m",
  user: "joe",
  transferredBytes: 1234758,
  checksumBytes: 16,
  checksum: "7852158e24e270e366b57773cc0dfbda",
  mode: 0o644,
  uid: 0,
  gid: 0,
  mtime: new Date(2026, 0, 2, 3, 4, 5).getTime() / 1000,
  itemized: "<f+++++++++",
  processId: 23405,
  now: new Date(2026, 10, 21, 12, 14, 55),
};

const line = (format: string, item: Partial<LogItem> = {}) =>
  formatLogLine(format, { ...ITEM, ...item });

describe("lines as rsync 3.5.0 wrote them", () => {
  test.each([
    ["%o %h [%a] %m (%u) %f %l", "send localhost [127.0.0.1] m1 (joe) sub/f1 1234567"],
    ["%b|%B|%c|%C|%G", "1234758|rw-r--r--|16|7852158e24e270e366b57773cc0dfbda|0"],
    ["%i|%L|%M|%n|%U", "<f+++++++++||2026/01/02-03:04:05|sub/f1|0"],
    ["%P|%%|%q|%t|%", "/srv/m|%|%q|2026/11/21 12:14:55|%"],
    ["%'l|%''l|%'''l", "1,234,567|1.23M|1.18M"],
    ["%10l|%-10l|%010l|%'10'l", "   1234567|1234567   |   1234567|     1.23M"],
    ["%08U|%-8U|%08n|%5L|", "00000000|0       |  sub/f1|         |"],
    [
      "%20f|%-20n|%012i|%3G|%0p",
      `${" ".repeat(14)}sub/f1|sub/f1${" ".repeat(14)}| <f+++++++++|  0|23405`,
    ],
  ])("%s", (format, text) => expect(line(format)).toBe(text));

  test("links have their width behind the arrow", () => {
    expect(line("%4L", { symlinkTarget: "f1" })).toBe(" ->   f1");
    expect(line("%-4L|", { hardLinkTo: "f1" })).toBe(" => f1  |");
  });

  test("directories have a slash in %n only", () => {
    expect(line("%f|%n", { name: "sub", path: "in/sub", isDirectory: true })).toBe("in/sub|sub/");
    expect(line("%f|%n", { name: ".", path: ".", isDirectory: true })).toBe(".|./");
  });

  test("deletions tell what they are", () => {
    const item = {
      operation: "del.",
      name: "del",
      path: "del",
      isDirectory: true,
      size: 0,
    } as const;
    expect(line("%o %f %l", item)).toBe("del. del 0");
    expect(line("%i %n", item)).toBe("*deleting   del/");
    expect(line("%n %l", item)).toBe("deleting del/");
    expect(line("%%o", item)).toBe("deleting del/");
  });
});

test("special mode bits have letters", () => {
  expect(line("%B", { mode: 0o7777 })).toBe("rwsrwsrwt");
  expect(line("%B", { mode: 0o7000 })).toBe("--S--S--T");
});

test("what is not known prints as nothing", () => {
  const { operation, name, path, isDirectory, size, host, address, module, modulePath, user } =
    ITEM;
  const who = { host, address, module, modulePath, user };
  const known = { operation, name, path, isDirectory, size, ...who };
  expect(formatLogLine("%b %c %C| %G %U %i| %L|", known)).toBe(
    `0 0 ${" ".repeat(32)}| DEFAULT 0 | |`,
  );
});

test("values are inserted as they are, not as formats or patterns", () => {
  expect(line("%f %u", { path: "$& %u $1", user: "%f" })).toBe("$& %u $1 %f");
});

test("a huge width is bounded", () => {
  expect(line(`%${"9".repeat(23)}f`).length).toBeLessThan(5000);
  expect(line(`%${"9".repeat(24)}f`)).toBe(`%${"9".repeat(24)}f`);
});

test("only %i asks for every item", () => {
  expect(logsEveryItem("%o %'-11i")).toBe(true);
  expect(logsEveryItem("%%i %f")).toBe(false);
});

test("any format gives a line", () => {
  const piece = fc.constantFrom("%", "'", "-", "0", "9", "l", "L", "i", "x", "\n", "\xff");
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      expect(typeof line(pieces.join(""))).toBe("string");
    }),
  );
});
