/**
 * Extended attributes in entries (`-X`, protocol 30 and later). Spec: docs/protocol/2-file-list.md, 2.13.1.
 *
 *     varint n      0: a literal follows; n > 0: the n-th literal list again
 *     literal       varint count, then per attribute
 *                     varint name length with its NUL, varint value length, name NUL,
 *                     the value when it has at most 32 bytes, else the 16 bytes of its MD5
 * @module
 */
import { ExitCode, ProtocolError, StreamError } from "../errors.js";
import {
  type ByteString,
  type Cursor,
  decodeByteString,
  readVarint,
  readVarintIn,
  reserve,
  storeByteString,
  take,
  type Writer,
  writeByte,
  writeVarint,
} from "../wire/index.js";
import { extraOf, type FileEntry } from "./file-entry.js";

/** The attributes of an entry, sorted by name; entries with equal lists share one object. */
export interface XattrList {
  readonly items: readonly XattrItem[];
}

/** One attribute. A long value is known by its digest until it is fetched (2.13.3) and stored in `value`. */
export interface XattrItem {
  readonly name: ByteString;
  /** Length of the value in bytes. */
  readonly length: number;
  /** Owned; `null` while only the digest is known. */
  value: Uint8Array | null;
  /** MD5 of a value longer than `MAX_INLINE_VALUE`, 16 owned bytes; else `null`. */
  readonly digest: Uint8Array | null;
}

/** Values up to this length travel inside the entry. */
export const MAX_INLINE_VALUE = 32;

const DIGEST_LENGTH = 16;
const MAX_ITEMS = 65_536;
const MAX_NAME = 4096;
/** The longest value. */
export const MAX_XATTR_VALUE: number = 128 * 1024 * 1024;
/** All values of one entry together. */
export const MAX_XATTR_LIST: number = 512 * 1024 * 1024;
/** Bounds the memory of one list; the kernel allows 64 KiB of names per file. */
const MAX_NAMES = 4 * 1024 * 1024;

const EMPTY: XattrList = { items: [] };

/** Reads the attribute lists of entries. They are the last field of one, so a literal counts as soon as it is read. */
export class XattrReader {
  readonly #literals: XattrList[] = [];

  /** @throws StreamError for a number out of range, ProtocolError (exit 2, 11) for what breaks the limits. */
  read(cursor: Cursor, entry: FileEntry): void {
    const list = this.#readList(cursor);
    if (list !== EMPTY) extraOf(entry).xattrs = list;
  }

  #readList(cursor: Cursor): XattrList {
    const literals = this.#literals;
    const number = readVarint(cursor);
    if (number < 0 || number > literals.length) {
      throw new StreamError(`xattr list number: expected 0..${literals.length}, got ${number}`);
    }
    if (number > 0) return literals[number - 1]!;
    const list = readLiteral(cursor);
    literals.push(list);
    return list;
  }
}

function readLiteral(cursor: Cursor): XattrList {
  const count = readVarintIn(cursor, "xattr count", 0, MAX_ITEMS);
  if (count === 0) return EMPTY;
  const items: XattrItem[] = [];
  let names = 0;
  let values = 0;
  for (let i = 0; i < count; i++) {
    const item = readItem(cursor);
    names += item.name.length + 1;
    values += item.length;
    if (names > MAX_NAMES || values > MAX_XATTR_LIST) {
      throw new ProtocolError(
        `xattr list: expected at most ${MAX_NAMES} bytes of names and ${MAX_XATTR_LIST} of values`,
      );
    }
    items.push(item);
  }
  return { items };
}

function readItem(cursor: Cursor): XattrItem {
  const nameLength = readVarintIn(cursor, "xattr name length", 1, MAX_NAME);
  const length = readVarintIn(cursor, "xattr value length", 0, 0x7fffffff);
  if (length > MAX_XATTR_VALUE) {
    // rsync's words, by which its tests tell this limit from others.
    const limit = `expected at most ${MAX_XATTR_VALUE}, got ${length}`;
    throw new ProtocolError(`xattr datum_len exceeds per-value limit: ${limit}`);
  }
  const at = take(cursor, nameLength);
  const { bytes } = cursor;
  const name = decodeByteString(bytes, at, at + nameLength - 1);
  if (bytes[at + nameLength - 1] !== 0 || name.includes("\0")) {
    throw new ProtocolError("xattr name: expected one NUL, at its end", {
      exitCode: ExitCode.FileIo,
    });
  }
  const inline = length <= MAX_INLINE_VALUE;
  const size = inline ? length : DIGEST_LENGTH;
  const start = take(cursor, size);
  // Not `bytes.slice`: of a Node Buffer that would be a view.
  const content = new Uint8Array(bytes.subarray(start, start + size));
  return { name, length, value: inline ? content : null, digest: inline ? null : content };
}

/** Writes the attribute lists of entries, a list that was sent before by its number. */
export class XattrWriter {
  readonly #numbers: Map<string, number> = new Map();

  /** @throws RangeError when a long value has no digest or a short one no value. */
  write(writer: Writer, entry: FileEntry): void {
    const items = entry.extra?.xattrs?.items ?? EMPTY.items;
    const key = keyOf(items);
    const number = this.#numbers.get(key);
    if (number !== undefined) {
      writeVarint(writer, number);
      return;
    }
    this.#numbers.set(key, this.#numbers.size + 1);
    writeVarint(writer, 0);
    writeVarint(writer, items.length);
    for (const item of items) writeItem(writer, item);
  }
}

function writeItem(writer: Writer, item: XattrItem): void {
  const content = contentOf(item);
  writeVarint(writer, item.name.length + 1);
  writeVarint(writer, item.length);
  const at = reserve(writer, item.name.length);
  storeByteString(writer.bytes, at, item.name);
  writeByte(writer, 0);
  const start = reserve(writer, content.length);
  writer.bytes.set(content, start);
}

/** What travels inside the entry: the value or its digest. */
function contentOf(item: XattrItem): Uint8Array {
  const inline = item.length <= MAX_INLINE_VALUE;
  const content = inline ? item.value : item.digest;
  if (content?.length === (inline ? item.length : DIGEST_LENGTH)) return content;
  throw new RangeError(`xattr ${item.name}: expected ${inline ? "its value" : "an MD5 digest"}`);
}

/** Equal for equal lists. */
function keyOf(items: readonly XattrItem[]): string {
  let key = "";
  for (const item of items) {
    const content = contentOf(item);
    key += `${item.name}\0${item.length} ${decodeByteString(content)}`;
  }
  return key;
}
