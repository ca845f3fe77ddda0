import { encodeByteString } from "@tsrsync/protocol/wire";
import fc from "fast-check";
import { expect, test } from "vitest";
import { namesIn } from "./name-list.js";

async function read(chunks: readonly string[], nulEnds: boolean): Promise<string[]> {
  const names: string[] = [];
  const bytes = chunks.map((chunk) => encodeByteString(chunk));
  for await (const name of namesIn(bytes, nulEnds)) names.push(name);
  return names;
}

// spec 4-command, 7.2
test.each([
  ["lines", "a\nb\r\n\n\rc", false, ["a", "b", "c"]],
  ["blanks stay", " a \n\tb\n", false, [" a ", "\tb"]],
  ["NUL ends a line too", "a\0b\n", false, ["a", "b"]],
  ["with -0 only NUL ends", "a\nb\0\0c\r", true, ["a\nb", "c\r"]],
  ["comments are the sender's business", "#a\n;b\n", false, ["#a", ";b"]],
  ["nothing", "", false, []],
])("%s", async (_, text, nulEnds, names) => {
  expect(await read([text], nulEnds)).toEqual(names);
});

test("it does not matter where chunks end", async () => {
  const pieces = fc.array(fc.string({ unit: fc.constantFrom("a", "/", "\n", "\r", "\0") }));
  await fc.assert(
    fc.asyncProperty(pieces, fc.boolean(), async (chunks, nulEnds) => {
      expect(await read(chunks, nulEnds)).toEqual(await read([chunks.join("")], nulEnds));
    }),
  );
});

test("a name without end is refused", async () => {
  await expect(read(["x".repeat(70_000)], false)).rejects.toThrow("at most 65536 bytes");
});
