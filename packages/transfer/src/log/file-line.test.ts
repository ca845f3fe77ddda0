import fc from "fast-check";
import { expect, test } from "vitest";
import { escapeLogText, formatFileLine } from "./file-line.js";

const date = new Date(2026, 0, 2, 3, 4, 5);

test("a line has date, time and process", () => {
  expect(formatFileLine("connect", 101, date)).toBe("2026/01/02 03:04:05 [101] connect\n");
  expect(formatFileLine("text\r\n", 1, date)).toBe("2026/01/02 03:04:05 [1] text\n");
});

test.each([
  ["a\nb\rc", "a\\#012b\\#015c"],
  ["tab\tstays", "tab\tstays"],
  ["\0\x1b[2J\x7f", "\\#000\\#033[2J\x7f"],
  ["\x80\x9f\xa0\xc3\xa9", "\\#200\\#237\xa0\xc3\xa9"],
  ["\\#012", "\\#134#012"],
  ["\\#12 \\x", "\\#12 \\x"],
])("%j is written as %j", (text, escaped) => expect(escapeLogText(text)).toBe(escaped));

test("a text is cut at 2047 bytes, before it is escaped", () => {
  const line = formatFileLine("\x01".repeat(5000), 1, date);
  expect(line.match(/\\#001/g)).toHaveLength(2047);
  expect(line.endsWith("\\#001\n")).toBe(true);
});

test("no text makes more than one line", () => {
  const bytes = fc.uint8Array().map((array) => Buffer.from(array).toString("latin1"));
  fc.assert(
    fc.property(bytes, (text) => {
      expect(formatFileLine(text, 1, date)).toMatch(/^[^\n\r\0]*\n$/);
    }),
  );
});
