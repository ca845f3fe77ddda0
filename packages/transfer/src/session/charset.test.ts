import { UnsupportedError } from "@tsrsync/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { conversionProblem, loadCharset, localeCharset, ownCharset } from "./charset.js";

const bytes = (text: string) => Buffer.from(text, "utf8").toString("latin1");

test.each([
  ["UTF-8", "t\u00e9l\u00e9", bytes("t\u00e9l\u00e9")],
  ["utf8", "\u3042", bytes("\u3042")],
  ["ISO-8859-1", "t\u00e9l\u00e9", "t\xe9l\xe9"],
  ["latin1", "\u00ff", "\xff"],
  ["koi8-r", "\u044f", "\xd1"],
  ["windows-1252", "\u20ac", "\x80"],
  ["Shift_JIS", "\u3042", "\x82\xa0"],
  ["EUC-JP", "\u3042", "\xa4\xa2"],
  ["GBK", "\u4e2d", "\xd6\xd0"],
  ["Big5", "\u4e2d", "\xa4\xa4"],
  ["EUC-KR", "\ud55c", "\xc7\xd1"],
])("%s has %s", async (name, text, local) => {
  const charset = await loadCharset(name);
  expect(charset.toWire(local)).toBe(bytes(text));
  expect(charset.fromWire(bytes(text))).toBe(local);
});

test("what a charset does not have is refused, and so is what is no UTF-8", async () => {
  expect((await loadCharset("latin1")).fromWire(bytes("\u3042"))).toBeNull();
  expect((await loadCharset("ascii")).toWire("\xe9")).toBeNull();
  expect((await loadCharset("ascii")).fromWire(bytes("\u00e9"))).toBeNull();
  expect((await loadCharset("utf8")).toWire("lat-\xe9")).toBeNull();
  expect((await loadCharset("utf8")).fromWire("\xc0\x80")).toBeNull();
  expect((await loadCharset("latin1")).fromWire("\xff")).toBeNull();
  expect((await loadCharset("latin1")).fromWire("a?")).toBe("a?");
});

test("a charset that does not exist is an error", async () => {
  await expect(loadCharset("bogus")).rejects.toThrow(
    new UnsupportedError('iconv_open("UTF-8", "bogus") failed'),
  );
});

test("what was converted can be converted back", async () => {
  for (const name of ["latin1", "utf8", "koi8-r"]) {
    const charset = await loadCharset(name);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), (array) => {
        const local = Buffer.from(array).toString("latin1");
        const wire = charset.toWire(local);
        if (wire !== null) expect(charset.fromWire(wire)).toBe(local);
      }),
    );
  }
});

test("each side takes its part of the value", () => {
  expect(ownCharset(null, false, {})).toBeNull();
  expect(ownCharset("utf8,latin1", false, {})).toBe("utf8");
  expect(ownCharset("utf8,latin1", true, {})).toBe("latin1");
  expect(ownCharset("koi8-r", true, {})).toBe("koi8-r");
  expect(ownCharset(".", false, { LANG: "de_DE.ISO-8859-15@euro" })).toBe("ISO-8859-15");
  expect(localeCharset({ LC_ALL: "C", LANG: "en_US.UTF-8" })).toBe("ascii");
  expect(localeCharset({ LC_CTYPE: "en_US.UTF-8", LANG: "C" })).toBe("UTF-8");
});

test("a cut character is another matter than a wrong byte", () => {
  const invalid = "Invalid or incomplete multibyte or wide character";
  expect(conversionProblem("lat-\xe9", true)).toBe("Invalid argument");
  expect(conversionProblem("lat-\xe9x", true)).toBe(invalid);
  expect(conversionProblem(bytes("\u3042"), true)).toBe(invalid);
  expect(conversionProblem("lat-\xe9", false)).toBe(invalid);
});
