/**
 * Lists of protocol 27 as rsync 2.6.0 and rsync 3.5.0 sent them, by `-aHc` of devices, specials, a directory, a link and two
 * names of one file.
 */
import { expect, test } from "vitest";
import { createCursor, createWriter, finish } from "../wire/index.js";
import { packDevice, unpackDevice } from "./device-number.js";
import { EntryFlag, type FileEntry } from "./file-entry.js";
import { ListEnd } from "./list-end.js";
import { createListOptions } from "./list-options.js";
import { ListReader } from "./list-reader.js";
import { ListWriter } from "./list-writer.js";

const CAPTURES = {
  "2.6.0":
    "19026e310000000000ca9a3ba42100000301000000000000000000000000000000000000bf0101320000000000000000" +
    "0000000000000000000000009902703100000000a4110000000000000000000000000000000000000000000099026e33" +
    "00000000a42100000501000000000000000000000000000000000000990364697200100000ed41000000000000000000" +
    "0000000000000000009d016c01000000ffa1000001000000780000000000000000000000000000000085016602000000" +
    "a4810000010000000200000000fe00003ba02100cfaee2512bd25eb033236f0cd054e3088504736f636b00000000edc1" +
    "000000000000000000000000000000000000000000000000000099026e3400000000a421000003010000000000000000" +
    "000000000000000000008102663202000000a4810000010000000200000000fe00003ba02100cfaee2512bd25eb03323" +
    "6f0cd054e3088102623400000000a4610000000000000000000070031111000000000000000000000000000000009902" +
    "6e3400000000a4210000030100000000000000000000000000000000000000",
  "3.5.0":
    "01026e310000000000ca9a3ba421000000000000000000000301000000000000000000000000000000000000be010132" +
    "00000000000000000000000000000000000000009c02703100000000a411000000000000000000000000000000000000" +
    "98026e3300000000a42100000501000000000000000000000000000000000000990364697200100000ed410000000000" +
    "0000000000000000000000000098016c01000000ffa10000010000007800000000000000000000000000000000800166" +
    "02000000a4810000010000000200000001fe00003ba02100cfaee2512bd25eb033236f0cd054e3088404736f636b0000" +
    "0000edc1000000000000000000000000000000000000000000000000000098026e3400000000a4210000030100000000" +
    "00000000000000000000000000008002663202000000a4810000010000000200000001fe00003ba02100cfaee2512bd2" +
    "5eb033236f0cd054e3088002623400000000a46100000000000000000000700311110000000000000000000000000000" +
    "000098026e3400000000a4210000030100000000000000000000000000000000000000",
};

const OPTIONS = createListOptions(27, 0, {
  preserveUid: true,
  preserveGid: true,
  preserveLinks: true,
  devices: true,
  specials: true,
  hardLinks: true,
  checksumLength: 16,
  recursive: true,
});

function read(bytes: Uint8Array): readonly FileEntry[] {
  const reader = new ListReader(OPTIONS);
  const cursor = createCursor(bytes);
  for (;;) {
    const item = reader.readEntry(cursor);
    if (!(item instanceof ListEnd)) continue;
    expect(cursor.offset).toBe(bytes.length);
    return item.entries;
  }
}

test.each(Object.entries(CAPTURES))("the list of rsync %s", (_, hex) => {
  const entries = read(Buffer.from(hex, "hex"));
  const devices = entries.map(({ name, extra }) => [name, extra?.rdevMajor, extra?.rdevMinor]);
  expect(devices.filter(([name]) => /^[nb]/.test(String(name)))).toEqual([
    ["n1", 1, 3],
    ["n2", 1, 3],
    ["n3", 1, 5],
    ["n4", 1, 3],
    ["b4", 259, 70000],
    ["n4", 1, 3],
  ]);
  const told = Object.fromEntries(entries.map((entry) => [entry.name, entry]));
  expect(told["l"]!.extra!.linkTarget).toBe("x");
  expect(told["dir"]!.flags).toBe(EntryFlag.ContentDir | EntryFlag.TopDir);
  for (const name of ["f", "f2"]) {
    expect(told[name]).toMatchObject({ size: 2, uid: 1, gid: 2, flags: EntryFlag.HardLinked });
    expect(told[name]!.extra!.inode).toBe(2203707n);
    expect(Buffer.from(told[name]!.extra!.checksum!, "latin1").toString("hex")).toBe(
      "cfaee2512bd25eb033236f0cd054e308",
    );
  }
  expect(told["n1"]!.extra!.checksum).toBeNull();
  expect(entries.every(({ mtime }) => mtime === 1_000_000_000)).toBe(true);
});

test("the list of rsync 3.5.0 is written as it writes it", () => {
  const writer = createWriter();
  const list = new ListWriter(OPTIONS);
  for (const entry of read(Buffer.from(CAPTURES["3.5.0"], "hex"))) list.writeEntry(writer, entry);
  list.writeEnd(writer, 0);
  expect(Buffer.from(finish(writer)).toString("hex")).toBe(CAPTURES["3.5.0"]);
});

test("a directory without any flag has a long name", () => {
  const writer = createWriter();
  const options = createListOptions(27, 0, { preserveUid: true, preserveGid: true });
  const list = new ListWriter(options);
  const entry: FileEntry = {
    ...read(Buffer.from(CAPTURES["3.5.0"], "hex"))[0]!,
    name: "d",
    mode: 0o040755,
  };
  list.writeEntry(writer, entry);
  const bytes = Buffer.from(finish(writer)).toString("hex");
  expect(bytes.startsWith("400100000064")).toBe(true);
});

test.each([
  [0, 0, 0],
  [8, 300, 0x0010082c],
  [259, 70000, 0x11110370],
  [0xfff, 0xfffff, -1],
])("device %i, %i is the int %i", (major, minor, packed) => {
  expect(packDevice(major, minor)).toBe(packed);
  expect(unpackDevice(packed)).toEqual({ major, minor });
});
