import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { changeMode, parseModeChanges } from "./chmod.js";
import { OptionError } from "./option-error.js";

interface Case {
  chmod: string;
  umask: string;
  file: [string, string];
  dir: [string, string];
  error?: string;
}

const path = new URL("../../../../docs/protocol/vectors/chmod.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(path, "utf8")) as { cases: Case[] };
const octal = (text: string) => Number.parseInt(text, 8);

describe("the golden vectors", () => {
  test.each(cases.filter(({ error }) => error !== undefined))("$chmod is refused", (vector) => {
    expect(() => parseModeChanges(vector.chmod, 0o022)).toThrow(new OptionError(vector.error!));
  });

  const good = cases.filter(({ error }) => error === undefined);
  test.each(good)("$chmod, umask $umask, of $file and $dir", ({ chmod, umask, file, dir }) => {
    const changes = parseModeChanges(chmod, octal(umask));
    const [fileBefore, dirBefore] = [octal(file[0]) | 0o100000, octal(dir[0]) | 0o040000];
    expect(changeMode(changes, fileBefore, false)).toBe(octal(file[1]) | 0o100000);
    expect(changeMode(changes, dirBefore, true)).toBe(octal(dir[1]) | 0o040000);
  });
});

test("several values apply one after the other", () => {
  const changes = ["u=g", "g=o"].flatMap((text) => parseModeChanges(text, 0));
  expect(changeMode(changes, 0o641, false)).toBe(0o411);
});

test("any text is either refused or changes permission bits only", () => {
  const texts = fc.string({ unit: fc.constantFrom(..."DFugoa+-=rwxXst07,") });
  fc.assert(
    fc.property(texts, fc.nat(0xffff), fc.boolean(), (text, mode, isDirectory) => {
      try {
        const changed = changeMode(parseModeChanges(text, 0o022), mode, isDirectory);
        expect(changed & 0o170000).toBe(mode & 0o170000);
        expect(changed).toBeLessThanOrEqual(0xffff);
      } catch (error) {
        expect(error).toBeInstanceOf(OptionError);
      }
    }),
  );
});
