/**
 * Attribute values that were asked for, after the head of the reply.
 *
 *     per attribute     varint number less the number before it, varint length, the value
 *     end               varint 0
 *
 * Spec: docs/protocol/2-file-list.md, 2.13.3.
 * @module
 */
import { ProtocolError } from "../errors.js";
import { MAX_XATTR_LIST, MAX_XATTR_VALUE, type XattrList } from "../file-list/xattr.js";
import {
  type Cursor,
  readVarint,
  readVarintIn,
  reserve,
  UNDERFLOW,
  type Writer,
  writeVarint,
} from "../wire/index.js";
import { longItemAt } from "./xattr-request.js";

/** A value grows as it arrives: memory is taken for what came, not for what was announced. */
const FIRST_ROOM = 65_536;

/** Reads the values of one reply into the list of its entry, as they come in. */
export class XattrReplyReader {
  readonly #list: XattrList | null;
  readonly #seen = new Set<number>();
  #number = 0;
  #total = 0;
  /** Bytes that the value being read still lacks; -1 between two values. */
  #missing = -1;
  #value: Uint8Array = new Uint8Array(0);
  #filled = 0;

  constructor(list: XattrList | null) {
    this.#list = list;
  }

  /**
   * Takes in as much as there is; true when the reply is over. Never runs short.
   * @throws ProtocolError for what was not asked for, and for more than the limits allow.
   */
  read(cursor: Cursor): boolean {
    for (;;) {
      if (this.#missing < 0) {
        const start = cursor.offset;
        try {
          if (!this.#readHead(cursor)) return true;
        } catch (thrown) {
          if (thrown !== UNDERFLOW) throw thrown;
          cursor.offset = start;
          return false;
        }
      }
      if (!this.#readValue(cursor)) return false;
    }
  }

  /** The number and length of the next value; false at the end. */
  #readHead(cursor: Cursor): boolean {
    const difference = readVarint(cursor);
    if (difference === 0) return false;
    const number = this.#number + difference;
    longItemAt(this.#list, number);
    if (this.#seen.has(number)) throw new ProtocolError(`xattr number ${number}: sent twice`);
    const length = readVarintIn(cursor, "xattr value length", 0, MAX_XATTR_VALUE);
    if (this.#total + length > MAX_XATTR_LIST) {
      throw new ProtocolError(`xattr values: expected at most ${MAX_XATTR_LIST} bytes`);
    }
    this.#seen.add(number);
    this.#number = number;
    this.#total += length;
    this.#missing = length;
    this.#value = new Uint8Array(Math.min(length, FIRST_ROOM));
    this.#filled = 0;
    return true;
  }

  /** Takes bytes of the value; true when it is complete, and stored. */
  #readValue(cursor: Cursor): boolean {
    const count = Math.min(this.#missing, cursor.end - cursor.offset);
    this.#makeRoom(this.#filled + count);
    this.#value.set(cursor.bytes.subarray(cursor.offset, cursor.offset + count), this.#filled);
    cursor.offset += count;
    this.#filled += count;
    this.#missing -= count;
    if (this.#missing > 0) return false;
    this.#missing = -1;
    longItemAt(this.#list, this.#number).value = this.#value.subarray(0, this.#filled);
    return true;
  }

  #makeRoom(length: number): void {
    if (length <= this.#value.length) return;
    const room = Math.min(this.#filled + this.#missing, Math.max(length, 2 * this.#value.length));
    const larger = new Uint8Array(room);
    larger.set(this.#value.subarray(0, this.#filled));
    this.#value = larger;
  }
}

/** Writes one value of a reply; `last` is the number before it, 0 at first. */
export function writeXattrValue(
  writer: Writer,
  last: number,
  number: number,
  value: Uint8Array,
): void {
  writeVarint(writer, number - last);
  writeVarint(writer, value.length);
  const at = reserve(writer, value.length);
  writer.bytes.set(value, at);
}

/** Writes the end of a reply. */
export function writeXattrReplyEnd(writer: Writer): void {
  writeVarint(writer, 0);
}
