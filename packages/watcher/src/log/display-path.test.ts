import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { displayPath } from "./display-path.js";

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
const name = (text: string): string => Buffer.from(text, "utf8").toString("latin1");

/** Back to the bytes: what makes two names that look the same the same. */
function parse(text: string): string {
  const parts = text.split(/(\\\\|\\x[0-9a-f]{2})/);
  return parts
    .map((part) => {
      if (part === "\\\\") return "\\";
      if (part.startsWith("\\x")) return String.fromCharCode(Number.parseInt(part.slice(2), 16));
      return name(part);
    })
    .join("");
}

describe("the form of names for people", () => {
  it.each([
    ["plain/name with space's", "plain/name with space's"],
    [name("dé/文.txt"), "dé/文.txt"],
    ["a\nb\tc\x1b[2J", "a\\x0ab\\x09c\\x1b[2J"],
    ["back\\slash", "back\\\\slash"],
    ["\xff\xfe.txt", "\\xff\\xfe.txt"],
    [`${name("é")}\xe9`, "é\\xe9"],
    [name("a\u202etxt.exe"), "a\\xe2\\x80\\xaetxt.exe"],
    [`cut \xe6\x96`, "cut \\xe6\\x96"],
    ["", ""],
  ])("shows %j", (path, shown) => {
    expect(displayPath(path)).toBe(shown);
  });

  it("never lets two names look the same, nor a control character through", () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.string({ unit: "grapheme", maxLength: 20 }).map((text) => new TextEncoder().encode(text)),
    );
    fc.assert(
      fc.property(bytes, (value) => {
        const shown = displayPath(latin1(value));
        expect(parse(shown)).toBe(latin1(value));
        expect(shown).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
      }),
    );
  });
});
