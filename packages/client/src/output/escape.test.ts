import { byteStringFromText } from "@tsrsync/protocol/wire";
import fc from "fast-check";
import { expect, test } from "vitest";
import { escapeBytes, escapeMessage, messageBytes, terminalEscapeStyle } from "./escape.js";

const name = fc.uint8Array({ maxLength: 40 }).map((bytes) => String.fromCharCode(...bytes));

// File names as rsync 3.5.0 lists them with LC_ALL=C.UTF-8, with LC_ALL=C, with -8 and in its log file.
const NAMES: readonly (readonly [string, string, string, string, string])[] = [
  ["\rstart", "\\#015start", "\\#015start", "\\#015start", "\\#015start"],
  ["a\\#\x01", "a\\#\\#001", "a\\#\\#001", "a\\#\\#001", "a\\#\\#001"],
  ["a\\#12", "a\\#12", "a\\#12", "a\\#12", "a\\#12"],
  ["a\\#1234", "a\\#134#1234", "a\\#134#1234", "a\\#134#1234", "a\\#134#1234"],
  ["a\\\\#123", "a\\\\#134#123", "a\\\\#134#123", "a\\\\#134#123", "a\\\\#134#123"],
  ["a\x7f\x1fb", "a\x7f\\#037b", "a\x7f\\#037b", "a\x7f\\#037b", "a\x7f\\#037b"],
  ["a\xc0\x80b", "a\\#300\\#200b", "a\\#300\\#200b", "a\xc0\x80b", "a\xc0\\#200b"],
  [
    "a\xe0\x80\x80b",
    "a\\#340\\#200\\#200b",
    "a\\#340\\#200\\#200b",
    "a\xe0\x80\x80b",
    "a\xe0\\#200\\#200b",
  ],
  ["a\xe2\x82Ab", "a\\#342\\#202Ab", "a\\#342\\#202Ab", "a\xe2\x82Ab", "a\xe2\\#202Ab"],
  ["a\xc3", "a\\#303", "a\\#303", "a\xc3", "a\xc3"],
  [
    "a\xf0\x9f\x98\x80",
    "a\xf0\x9f\x98\x80",
    "a\\#360\\#237\\#230\\#200",
    "a\xf0\x9f\x98\x80",
    "a\xf0\\#237\\#230\\#200",
  ],
  [
    "a\xf1\x80\x80",
    "a\\#361\\#200\\#200",
    "a\\#361\\#200\\#200",
    "a\xf1\x80\x80",
    "a\xf1\\#200\\#200",
  ],
];

test.each(NAMES)("%j by locale, by none, raw and in a log", (text, utf8, ascii, raw, log) => {
  expect(escapeBytes(text, "utf8")).toBe(utf8);
  expect(escapeBytes(text, "ascii")).toBe(ascii);
  expect(escapeBytes(text, "raw")).toBe(raw);
  expect(escapeBytes(text, "log")).toBe(log);
});

test.each([
  ["su\xed\xa0\x80x", "su\\#355\\#240\\#200x"],
  ["u\xef\xbf\xbfx", "u\xef\xbf\xbfx"],
  ["c2\xc2\x80x", "c2\xc2\x80x"],
  ["tab\tx", "tab\tx"],
  ["lf\nx", "lf\\#012x"],
])("%j: surrogates are no characters, C1 controls and TAB are left", (text, escaped) => {
  expect(escapeBytes(text, "utf8")).toBe(escaped);
});

test("beyond U+10FFFF nothing is valid", () => {
  expect(escapeBytes("\xf4\x8f\xbf\xbf", "utf8")).toBe("\xf4\x8f\xbf\xbf");
  expect(escapeBytes("\xf4\x90\x80\x80", "utf8")).toBe("\\#364\\#220\\#200\\#200");
});

test("text in any language survives, and its bytes are the bytes of the name", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const bytes = byteStringFromText(text.replace(/[\x00-\x1f\\]/g, ""));
      expect(messageBytes(bytes, "utf8")).toEqual(Buffer.from(bytes, "latin1"));
    }),
  );
});

test("no two names look the same, and no output has a control byte", () => {
  const restore = (text: string) =>
    text.replace(/\\#([0-7]{3})/g, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 8)),
    );
  fc.assert(
    fc.property(name, fc.constantFrom("utf8", "ascii", "raw", "log"), (text, style) => {
      const escaped = escapeBytes(text, style);
      expect(escaped).not.toMatch(/[\x00-\x08\x0a-\x1f]/);
      expect(restore(escaped)).toBe(text);
    }),
  );
});

test("layout at the ends of a message stays", () => {
  expect(escapeMessage("\r 5%\r", "utf8")).toBe("\r 5%\r");
  expect(escapeMessage("cr\rx\r\n", "utf8")).toBe("cr\\#015x\\#015\n");
  expect(escapeMessage("a\n\n", "utf8")).toBe("a\\#012\n");
  expect(escapeMessage("\r", "utf8")).toBe("\r");
  expect(escapeMessage("", "utf8")).toBe("");
});

test("the locale variables rank as in C, and -8 beats them", () => {
  expect(terminalEscapeStyle({ LANG: "de_DE.UTF-8" }, false)).toBe("utf8");
  expect(terminalEscapeStyle({ LC_CTYPE: "en_US.utf8", LANG: "C" }, false)).toBe("utf8");
  expect(terminalEscapeStyle({ LC_ALL: "C", LANG: "C.UTF-8" }, false)).toBe("ascii");
  expect(terminalEscapeStyle({ LC_ALL: "", LANG: "C.UTF-8" }, false)).toBe("utf8");
  expect(terminalEscapeStyle({}, false)).toBe("ascii");
  expect(terminalEscapeStyle({ LC_ALL: "C" }, true)).toBe("raw");
});
