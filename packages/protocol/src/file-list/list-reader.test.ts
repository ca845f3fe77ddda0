import { describe, expect, test } from "vitest";
import { ExitCode, ProtocolError } from "../errors.js";
import { createCursor, createWriter, finish, UNDERFLOW } from "../wire/index.js";
import { createEntry, EntryFlag, extraOf, type FileEntry } from "./file-entry.js";
import { ListEnd } from "./list-end.js";
import { createListOptions, type ListOptions } from "./list-options.js";
import { ListReader } from "./list-reader.js";
import { ListWriter } from "./list-writer.js";

const FILE = "a4 81 00 00";
const DIR = "ed 41 00 00";
const LINK = "ff a1 00 00";

const bytesOf = (hex: string) => Buffer.from(hex.replaceAll(" ", ""), "hex");
const nameHex = (name: string) =>
  Buffer.from([name.length]).toString("hex") + Buffer.from(name, "latin1").toString("hex");

/** An entry of protocol 32 with flags `18` (no owners): name, size, time, mode, rest. */
const entry = (name: string, mode = FILE, size = "00 00 00", rest = "") =>
  `18 ${nameHex(name)} ${size} 00 00 00 00 ${mode} ${rest}`;

const plain = createListOptions(32, 0x1fe);

function readAll(hex: string, options: ListOptions): FileEntry[] {
  const reader = new ListReader(options);
  const cursor = createCursor(bytesOf(hex));
  const entries: FileEntry[] = [];
  while (cursor.offset < cursor.end) {
    const item = reader.readEntry(cursor);
    if (item instanceof ListEnd) break;
    entries.push(item);
  }
  return entries;
}

function refusal(hex: string, options: ListOptions): number {
  try {
    readAll(hex, options);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(ProtocolError);
    return (thrown as ProtocolError).exitCode;
  }
  return ExitCode.Ok;
}

describe("names are cleaned", () => {
  test.each([
    ["./x", "x"],
    ["a//b", "a/b"],
    ["a/./b/", "a/b"],
    ["././x//", "x"],
    ["...", "..."],
    ["a/..b", "a/..b"],
  ])("%j is %j", (sent, name) => expect(readAll(entry(sent), plain)[0]!.name).toBe(name));

  test("a name of nothing but dots and slashes is the root", () => {
    expect(readAll(entry(".//.", DIR), plain)[0]!.name).toBe(".");
  });

  test("a leading slash stays with --relative", () => {
    const relative = createListOptions(32, 0x1fe, { relative: true });
    expect(readAll(entry("//a//b"), relative)[0]!.name).toBe("/a/b");
    expect(readAll(entry("/.", DIR), relative)[0]!.name).toBe("/.");
  });

  test("the next name builds on what was sent, not on what was cleaned", () => {
    const names = readAll(`${entry("a//b")} 38 03 01 63 00 00 00 00 00 00 00 ${FILE}`, plain);
    expect(names.map(({ name }) => name)).toEqual(["a/b", "a/c"]);
  });
});

describe("a peer is refused for", () => {
  const relative = createListOptions(32, 0x1fe, { relative: true });
  const links = createListOptions(32, 0x1fe, { preserveLinks: true });
  const target = (length: string, text = "") => entry("l", LINK, "00 00 00", `${length} ${text}`);
  const long = "61".repeat(4095);

  test.each<[string, string, number, ListOptions?]>([
    ["a leading ..", entry("../x"), 4],
    ["a .. in the middle", entry("a/../x"), 4],
    ["a .. at the end", entry("a/.."), 4],
    ["a .. behind a leading slash", entry("/../x"), 4, relative],
    ["a leading slash", entry("/etc"), 4],
    ["a NUL", entry("a\0b"), 4],
    ["an empty name", entry(""), 4],
    ["a name of 4096 bytes", `58 90 00 ${long} 61`, 22],
    ["a negative name length", "58 ff ff ff ff ff", 12],
    ["a negative name length in five bytes", "58 f0 ff ff ff ff", 22],
    ["a prefix longer than the name before", `${entry("ab")} 38 03 01 63`, 2],
    ["a prefix of nothing", "38 01 01 63", 2],
    ["a negative size", entry("x", FILE, "fc ff ff ff ff ff ff ff ff"), 4],
    ["too many nanoseconds", "a0 98 01 78 00 00 00 f0 00 ca 9a 3b", 2],
    ["unknown type bits", entry("x", "ff f1 00 00"), 2],
    ["bits above the type", entry("x", "a4 81 01 00"), 2],
    ["mode 0", entry("x", "00 00 00 00"), 2],
    ["a root that is a file", entry("."), 2],
    ["a root below a slash that is a file", entry("/."), 2, relative],
    ["an empty link target", target("00"), 22, links],
    ["a negative link target", target("f0 ff ff ff ff"), 22, links],
    ["a link target of 4096 bytes", target("90 00"), 22, links],
    ["a NUL in a link target", target("03", "61 00 62"), 2, links],
    ["the group of a later entry", "82 18 01 78 01", 2],
    ["a negative group", "82 18 01 78 f0 ff ff ff ff", 2],
    ["a group that starts with no first entry", `${entry("x")} 82 18 01 79 00`, 2],
    ["an overlong varint", "f8 00", 12],
  ])("%s", (_, hex, exitCode, options = plain) => expect(refusal(hex, options)).toBe(exitCode));

  test("a group of an earlier list that no entry started", () => {
    const options = createListOptions(32, 0x1ff, { hardLinks: true });
    const reader = new ListReader(options);
    const linked = "82 18 01 79 01 00 00 00 00 00 00 00 a4 81 00 00";
    const cursor = createCursor(bytesOf(`${entry("x")} 00 00 ${linked}`));
    for (let i = 0; i < 2; i++) reader.readEntry(cursor);
    expect(() => reader.readEntry(cursor)).toThrow("hard-link gnum 1 precedes flist start 3");
  });

  test("the error marker when lists are not safe", () => {
    expect(refusal("04 10 01", createListOptions(30))).toBe(ExitCode.Protocol);
    expect(refusal("04 10 01", createListOptions(29))).toBe(ExitCode.Protocol);
  });

  test("more entries than it may send", () => {
    const reader = new ListReader(plain, null, 1);
    const cursor = createCursor(bytesOf(entry("a") + entry("b")));
    reader.readEntry(cursor);
    expect(() => reader.readEntry(cursor)).toThrow(ProtocolError);
  });
});

test("the longest name and the longest link target are accepted", () => {
  const long = "6c".repeat(4095);
  const links = createListOptions(32, 0x1fe, { preserveLinks: true });
  const hex = `58 8f ff ${long} 00 00 00 00 00 00 00 ${LINK} 8f ff ${long}`;
  const [only] = readAll(hex, links);
  expect(only!.name).toHaveLength(4095);
  expect(only!.extra!.linkTarget).toHaveLength(4095);
});

test("mode 0 is a missing argument with --delete-missing-args", () => {
  const options = createListOptions(32, 0x1fe, { deleteMissingArgs: true });
  expect(readAll(entry("gone", "00 00 00 00"), options)[0]!.mode).toBe(0);
});

test.each([
  ["00 01", createListOptions(32, 0x1fe), 1],
  ["00 ff", createListOptions(31), 0],
  ["04 10 03", createListOptions(31), 3],
  ["04 10 09", createListOptions(30, 0x8), 1],
  ["00", createListOptions(29), 0],
])("end marker %s", (hex, options, ioError) => {
  const end = new ListReader(options).readEntry(createCursor(bytesOf(hex)));
  expect(end).toEqual(new ListEnd([], ioError));
});

test("a short inode is unsigned", () => {
  const options = createListOptions(29, 0, { hardLinks: true });
  const hex = `1c 02 ${nameHex("x")} 00 00 00 00 00 00 00 00 ${FILE} 01 00 00 00 fe ff ff ff`;
  expect(readAll(hex, options)[0]!.extra).toMatchObject({ dev: 1n, inode: 0xfffffffen });
});

test("each list continues the numbers of the one before", () => {
  const reader = new ListReader(createListOptions(32, 0x1ff));
  const cursor = createCursor(bytesOf(`${entry("a")} ${entry("b")} 00 00 00 00`));
  expect(reader.firstIndex).toBe(1);
  reader.readEntry(cursor);
  expect(reader.entries.map(({ name }) => name)).toEqual(["a"]);
  reader.readEntry(cursor);
  reader.readEntry(cursor);
  expect(reader.firstIndex).toBe(4);
  reader.readEntry(cursor);
  expect(reader.firstIndex).toBe(5);
});

test("an entry that ran short can be read again, its caches unspoilt", () => {
  const options = createListOptions(32, 0x1ff, { acls: true, xattrs: true });
  const writer = createWriter();
  const lists = new ListWriter(options);
  for (const name of ["a", "b"]) {
    const file = createEntry(name, 0o100644);
    const named = [{ id: 1, isUser: true, permissions: 4, name: null }];
    extraOf(file).accessAcl = { user: -1, group: 4, mask: -1, other: -1, named };
    extraOf(file).xattrs = {
      items: [{ name: "user.x", length: 1, value: Uint8Array.of(7), digest: null }],
    };
    lists.writeEntry(writer, file);
  }
  const bytes = finish(writer);
  const reader = new ListReader(options);
  const cursor = createCursor(bytes);
  let start = 0;
  for (cursor.end = 0; cursor.end <= bytes.length; cursor.end++) {
    cursor.offset = start;
    try {
      reader.readEntry(cursor);
      start = cursor.offset;
    } catch (thrown) {
      expect(thrown).toBe(UNDERFLOW);
    }
  }
  const [a, b] = reader.entries;
  expect(b!.extra!.accessAcl).toBe(a!.extra!.accessAcl);
  expect(b!.extra!.xattrs).toBe(a!.extra!.xattrs);
});

describe("names in another charset", () => {
  const converter = {
    name: (text: string) => (text.includes("?") ? null : text.toUpperCase()),
    target: (text: string) => text.toUpperCase(),
  };
  const links = createListOptions(32, 0x1fe, { preserveLinks: true });

  test("are converted, link targets too", () => {
    const reader = new ListReader(links, converter);
    const item = reader.readEntry(createCursor(bytesOf(entry("l", LINK, "00 00 00", "01 74"))));
    expect(item).toMatchObject({ name: "L", extra: { linkTarget: "T" } });
  });

  test("that have no local form leave an empty slot and an error", () => {
    const reader = new ListReader(links, converter);
    const cursor = createCursor(bytesOf(`${entry("?")} 00 00`));
    expect(reader.readEntry(cursor)).toMatchObject({
      flags: EntryFlag.Dropped | EntryFlag.Unnamed,
    });
    expect(reader.readEntry(cursor)).toMatchObject({ ioError: 1 });
  });

  test("are converted once when an entry is copied from its link", () => {
    const twice = { name: (text: string) => text, target: (text: string) => `${text}!` };
    const options = createListOptions(32, 0x1fe, { preserveLinks: true, hardLinks: true });
    const reader = new ListReader(options, twice);
    const first = entry("a", LINK, "00 00 00", "01 74").replace("18", "92 18");
    const cursor = createCursor(bytesOf(`${first} 82 18 ${nameHex("b")} 00`));
    expect(reader.readEntry(cursor)).toMatchObject({ extra: { linkTarget: "t!" } });
    expect(reader.readEntry(cursor)).toMatchObject({ name: "b", extra: { linkTarget: "t!" } });
  });

  test("are checked again after the conversion", () => {
    const reader = new ListReader(links, { name: () => "../x", target: null });
    expect(() => reader.readEntry(createCursor(bytesOf(entry("a"))))).toThrow(ProtocolError);
  });
});
