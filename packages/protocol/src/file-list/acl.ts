/**
 * ACLs in entries (`-A`, protocol 30 and later). Spec: docs/protocol/2-file-list.md, 2.12.1.
 *
 *     varint n      0: a literal follows; n > 0: the n-th literal of this kind (access or default) again
 *     literal       byte which; varint permissions per bit of 01 user, 02 group, 04 mask, 08 other;
 *                   with bit 10: varint count, then per named entry
 *                     varint id, varint permissions << 2 | user 2 | named 1, [byte length, name]
 * @module
 */
import { StreamError } from "../errors.js";
import {
  type ByteString,
  type Cursor,
  decodeByteString,
  readByte,
  readVarint,
  readVarintIn,
  reserve,
  storeByteString,
  take,
  type Writer,
  writeByte,
  writeVarint,
} from "../wire/index.js";
import type { AnnouncedIds } from "./announced-ids.js";
import { extraOf, type FileEntry } from "./file-entry.js";

/** An ACL as it travels: access ACLs without what the mode tells. Permissions are 0..7, -1 where left out. */
export interface WireAcl {
  readonly user: number;
  readonly group: number;
  readonly mask: number;
  readonly other: number;
  /** Users by id, then groups by id. */
  readonly named: readonly AclEntry[];
}

/** The permissions of one user or group. */
export interface AclEntry {
  readonly id: number;
  readonly isUser: boolean;
  readonly permissions: number;
  /** Only where the id is announced (2.9.1). */
  readonly name: ByteString | null;
}

const USER = 0x01;
const GROUP = 0x02;
const MASK = 0x04;
const OTHER = 0x08;
const NAMED = 0x10;

const ENTRY_NAMED = 0x1;
const ENTRY_USER = 0x2;

/** More than the kernel's 64 KiB of attribute can hold; rsync's limit. */
const MAX_NAMED = 65_536;

/** Stands for "nothing but the mode" and "no default ACL"; entries have `null` instead. */
const EMPTY: WireAcl = { user: -1, group: -1, mask: -1, other: -1, named: [] };

/** The literals of one kind that were seen, and how many of them belong to complete entries. */
interface LiteralCache {
  readonly literals: WireAcl[];
  committed: number;
}

/** Reads the ACLs of entries; literals count once the entry is committed. */
export class AclReader {
  readonly #access: LiteralCache = { literals: [], committed: 0 };
  readonly #default: LiteralCache = { literals: [], committed: 0 };

  /** @throws StreamError for numbers and permissions out of range, ProtocolError for a bad count. */
  read(cursor: Cursor, entry: FileEntry, directory: boolean): void {
    const access = readAcl(cursor, this.#access);
    const inherited = directory ? readAcl(cursor, this.#default) : EMPTY;
    if (access !== EMPTY) extraOf(entry).accessAcl = access;
    if (inherited !== EMPTY) extraOf(entry).defaultAcl = inherited;
  }

  commit(): void {
    this.#access.committed = this.#access.literals.length;
    this.#default.committed = this.#default.literals.length;
  }
}

function readAcl(cursor: Cursor, cache: LiteralCache): WireAcl {
  const { literals, committed } = cache;
  // Left from an entry that was cut short and is read again now.
  if (literals.length > committed) literals.length = committed;
  const number = readVarint(cursor);
  if (number < 0 || number > committed) {
    throw new StreamError(`ACL number: expected 0..${committed}, got ${number}`);
  }
  if (number > 0) return literals[number - 1]!;
  const acl = readLiteral(cursor);
  literals.push(acl);
  return acl;
}

function readLiteral(cursor: Cursor): WireAcl {
  const which = readByte(cursor);
  if ((which & 0x1f) === 0) return EMPTY;
  const user = which & USER ? readPermissions(cursor) : -1;
  const group = which & GROUP ? readPermissions(cursor) : -1;
  const mask = which & MASK ? readPermissions(cursor) : -1;
  const other = which & OTHER ? readPermissions(cursor) : -1;
  const named: AclEntry[] = [];
  const count = which & NAMED ? readVarintIn(cursor, "ACL entries", 0, MAX_NAMED) : 0;
  for (let i = 0; i < count; i++) named.push(readNamed(cursor));
  return { user, group, mask, other, named };
}

function readPermissions(cursor: Cursor): number {
  return checkPermissions(readVarint(cursor));
}

function checkPermissions(value: number): number {
  if (value >= 0 && value <= 7) return value;
  throw new StreamError(`ACL permissions: expected 0..7, got ${value}`);
}

function readNamed(cursor: Cursor): AclEntry {
  const id = readVarint(cursor) >>> 0;
  const access = readVarint(cursor);
  const permissions = checkPermissions(access >> 2);
  const isUser = (access & ENTRY_USER) !== 0;
  if (!(access & ENTRY_NAMED)) return { id, isUser, permissions, name: null };
  const length = readByte(cursor);
  const start = take(cursor, length);
  return { id, isUser, permissions, name: decodeByteString(cursor.bytes, start, start + length) };
}

/** Writes the ACLs of entries, an ACL that was sent before by its number. */
export class AclWriter {
  readonly #access: Map<string, number> = new Map();
  readonly #default: Map<string, number> = new Map();
  readonly #users: AnnouncedIds;
  readonly #groups: AnnouncedIds;
  readonly #namesInside: boolean;

  /** With `namesInside` (incremental recursion) names of ids stand in the ACL that meets them first. */
  constructor(users: AnnouncedIds, groups: AnnouncedIds, namesInside: boolean) {
    this.#users = users;
    this.#groups = groups;
    this.#namesInside = namesInside;
  }

  write(writer: Writer, entry: FileEntry, directory: boolean): void {
    const { extra } = entry;
    this.#writeAcl(writer, extra?.accessAcl ?? EMPTY, this.#access);
    if (directory) this.#writeAcl(writer, extra?.defaultAcl ?? EMPTY, this.#default);
  }

  #writeAcl(writer: Writer, acl: WireAcl, cache: Map<string, number>): void {
    const key = acl === EMPTY ? "" : keyOf(acl);
    const number = cache.get(key);
    if (number !== undefined) {
      writeVarint(writer, number);
      return;
    }
    cache.set(key, cache.size + 1);
    writeVarint(writer, 0);
    this.#writeLiteral(writer, acl);
  }

  #writeLiteral(writer: Writer, acl: WireAcl): void {
    const { user, group, mask, other, named } = acl;
    writeByte(writer, whichOf(acl));
    if (user >= 0) writeVarint(writer, user);
    if (group >= 0) writeVarint(writer, group);
    if (mask >= 0) writeVarint(writer, mask);
    if (other >= 0) writeVarint(writer, other);
    if (named.length === 0) return;
    if (named.length > MAX_NAMED) throw new RangeError(`ACL: ${named.length} named entries`);
    writeVarint(writer, named.length);
    for (const entry of named) this.#writeNamed(writer, entry);
  }

  #writeNamed(writer: Writer, entry: AclEntry): void {
    const ids = entry.isUser ? this.#users : this.#groups;
    const announced = ids.announce(entry.id);
    const name = this.#namesInside ? announced : null;
    const kind = (entry.isUser ? ENTRY_USER : 0) | (name === null ? 0 : ENTRY_NAMED);
    writeVarint(writer, entry.id | 0);
    writeVarint(writer, (entry.permissions << 2) | kind);
    if (name === null) return;
    writeByte(writer, name.length);
    const start = reserve(writer, name.length);
    storeByteString(writer.bytes, start, name);
  }
}

function whichOf(acl: WireAcl): number {
  let which = acl.named.length > 0 ? NAMED : 0;
  if (acl.user >= 0) which |= USER;
  if (acl.group >= 0) which |= GROUP;
  if (acl.mask >= 0) which |= MASK;
  if (acl.other >= 0) which |= OTHER;
  return which;
}

/** Equal for ACLs that grant the same. */
function keyOf(acl: WireAcl): string {
  if (whichOf(acl) === 0) return "";
  let key = `${acl.user} ${acl.group} ${acl.mask} ${acl.other}`;
  for (const { id, isUser, permissions } of acl.named) {
    key += isUser ? ` u${id}:${permissions}` : ` g${id}:${permissions}`;
  }
  return key;
}
