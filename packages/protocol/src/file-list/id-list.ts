/**
 * Users and groups by name, after the file list. Spec: docs/protocol/2-file-list.md, 2.9.2.
 *
 *     per id         int/varint id, byte length, name
 *     end            int/varint 0; with id 0 names: byte length, name of id 0
 * @module
 */
import { ProtocolError } from "../errors.js";
import {
  type ByteString,
  type Cursor,
  decodeByteString,
  readByte,
  readInt,
  readVarint,
  reserve,
  storeByteString,
  take,
  type Writer,
  writeByte,
  writeInt,
  writeVarint,
} from "../wire/index.js";
import type { AnnouncedIds, IdName } from "./announced-ids.js";
import type { ListOptions } from "./list-options.js";

/** Bounds the memory of a list. */
const MAX_NAMES = 1 << 20;

/** Whether a list of users follows the file list. */
export function hasUserList(options: ListOptions): boolean {
  return !options.inc && !options.numericIds && (options.preserveUid || options.acls);
}

/** Whether a list of groups follows the file list (after the users). */
export function hasGroupList(options: ListOptions): boolean {
  return !options.inc && !options.numericIds && (options.preserveGid || options.acls);
}

/** Reads one list of users or groups, which a pump feeds item by item. */
export class IdListReader {
  readonly #options: ListOptions;
  /** What was read; id 0 is last if it has a name. */
  readonly names: IdName[] = [];

  constructor(options: ListOptions) {
    this.#options = options;
  }

  /**
   * Reads one item; returns whether the list goes on.
   * @throws UNDERFLOW with nothing changed when the bytes do not suffice.
   */
  readItem(cursor: Cursor): boolean {
    const id = this.#options.protocol < 30 ? readInt(cursor) >>> 0 : readVarint(cursor) >>> 0;
    if (id === 0 && !this.#options.id0Names) return false;
    const length = readByte(cursor);
    const start = take(cursor, length);
    const name = decodeByteString(cursor.bytes, start, start + length);
    if (id !== 0 || name !== "") this.#add({ id, name });
    return id !== 0;
  }

  #add(item: IdName): void {
    if (this.names.length >= MAX_NAMES) {
      throw new ProtocolError(`id list: expected at most ${MAX_NAMES} names`);
    }
    this.names.push(item);
  }
}

/** Reads one whole list of users or groups; for input that is all there. */
export function readIdList(cursor: Cursor, options: ListOptions): IdName[] {
  const reader = new IdListReader(options);
  while (reader.readItem(cursor));
  return reader.names;
}

/** Writes one list; `nameOfZero` is used with id 0 names only. */
export function writeIdList(
  writer: Writer,
  options: ListOptions,
  names: readonly IdName[],
  nameOfZero: ByteString | null,
): void {
  for (const { id, name } of names) {
    writeId(writer, id, options);
    writeName(writer, name);
  }
  writeId(writer, 0, options);
  if (options.id0Names) writeName(writer, nameOfZero ?? "");
}

/** Writes the lists that follow the file list, as far as the options ask for them. */
export function writeIdLists(
  writer: Writer,
  options: ListOptions,
  users: AnnouncedIds,
  groups: AnnouncedIds,
): void {
  if (hasUserList(options)) writeIdList(writer, options, users.names(), users.nameOf(0));
  if (hasGroupList(options)) writeIdList(writer, options, groups.names(), groups.nameOf(0));
}

function writeId(writer: Writer, id: number, options: ListOptions): void {
  if (options.protocol < 30) writeInt(writer, id);
  else writeVarint(writer, id | 0);
}

function writeName(writer: Writer, name: ByteString): void {
  writeByte(writer, name.length);
  const start = reserve(writer, name.length);
  storeByteString(writer.bytes, start, name);
}
