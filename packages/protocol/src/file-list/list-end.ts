/**
 * End markers of a list, and the error set that they carry. Spec: docs/protocol/2-file-list.md, 2.5.9.
 *
 *     varint flags                       varint 0, varint ioError
 *     else, safe list and ioError        04 10, varint ioError
 *     else                               00
 *     protocol 28 and 29 in addition     after the id lists: int ioError
 * @module
 */
import { ProtocolError } from "../errors.js";
import {
  type Cursor,
  readInt,
  readVarint,
  type Writer,
  writeByte,
  writeInt,
  writeVarint,
} from "../wire/index.js";
import type { FileEntry } from "./file-entry.js";
import type { ListOptions } from "./list-options.js";
import { IO_ERROR_ENDLIST } from "./wire-flags.js";

/** Bits of the error set that a list carries. */
export const IoError = {
  /** Something could not be read: deletions must stop. */
  General: 1,
  /** A file vanished. */
  Vanished: 2,
  /** The deletion limit was reached. */
  DeleteLimit: 4,
} as const;

export type IoError = (typeof IoError)[keyof typeof IoError];

const KNOWN_ERRORS = 7;

/** A list that was read to its end. */
export class ListEnd {
  /** In sending order; owned by the receiver of this object. */
  readonly entries: FileEntry[];
  /** `IoError` bits. */
  readonly ioError: number;

  constructor(entries: FileEntry[], ioError: number) {
    this.entries = entries;
    this.ioError = ioError;
  }
}

/** Whether these entry flags (2.5.2) end the list. */
export function isEndMarker(wireFlags: number, varintFlags: boolean): boolean {
  return wireFlags === 0 || (!varintFlags && wireFlags === IO_ERROR_ENDLIST);
}

/**
 * Reads what follows the flags of an end marker; returns the `IoError` bits.
 * @throws ProtocolError for `04 10` without safe file lists.
 */
export function readEndErrors(cursor: Cursor, wireFlags: number, options: ListOptions): number {
  if (options.varintFlags) return readVarint(cursor) & KNOWN_ERRORS;
  if (wireFlags === 0) return 0;
  if (!options.safeFlist) {
    throw new ProtocolError("end of file list: expected no error marker without safe file lists");
  }
  return readVarint(cursor) & KNOWN_ERRORS;
}

/**
 * Writes an end marker. Where it can not carry `ioError` (protocol 28 and 29; protocol 30 without safe lists) the caller
 * sends that by `writeTrailingIoError` or as message IO_ERROR.
 */
export function writeListEnd(writer: Writer, ioError: number, options: ListOptions): void {
  if (options.varintFlags) {
    writeVarint(writer, 0);
    writeVarint(writer, ioError);
    return;
  }
  if (ioError === 0 || !options.safeFlist) {
    writeByte(writer, 0);
    return;
  }
  writeByte(writer, IO_ERROR_ENDLIST & 0xff);
  writeByte(writer, IO_ERROR_ENDLIST >> 8);
  writeVarint(writer, ioError);
}

/** Reads the error set that ends the list phase in protocol 28 and 29. */
export function readTrailingIoError(cursor: Cursor): number {
  return readInt(cursor) & KNOWN_ERRORS;
}

/** Writes the error set that ends the list phase in protocol 28 and 29. */
export function writeTrailingIoError(writer: Writer, ioError: number): void {
  writeInt(writer, ioError);
}
