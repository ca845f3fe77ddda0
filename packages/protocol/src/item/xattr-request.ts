/**
 * The long attribute values that the generator asks for, after the head of an item record.
 *
 *     per attribute     varint its number in the sent list (from 1) less the number before it
 *     end               varint 0
 *
 * Spec: docs/protocol/2-file-list.md, 2.13.3.
 * @module
 */
import { ProtocolError } from "../errors.js";
import type { XattrList } from "../file-list/xattr.js";
import { type Cursor, readVarint, type Writer, writeVarint } from "../wire/index.js";

/**
 * Reads the numbers (from 1) of the attributes of `list` that are asked for.
 * @throws ProtocolError for a number outside the list, a value that travelled in the entry, or one asked for twice.
 */
export function readXattrRequest(cursor: Cursor, list: XattrList | null): number[] {
  const numbers: number[] = [];
  const seen = new Set<number>();
  for (let number = 0; ; ) {
    const difference = readVarint(cursor);
    if (difference === 0) return numbers;
    number += difference;
    longItemAt(list, number);
    if (seen.has(number)) throw new ProtocolError(`xattr number ${number}: asked for twice`);
    seen.add(number);
    numbers.push(number);
  }
}

/** Writes a request; `numbers` in any order. */
export function writeXattrRequest(writer: Writer, numbers: readonly number[]): void {
  let last = 0;
  for (const number of numbers) {
    writeVarint(writer, number - last);
    last = number;
  }
  writeVarint(writer, 0);
}

/** The attribute of a number on the wire, which must be one whose value did not travel in the entry. */
export function longItemAt(list: XattrList | null, number: number): XattrList["items"][number] {
  const count = list?.items.length ?? 0;
  const item = list?.items[number - 1];
  if (item === undefined) {
    throw new ProtocolError(`xattr number: expected 1..${count}, got ${number}`);
  }
  if (item.digest === null) {
    throw new ProtocolError(`xattr number ${number}: expected a long value, this one was sent`);
  }
  return item;
}
