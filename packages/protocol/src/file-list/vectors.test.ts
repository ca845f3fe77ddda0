import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  byteStringFromText,
  type Cursor,
  createCursor,
  createNdxState,
  createWriter,
  decodeFrameHeader,
  encodeByteString,
  FRAME_HEADER,
  finish,
  MessageCode,
  NDX_FLIST_EOF,
  NDX_FLIST_OFFSET,
  readInt,
  readNdx,
  writeNdx,
} from "../wire/index.js";
import type { WireAcl } from "./acl.js";
import { type FileEntry, isDirectory } from "./file-entry.js";
import { FileListSet } from "./file-list-set.js";
import { hasGroupList, hasUserList, readIdList } from "./id-list.js";
import { ListEnd, readTrailingIoError, writeTrailingIoError } from "./list-end.js";
import { createListOptions, type ListOptions } from "./list-options.js";
import { ListReader } from "./list-reader.js";
import { ListWriter } from "./list-writer.js";
import type { XattrList } from "./xattr.js";

/** Vectors whose sender wrote what ours does not; they are decoded only. */
const DECODE_ONLY: Readonly<Record<string, string>> = {
  "p28-push-delete": "rsync 3.0.0 leaves the same-id flags clear when ids are not sent",
  "p30-io-error": "rsync 3.0.0 leaves the same-id flags clear when ids are not sent",
};

interface GoldenEntry {
  sent_index: number;
  name: string;
  size: number;
  mtime: number;
  nsec?: number;
  atime?: number;
  mode: string;
  uid?: number;
  gid?: number;
  user?: string;
  group?: string;
  rdev?: [number, number];
  link?: string;
  hardlink?: number | [number, number];
  checksum?: string;
  access_acl?: unknown;
  default_acl?: unknown;
  xattrs?: unknown;
}

interface GoldenList {
  first_index: number;
  parent_dir_index: number | null;
  io_error: number;
  entries: GoldenEntry[];
  sorted: string[];
}

interface Golden {
  protocol: number;
  compat_flags: string;
  sender: "client" | "server";
  server_args: string[];
  c2s_payload_offset: number;
  s2c_payload_offset: number;
  c2s_multiplexed: boolean;
  s2c_multiplexed: boolean;
  filter_rules: string[];
  lists: GoldenList[];
  id_lists: { uid: [number, string][]; gid: [number, string][] } | null;
  trailing_io_error?: number;
}

const folder = new URL("../../../../docs/protocol/vectors/file-list/", import.meta.url);
const vectors = readdirSync(folder)
  .filter((file) => file.endsWith(".json"))
  .map((file) => file.slice(0, -".json".length));

function loadGolden(vector: string): Golden {
  return JSON.parse(readFileSync(new URL(`${vector}.json`, folder), "utf8")) as Golden;
}

/** What the sender wrote after the handshake, frames and messages stripped. */
function senderBytes(vector: string, golden: Golden): Uint8Array {
  const direction = golden.sender === "server" ? "s2c" : "c2s";
  const all = readFileSync(new URL(`${vector}.${direction}.bin`, folder));
  const bytes = all.subarray(golden[`${direction}_payload_offset`]);
  if (!golden[`${direction}_multiplexed`]) return bytes;
  const parts: Uint8Array[] = [];
  for (let at = 0; at + FRAME_HEADER <= bytes.length; ) {
    const { code, length } = decodeFrameHeader(bytes, at);
    at += FRAME_HEADER;
    if (code === MessageCode.Data) parts.push(bytes.subarray(at, at + length));
    at += length;
  }
  return Buffer.concat(parts);
}

function optionsOf(golden: Golden): ListOptions {
  const args = golden.server_args;
  const letters = (args.find((arg) => /^-[a-z]/i.test(arg)) ?? "").split("e")[0]!;
  const has = (letter: string) => letters.includes(letter);
  return createListOptions(golden.protocol, Number(golden.compat_flags), {
    preserveUid: has("o"),
    preserveGid: has("g"),
    preserveLinks: has("l"),
    devices: has("D"),
    specials: has("D"),
    hardLinks: has("H"),
    checksumLength: has("c") ? 16 : 0,
    atimes: has("U"),
    acls: has("A"),
    xattrs: has("X"),
    relative: has("R"),
    recursive: has("r"),
    deleteMissingArgs: args.includes("--delete-missing-args"),
  });
}

interface Decoded {
  lists: { end: ListEnd; parent: number | null }[];
  users: [number, string][];
  groups: [number, string][];
  trailing: number | undefined;
}

function skipFilterList(cursor: Cursor): void {
  for (let length = readInt(cursor); length > 0; length = readInt(cursor)) cursor.offset += length;
}

function readList(reader: ListReader, cursor: Cursor): ListEnd {
  for (;;) {
    const item = reader.readEntry(cursor);
    if (item instanceof ListEnd) return item;
  }
}

function decode(cursor: Cursor, options: ListOptions): Decoded {
  const reader = new ListReader(options);
  const decoded: Decoded = {
    lists: [{ end: readList(reader, cursor), parent: null }],
    users: [],
    groups: [],
    trailing: undefined,
  };
  if (options.inc) {
    const state = createNdxState();
    for (;;) {
      const ndx = readNdx(cursor, state, options.protocol);
      if (ndx === NDX_FLIST_EOF) return decoded;
      decoded.lists.push({ end: readList(reader, cursor), parent: NDX_FLIST_OFFSET - ndx });
    }
  }
  const pairs = () =>
    readIdList(cursor, options).map(({ id, name }): [number, string] => [id, name]);
  if (hasUserList(options)) decoded.users = pairs();
  if (hasGroupList(options)) decoded.groups = pairs();
  if (options.protocol < 30) decoded.trailing = readTrailingIoError(cursor);
  return decoded;
}

function encode(decoded: Decoded, options: ListOptions): Uint8Array {
  const users = new Map(decoded.users);
  const groups = new Map(decoded.groups);
  for (const { end } of decoded.lists) for (const entry of end.entries) learn(entry, users, groups);
  const lists = new ListWriter(options, {
    user: (id) => users.get(id) ?? null,
    group: (id) => groups.get(id) ?? null,
  });
  const writer = createWriter();
  const state = createNdxState();
  for (const { end, parent } of decoded.lists) {
    if (parent !== null) writeNdx(writer, state, options.protocol, NDX_FLIST_OFFSET - parent);
    for (const entry of end.entries) lists.writeEntry(writer, entry);
    lists.writeEnd(writer, end.ioError);
  }
  if (options.inc) writeNdx(writer, state, options.protocol, NDX_FLIST_EOF);
  lists.writeIdLists(writer);
  if (decoded.trailing !== undefined) writeTrailingIoError(writer, decoded.trailing);
  return finish(writer);
}

function learn(entry: FileEntry, users: Map<number, string>, groups: Map<number, string>): void {
  const { extra } = entry;
  if (extra === null) return;
  if (extra.userName !== null) users.set(entry.uid, extra.userName);
  if (extra.groupName !== null) groups.set(entry.gid, extra.groupName);
  for (const acl of [extra.accessAcl, extra.defaultAcl]) {
    for (const { id, isUser, name } of acl?.named ?? []) {
      if (name !== null) (isUser ? users : groups).set(id, name);
    }
  }
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

function goldenAcl(acl: WireAcl | null): unknown {
  if (acl === null) return { names: [] };
  const named = acl.named.map(({ id, isUser, permissions, name }) => ({
    id,
    perms: permissions,
    kind: isUser ? "user" : "group",
    name,
  }));
  return {
    ...(acl.user >= 0 && { user_obj: acl.user }),
    ...(acl.group >= 0 && { group_obj: acl.group }),
    ...(acl.mask >= 0 && { mask_obj: acl.mask }),
    ...(acl.other >= 0 && { other_obj: acl.other }),
    names: named,
  };
}

function goldenXattrs(list: XattrList | null): unknown {
  return (list?.items ?? []).map(({ name, length, value, digest }) => ({
    name,
    length,
    ...(value === null ? { md5: hex(digest!) } : { value: hex(value) }),
  }));
}

/** The entry in the form of the vector, with the fields that it has there. */
function toGolden(entry: FileEntry, like: GoldenEntry): Partial<GoldenEntry> {
  const extra = entry.extra;
  const values: Partial<GoldenEntry> = {
    name: entry.name,
    size: entry.size,
    mtime: entry.mtime,
    nsec: entry.mtimeNs,
    mode: `0${entry.mode.toString(8)}`,
    uid: entry.uid,
    gid: entry.gid,
    access_acl: goldenAcl(extra?.accessAcl ?? null),
    default_acl: goldenAcl(extra?.defaultAcl ?? null),
    xattrs: goldenXattrs(extra?.xattrs ?? null),
  };
  if (extra !== null) {
    values.atime = extra.atime;
    values.rdev = [extra.rdevMajor, extra.rdevMinor];
    if (extra.userName !== null) values.user = extra.userName;
    if (extra.groupName !== null) values.group = extra.groupName;
    if (extra.linkTarget !== null) values.link = extra.linkTarget;
    if (extra.checksum !== null) values.checksum = hex(encodeByteString(extra.checksum));
    values.hardlink =
      extra.hardLinkGroup >= 0 ? extra.hardLinkGroup : [Number(extra.dev), Number(extra.inode)];
  }
  const kept = Object.entries(values).filter(([key]) => key in like);
  return Object.fromEntries(kept) as Partial<GoldenEntry>;
}

const bytesOf = (entry: GoldenEntry): Partial<GoldenEntry> => {
  const { sent_index: _, ...rest } = entry as GoldenEntry & { flags?: string };
  delete rest.flags;
  rest.name = byteStringFromText(rest.name);
  if (rest.link !== undefined) rest.link = byteStringFromText(rest.link);
  return rest;
};

describe.each(vectors)("%s", (vector) => {
  const golden = loadGolden(vector);
  const options = optionsOf(golden);
  const cursor = createCursor(senderBytes(vector, golden));
  if (golden.sender === "client") skipFilterList(cursor);
  const start = cursor.offset;

  test("decodes to what the vector tells", () => {
    const decoded = decode({ ...cursor }, options);
    expect(
      decoded.lists.map(({ end, parent }) => [parent, end.ioError, end.entries.length]),
    ).toEqual(
      golden.lists.map((list) => [list.parent_dir_index, list.io_error, list.entries.length]),
    );
    decoded.lists.forEach(({ end }, at) => {
      const expected = golden.lists[at]!.entries;
      const found = end.entries.map((entry, i) => toGolden(entry, expected[i]!));
      expect(found).toEqual(expected.map(bytesOf));
    });
    expect(decoded.users).toEqual(golden.id_lists?.uid ?? []);
    expect(decoded.groups).toEqual(golden.id_lists?.gid ?? []);
    expect(decoded.trailing).toBe(golden.trailing_io_error);
  });

  test("sorts and numbers its lists as the vector tells", () => {
    const bySendingOrder = golden.server_args.some((arg) => arg.startsWith("--iconv"));
    const lists = new FileListSet(options, { receiving: true, bySendingOrder });
    for (const { end, parent } of decode({ ...cursor }, options).lists)
      lists.add(end.entries, parent);
    golden.lists.forEach((expected, at) => {
      const list = lists.lists[at]!;
      expect(list.firstIndex).toBe(expected.first_index);
      const shown = list.entries.map((entry) => entry.name + (isDirectory(entry) ? "/" : ""));
      expect(shown).toEqual(expected.sorted.map(byteStringFromText));
    });
  });

  const habit = DECODE_ONLY[vector];
  test(habit ?? "encodes back to the same bytes", () => {
    const end = { ...cursor };
    const decoded = decode(end, options);
    const sent = hex(cursor.bytes.subarray(start, end.offset));
    const again = hex(encode(decoded, options));
    if (habit === undefined) expect(again).toBe(sent);
    else expect(again).not.toBe(sent);
  });
});
