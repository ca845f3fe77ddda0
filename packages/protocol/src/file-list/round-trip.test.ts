import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RsyncError } from "../errors.js";
import { type Cursor, createCursor, createWriter, finish, UNDERFLOW } from "../wire/index.js";
import type { WireAcl } from "./acl.js";
import {
  createEntry,
  EntryFlag,
  extraOf,
  type FileEntry,
  FileType,
  isDevice,
  isDirectory,
  isRegular,
  isSpecial,
  isSymlink,
} from "./file-entry.js";
import { ListEnd } from "./list-end.js";
import { createListOptions, type ListOptions } from "./list-options.js";
import { ListReader } from "./list-reader.js";
import { ListWriter } from "./list-writer.js";
import type { XattrList } from "./xattr.js";

const int32 = fc.integer({ min: 0, max: 0xffffffff });
const big = fc.oneof(fc.nat(100), fc.nat(), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }));
const byte = fc.integer({ min: 1, max: 255 }).filter((code) => code !== 0x2f);
const component = fc
  .oneof(
    fc.constantFrom("a", "ab", "abc", "x.c", "sub"),
    fc.array(byte, { minLength: 1, maxLength: 400 }).map((codes) => String.fromCharCode(...codes)),
  )
  .filter((text) => text !== "." && text !== "..");
const path = fc.array(component, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
const type = fc.constantFrom(
  FileType.Regular,
  FileType.Regular,
  FileType.Directory,
  FileType.Symlink,
  FileType.CharacterDevice,
  FileType.BlockDevice,
  FileType.Fifo,
  FileType.Socket,
);
const directoryFlags = fc.constantFrom(
  0,
  EntryFlag.ContentDir,
  EntryFlag.ContentDir | EntryFlag.TopDir,
  EntryFlag.ImpliedDir,
);

const permissions = fc.integer({ min: 0, max: 7 });
const part = fc.integer({ min: -1, max: 7 });
const acl: fc.Arbitrary<WireAcl> = fc.record({
  user: part,
  group: part,
  mask: part,
  other: part,
  named: fc.array(
    fc.record({
      id: fc.integer({ min: 0, max: 5 }),
      isUser: fc.boolean(),
      permissions,
      name: fc.constant(null),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});
const item = fc.record({
  name: fc.constantFrom("user.a", "user.b", "trusted.c"),
  length: fc.integer({ min: 0, max: 40 }),
});
const xattrs: fc.Arbitrary<XattrList> = fc
  .array(item, { minLength: 1, maxLength: 3 })
  .map((items) => ({
    items: items.map(({ name, length }) => ({
      name,
      length,
      value: length <= 32 ? new Uint8Array(length).fill(length) : null,
      digest: length <= 32 ? null : new Uint8Array(16).fill(length),
    })),
  }));

const seed = fc.record({
  name: path,
  type,
  bits: fc.integer({ min: 0, max: 0o7777 }),
  size: big,
  mtime: fc.oneof(fc.constant(1700000000), int32),
  mtimeNs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 999_999_999 })),
  uid: fc.oneof(fc.nat(3), int32),
  gid: fc.oneof(fc.nat(3), int32),
  flags: directoryFlags,
  inode: fc.option(fc.constantFrom(1n, 2n, 0x1_0000_0001n, 0xffff_ffff_ffff_ffffn)),
  dev: fc.constantFrom(0n, 64512n),
  linkTarget: path,
  rdev: fc.tuple(fc.oneof(fc.nat(2), int32), fc.oneof(fc.nat(300), int32)),
  times: fc.tuple(fc.oneof(fc.constant(5), int32), fc.option(int32)),
  digest: fc.stringMatching(/^[0-9a-f]{16}$/),
  acl: fc.option(acl),
  inherited: fc.option(acl),
  xattrs: fc.option(xattrs),
});
type Seed = typeof seed extends fc.Arbitrary<infer T> ? T : never;

const switches = fc.record({
  preserveUid: fc.boolean(),
  preserveGid: fc.boolean(),
  preserveLinks: fc.boolean(),
  devices: fc.boolean(),
  specials: fc.boolean(),
  hardLinks: fc.boolean(),
  checksumLength: fc.constantFrom(0, 16),
  atimes: fc.boolean(),
  numericIds: fc.boolean(),
  recursive: fc.constant(true),
});
const modern = fc.record({ crtimes: fc.boolean(), acls: fc.boolean(), xattrs: fc.boolean() });

/** All the ways in which two sides may have agreed. */
function agreed(protocol: number): fc.Arbitrary<ListOptions> {
  if (protocol < 30) return switches.map((given) => createListOptions(protocol, 0, given));
  const compat = fc.constantFrom(0, 0x1, 0x8, 0x9, 0x80, 0x81, 0x1fe, 0x1ff);
  return fc.tuple(compat, switches, modern).map(([flags, given, more]) => {
    const crtimes = more.crtimes && (flags & 0x80) !== 0;
    return createListOptions(protocol, flags, { ...given, ...more, crtimes });
  });
}

/** An entry as it can travel under these options: nothing in it that would be lost. */
function toEntry(values: Seed, options: ListOptions): FileEntry {
  const { protocol } = options;
  const mtimeNs = protocol >= 31 ? values.mtimeNs : 0;
  const uid = options.preserveUid ? values.uid : 0;
  const gid = options.preserveGid ? values.gid : 0;
  const mode = values.type | values.bits;
  const entry = createEntry(values.name, mode, values.size, values.mtime, mtimeNs, uid, gid);
  if (isDirectory(entry)) {
    entry.flags = protocol < 30 ? EntryFlag.ContentDir | EntryFlag.TopDir : values.flags;
  }
  addRareFields(entry, values, options);
  return entry;
}

function addRareFields(entry: FileEntry, values: Seed, options: ListOptions): void {
  const { protocol } = options;
  if (isSymlink(entry) && options.preserveLinks) extraOf(entry).linkTarget = values.linkTarget;
  if (isDevice(entry) && options.devices) {
    const [major, minor] = values.rdev;
    extraOf(entry).rdevMajor = protocol < 28 ? major & 0xfff : major;
    extraOf(entry).rdevMinor = protocol < 28 ? minor & 0xfffff : minor;
  }
  if (isRegular(entry) && options.checksumLength > 0) extraOf(entry).checksum = values.digest;
  if (!isDirectory(entry) && options.atimes) extraOf(entry).atime = values.times[0];
  if (options.crtimes) extraOf(entry).crtime = values.times[1] ?? entry.mtime;
  if (options.acls && !isSymlink(entry)) {
    if (values.acl !== null) extraOf(entry).accessAcl = values.acl;
    if (isDirectory(entry) && values.inherited !== null) {
      extraOf(entry).defaultAcl = values.inherited;
    }
  }
  if (options.xattrs && values.xattrs !== null) extraOf(entry).xattrs = values.xattrs;
  // What links to one item has the same fields, so only plain files take part here.
  const isKnown = options.hardLinks && isRegular(entry);
  if (isKnown && (values.inode !== null || protocol < 28)) {
    const inode = values.inode ?? 3n;
    entry.flags |= EntryFlag.HardLinked;
    extraOf(entry).inode = inode;
    extraOf(entry).dev = values.dev;
    if (protocol >= 30) {
      entry.size = Number(inode & 0xffffn);
      entry.mtime = 5;
      entry.mtimeNs = 0;
      entry.mode = 0o100600;
      entry.uid = 0;
      entry.gid = 0;
      if (options.atimes) extraOf(entry).atime = 7;
      if (options.crtimes) extraOf(entry).crtime = 8;
      if (options.checksumLength > 0) extraOf(entry).checksum = "d".repeat(16);
    }
  }
}

const names = { user: (id: number) => (id % 2 ? `u${id}` : null), group: () => "staff" };

/** Writes the entries as two lists (one without incremental recursion). */
function write(entries: readonly FileEntry[], options: ListOptions): Uint8Array {
  const lists = new ListWriter(options, names);
  const writer = createWriter();
  const half = options.inc ? entries.length >> 1 : entries.length;
  for (const entry of entries.slice(0, half)) lists.writeEntry(writer, entry);
  lists.writeEnd(writer, 0);
  if (options.inc) {
    for (const entry of entries.slice(half)) lists.writeEntry(writer, entry);
    lists.writeEnd(writer, 0);
  }
  return finish(writer);
}

/** Reads to the end of the bytes, retrying from the start of each entry while they arrive in pieces of `step`. */
function read(bytes: Uint8Array, options: ListOptions, step: number): FileEntry[] {
  const reader = new ListReader(options);
  const cursor: Cursor = { ...createCursor(bytes), end: 0 };
  const entries: FileEntry[] = [];
  while (cursor.offset < bytes.length) {
    const start = cursor.offset;
    try {
      const item = reader.readEntry(cursor);
      if (item instanceof ListEnd) entries.push(...item.entries);
    } catch (thrown) {
      if (thrown !== UNDERFLOW || cursor.end === bytes.length) throw thrown;
      cursor.offset = start;
      cursor.end = Math.min(bytes.length, cursor.end + step);
    }
  }
  return entries;
}

/** What a receiver can know: names of ids and device numbers have their own tests. */
function comparable(entry: FileEntry, options: ListOptions): unknown {
  const { extra } = entry;
  if (extra === null) return entry;
  const old = options.protocol < 30;
  const plain = {
    ...extra,
    dev: old ? extra.dev : 0n,
    inode: old ? extra.inode : 0n,
    userName: null,
    groupName: null,
    accessAcl: withoutNames(extra.accessAcl),
    defaultAcl: withoutNames(extra.defaultAcl),
  };
  if (isSpecial(entry)) plain.rdevMajor = plain.rdevMinor = 0;
  const empty = Object.values(plain).every(
    (value) => value === null || value === 0 || value === 0n || value === -1,
  );
  return { ...entry, extra: empty ? null : plain };
}

function withoutNames(list: WireAcl | null): WireAcl | null {
  if (list === null) return null;
  return { ...list, named: list.named.map((entry) => ({ ...entry, name: null })) };
}

describe.each([27, 28, 29, 30, 31, 32])("protocol %i", (protocol) => {
  const lists = fc.tuple(agreed(protocol), fc.array(seed, { maxLength: 12 }));

  test("entries survive the wire, however it is cut", () => {
    fc.assert(
      fc.property(lists, fc.integer({ min: 1, max: 64 }), ([options, seeds], step) => {
        const entries = seeds.map((values) => toEntry(values, options));
        const bytes = write(entries, options);
        const expected = entries.map((entry) => comparable(entry, options));
        for (const pace of [bytes.length, step]) {
          const found = read(bytes, options, pace).map((entry) => comparable(entry, options));
          expect(found).toEqual(expected);
        }
      }),
      { numRuns: 150 },
    );
  });

  test("damaged bytes give entries or an RsyncError", () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(lists, damage, ([options, seeds], places) => {
        const bytes = write(
          seeds.map((values) => toEntry(values, options)),
          options,
        );
        for (const [at, value] of places) bytes[at % bytes.length] = value;
        try {
          read(bytes, options, bytes.length);
        } catch (thrown) {
          if (thrown !== UNDERFLOW) expect(thrown).toBeInstanceOf(RsyncError);
        }
      }),
      { numRuns: 300 },
    );
  });
});
