import { expect, test } from "vitest";
import { ProtocolError } from "../errors.js";
import { createCursor, createWriter } from "../wire/index.js";
import { createEntry, extraOf } from "./file-entry.js";
import { XattrReader, XattrWriter } from "./xattr.js";

const bytesOf = (hex: string) => Buffer.from(hex.replaceAll(" ", ""), "hex");

function exitCode(hex: string): number {
  try {
    new XattrReader().read(createCursor(bytesOf(hex)), createEntry("x", 0o100644));
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(ProtocolError);
    return (thrown as ProtocolError).exitCode;
  }
  return 0;
}

test.each([
  ["a number without literal", "01", 12],
  ["a negative number", "f0 ff ff ff ff", 12],
  ["a negative count", "00 f0 ff ff ff ff", 2],
  ["a count above 65536", "00 c1 01 00", 2],
  ["an empty name", "00 01 00 00", 2],
  ["a name of 4097 bytes", "00 01 90 01 00", 2],
  ["a negative value length", "00 01 02 f0 ff ff ff ff", 2],
  ["a value above 128 MiB", "00 01 02 f0 01 00 00 08", 2],
  ["a name without NUL", "00 01 02 00 61 62", 11],
  ["a name with a NUL inside", "00 01 03 00 61 00 00", 11],
  [
    "values above 512 MiB in all",
    `00 05 ${`02 f0 00 00 00 08 61 00 ${"00".repeat(16)}`.repeat(5)}`,
    2,
  ],
])("%s is refused", (_, hex, code) => expect(exitCode(hex)).toBe(code));

test("a value is owned, a long one is known by its digest", () => {
  const bytes = bytesOf(`00 02 02 02 61 00 07 08 02 21 62 00 ${"0d".repeat(16)}`);
  const entry = createEntry("x", 0o100644);
  new XattrReader().read(createCursor(bytes), entry);
  bytes.fill(0);
  expect(entry.extra!.xattrs!.items).toEqual([
    { name: "a", length: 2, value: Uint8Array.of(7, 8), digest: null },
    { name: "b", length: 33, value: null, digest: new Uint8Array(16).fill(13) },
  ]);
});

test("a list without what has to travel is the caller's mistake", () => {
  const entry = createEntry("x", 0o100644);
  extraOf(entry).xattrs = { items: [{ name: "a", length: 33, value: null, digest: null }] };
  expect(() => new XattrWriter().write(createWriter(), entry)).toThrow(RangeError);
});
