import { describe, expect, test } from "vitest";
import { createCursor, createWriter, finish } from "../wire/index.js";
import { createEntry, EntryFlag, extraOf, type FileEntry } from "./file-entry.js";
import { markHardLinked } from "./hard-link.js";
import { createListOptions, type ListOptions } from "./list-options.js";
import { ListReader } from "./list-reader.js";
import { ListWriter } from "./list-writer.js";

const file = (name: string, size = 0) => createEntry(name, 0o100644, size);

function readBack(bytes: Uint8Array, options: ListOptions): FileEntry[] {
  const reader = new ListReader(options);
  const cursor = createCursor(bytes);
  const entries: FileEntry[] = [];
  while (cursor.offset < cursor.end) {
    const item = reader.readEntry(cursor);
    if ("name" in item) entries.push(item);
  }
  return entries;
}

describe("hard links are grouped by device and inode", () => {
  const options = createListOptions(32, 0x1ff, { hardLinks: true });

  test("across lists, the first of a group in the session giving the number", () => {
    const lists = new ListWriter(options);
    const writer = createWriter();
    const linked = (name: string, dev: bigint, inode: bigint) => {
      const entry = file(name, 9);
      markHardLinked(entry, dev, inode);
      lists.writeEntry(writer, entry);
      return entry;
    };
    const first = [linked("a", 1n, 5n), linked("b", 2n, 5n), linked("c", 1n, 5n)];
    expect(lists.writeEnd(writer, 0)).toEqual(first);
    const second = [linked("d/a", 1n, 5n), linked("d/b", 2n, 6n), linked("d/c", 2n, 6n)];
    lists.writeEnd(writer, 0);
    const groups = [...first, ...second].map(({ extra }) => extra!.hardLinkGroup);
    expect(groups).toEqual([1, 2, 1, 1, 6, 6]);
    const found = readBack(finish(writer), options);
    expect(found.map(({ extra }) => extra!.hardLinkGroup)).toEqual(groups);
    expect(found.map(({ size }) => size)).toEqual([9, 9, 9, 9, 9, 9]);
    const leaders = found.filter(({ flags }) => flags & EntryFlag.HardLinkFirst);
    expect(leaders.map(({ name }) => name)).toEqual(["a", "b", "d/b"]);
  });

  test("a link that changed meanwhile does not disturb what follows", () => {
    const lists = new ListWriter(options);
    const writer = createWriter();
    const [a, b, c] = [
      file("a", 1),
      createEntry("b", 0o100600, 2, 77),
      createEntry("c", 0o100600, 2, 77),
    ];
    markHardLinked(a, 1n, 1n);
    markHardLinked(b, 1n, 1n);
    for (const entry of [a, b, c]) lists.writeEntry(writer, entry);
    const found = readBack(finish(writer), options);
    expect(found[1]).toMatchObject({ size: 1, mode: 0o100644, mtime: 0 });
    expect(found[2]).toMatchObject({ size: 2, mode: 0o100600, mtime: 77 });
  });

  test("an abbreviated device moves the running number on, as rsync 3.5.0 does", () => {
    const devices = createListOptions(32, 0x1fe, { hardLinks: true, devices: true });
    const lists = new ListWriter(devices);
    const writer = createWriter();
    const device = (name: string, major: number, linked: boolean) => {
      const entry = createEntry(name, 0o20600);
      extraOf(entry).rdevMajor = major;
      if (linked) markHardLinked(entry, 1n, 1n);
      lists.writeEntry(writer, entry);
    };
    device("a", 1, true);
    device("b", 5, false);
    device("c", 1, true);
    device("d", 1, false);
    device("e", 5, false);
    const bytes = finish(writer);
    // Its flags for the entry "d": 0x100 is set, no major follows.
    expect(Buffer.from(bytes).toString("hex")).toContain("819a016400000000");
    const found = readBack(bytes, devices);
    expect(found.map(({ extra }) => extra!.rdevMajor)).toEqual([1, 5, 1, 1, 5]);
  });
});

test("in protocol 29 device numbers travel plus one, as rsync sends them", () => {
  const options = createListOptions(29, 0, { hardLinks: true });
  const writer = createWriter();
  const entry = file("a");
  markHardLinked(entry, 64_512n, 7n);
  new ListWriter(options).writeEntry(writer, entry);
  expect(Buffer.from(finish(writer)).toString("hex")).toMatch(/01fc000007000000$/);
});

test("names of ids stand in the first entry that has them, id 0 included", () => {
  const options = createListOptions(32, 0x1ff, { preserveUid: true, preserveGid: true });
  const lists = new ListWriter(options, { user: (id) => `u${id}`, group: () => null });
  const writer = createWriter();
  for (const uid of [0, 0, 8, 0]) {
    lists.writeEntry(writer, createEntry(`f${uid}`, 0o100644, 0, 0, 0, uid, uid));
  }
  lists.writeIdLists(writer);
  const found = readBack(finish(writer), options);
  expect(found.map(({ uid, extra }) => [uid, extra?.userName ?? null])).toEqual([
    [0, "u0"],
    [0, null],
    [8, "u8"],
    [0, null],
  ]);
});

test("nothing is looked up with --numeric-ids", () => {
  const options = createListOptions(32, 0x1ff, { preserveUid: true, numericIds: true });
  const lookup = () => {
    throw new Error("looked up");
  };
  const writer = createWriter();
  const lists = new ListWriter(options, { user: lookup, group: lookup });
  lists.writeEntry(writer, createEntry("a", 0o100644, 0, 0, 0, 5));
  expect(readBack(finish(writer), options)[0]!.uid).toBe(5);
});

test("a name in another charset shares its prefix with the one before on the wire", () => {
  const options = createListOptions(32, 0x1fe);
  const lists = new ListWriter(options);
  const writer = createWriter();
  lists.writeEntry(writer, file("\xe9"), "\xc3\xa9");
  lists.writeEntry(writer, file("\xe8"), "\xc3\xa8");
  const names = readBack(finish(writer), options).map(({ name }) => name);
  expect(names).toEqual(["\xc3\xa9", "\xc3\xa8"]);
});

test.each([255, 256])("a name of %i bytes survives", (length) => {
  for (const options of [createListOptions(32, 0x1fe), createListOptions(29)]) {
    const writer = createWriter();
    new ListWriter(options).writeEntry(writer, file("x".repeat(length)));
    expect(readBack(finish(writer), options)[0]!.name).toHaveLength(length);
  }
});

test("a FIFO has no number, whatever its entry says", () => {
  const options = createListOptions(30, 0, { specials: true });
  const writer = createWriter();
  const fifo = createEntry("p", 0o10644);
  extraOf(fifo).rdevMajor = 9;
  new ListWriter(options).writeEntry(writer, fifo);
  expect(Buffer.from(finish(writer)).toString("hex")).toBe(
    "9c01017000000 0a411000000".replace(" ", ""),
  );
});

test("a time before 1970 survives from protocol 30 on", () => {
  const options = createListOptions(32, 0x1fe);
  const writer = createWriter();
  new ListWriter(options).writeEntry(writer, createEntry("a", 0o100644, 0, -5));
  expect(readBack(finish(writer), options)[0]!.mtime).toBe(-5);
});

test.each<[string, FileEntry]>([
  ["an empty name", file("")],
  ["a name of 4096 bytes", file("x".repeat(4096))],
  ["a link without target", createEntry("l", 0o120777)],
  ["a size that is no number", file("a", Number.NaN)],
])("%s is the caller's mistake", (_, entry) => {
  const lists = new ListWriter(createListOptions(32, 0x1fe, { preserveLinks: true }));
  expect(() => lists.writeEntry(createWriter(), entry)).toThrow(RangeError);
});
