import fc from "fast-check";
import { expect, test } from "vitest";
import { temporaryMode, temporaryPath, temporaryPrefix } from "./temporary-name.js";

test.each([
  ["file", ".file."],
  [".hidden", ".hidden."],
  ["..double", "..double."],
  ["dot.", ".dot."],
  [".", "."],
  ["n".repeat(246), `.${"n".repeat(246)}.`],
  ["n".repeat(247), `.${"n".repeat(246)}.`],
  // The first byte cut off is part of a run of high bytes: the whole run goes.
  [`${"n".repeat(245)}\xc3\xbc`, `.${"n".repeat(245)}.`],
  [`${"n".repeat(244)}\xc3\xbcx`, `.${"n".repeat(244)}\xc3\xbc.`],
  ["\xc3\xbc".repeat(127), "."],
])("%j becomes %j and six characters", (name, prefix) => {
  expect(temporaryPrefix(name)).toBe(prefix);
});

test("the path is in the same directory, and never longer than a name may be", () => {
  const name = fc
    .uint8Array({ minLength: 1, maxLength: 255 })
    .map((bytes) => Buffer.from(bytes).toString("latin1").replaceAll(/[/\0]/g, "x"));
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 3 }), (names) => {
      const parts = temporaryPath(names.join("/")).split("/");
      expect(parts.slice(0, -1)).toEqual(names.slice(0, -1));
      const leaf = parts.at(-1)!;
      expect(leaf).toMatch(/^\..*[a-zA-Z0-9]{6}$/s);
      expect(leaf.length).toBeLessThanOrEqual(254);
    }),
  );
});

test("the mode is the owner's part alone, with the right to write", () => {
  expect(temporaryMode(0o100444)).toBe(0o600);
  expect(temporaryMode(0o104755)).toBe(0o700);
});
