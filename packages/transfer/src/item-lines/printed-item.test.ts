import { createEntry } from "@tsrsync/protocol/file-list";
import { expect, test } from "vitest";
import type { ItemEvent } from "../session/observer.js";
import { printedItem } from "./printed-item.js";

const event = (name: string, directory = "", changes: Partial<ItemEvent> = {}): ItemEvent => ({
  entry: { ...createEntry(name, 0o100644), gid: 7 },
  ndx: 1,
  flags: 0x8000,
  xname: null,
  changesUnknown: false,
  outgoing: true,
  directory,
  checksum: { name: "md5", length: 16, bytes: null },
  cost: null,
  ...changes,
});

test.each([
  ["a", "/tmp/h/", "tmp/h/a"],
  ["a", "/", "a"],
  ["/a/b", "/", "a/b"],
  [".", "s", "s/."],
  ["a", "", "a"],
])("%s of the directory %j is shown as %s", (name, directory, path) => {
  expect(printedItem(event(name, directory), { groups: true }).path).toBe(path);
});

test("what a transfer has cost is shown", () => {
  const cost = { transferBytes: 45, sumBytes: 16, digest: null };
  const item = printedItem(event("a", "", { cost }), { groups: false });
  expect(item).toMatchObject({ transferBytes: 45, sumBytes: 16, gid: null });
});

test.each([
  ["md5", "\x01\xff", "01ff"],
  ["xxh128", "\x01\xff", "ff01"],
  ["md5", null, null],
  ["none", "\x00", null],
] as const)("a checksum %s of %j is shown as %j", (name, bytes, digits) => {
  const checksum = { name, length: 2, bytes };
  const item = printedItem(event("a", "", { checksum }), { groups: true });
  expect(item).toMatchObject({ checksum: digits, checksumDigits: 4 });
});
