/**
 * NDX: a file index. Below protocol 30 a plain int; from 30 on a difference to the previous index of the same sign.
 *
 *     00              NDX_DONE (-1), changes no memory
 *     [ff]            a negative index other than -1: its magnitude follows, relative to the last magnitude
 *     01..fd          previous + byte
 *     fe hh ll        previous + (hh << 8 | ll), hh < 0x80
 *     fe 80|b3 b0 b1 b2   the value itself
 *
 * Each direction of a session has one `NdxState` on either side. Spec: docs/protocol/1-session.md, 1.
 * @module
 */
import { ProtocolError } from "../errors.js";
import type { Cursor } from "./cursor.js";
import { readByte, readInt, writeByte, writeInt } from "./integers.js";
import type { Writer } from "./writer.js";

/** End of a phase, or of one incremental file list. */
export const NDX_DONE = -1;
/** No more file lists follow (incremental recursion). */
export const NDX_FLIST_EOF = -2;
/** Five deletion counters follow (protocol 31). */
export const NDX_DEL_STATS = -3;
/** `NDX_FLIST_OFFSET - k` announces the file list of directory number k. */
export const NDX_FLIST_OFFSET = -101;

/** What one direction remembers between two indexes. */
export interface NdxState {
  lastPositive: number;
  lastNegative: number;
}

export function createNdxState(): NdxState {
  return { lastPositive: -1, lastNegative: 1 };
}

/**
 * Reads an index and, once it is complete, moves the state on (so a retry after an underflow sees the old state).
 * @throws ProtocolError when the result is above 2^31 - 1.
 */
export function readNdx(cursor: Cursor, state: NdxState, protocol: number): number {
  if (protocol < 30) return readInt(cursor);
  let first = readByte(cursor);
  if (first === 0) return NDX_DONE;
  const negative = first === 0xff;
  if (negative) first = readByte(cursor);
  const previous = negative ? state.lastNegative : state.lastPositive;
  const value = first === 0xfe ? readLongForm(cursor, previous) : previous + first;
  if (value > 0x7fffffff)
    throw new ProtocolError(`file index: expected at most 2147483647, got ${value}`);
  if (!negative) {
    state.lastPositive = value;
    return value;
  }
  state.lastNegative = value;
  return -value;
}

function readLongForm(cursor: Cursor, previous: number): number {
  const high = readByte(cursor);
  const low = readByte(cursor);
  if (high < 0x80) return previous + ((high << 8) | low);
  const middle = readByte(cursor);
  return ((high & 0x7f) << 24) | (readByte(cursor) << 16) | (middle << 8) | low;
}

export function writeNdx(writer: Writer, state: NdxState, protocol: number, ndx: number): void {
  if (protocol < 30) {
    writeInt(writer, ndx);
    return;
  }
  if (ndx === NDX_DONE) {
    writeByte(writer, 0);
    return;
  }
  let value = ndx;
  let step: number;
  if (ndx >= 0) {
    step = ndx - state.lastPositive;
    state.lastPositive = ndx;
  } else {
    writeByte(writer, 0xff);
    value = -ndx;
    step = value - state.lastNegative;
    state.lastNegative = value;
  }
  if (step > 0 && step < 0xfe) {
    writeByte(writer, step);
    return;
  }
  writeByte(writer, 0xfe);
  if (step >= 0 && step <= 0x7fff) {
    writeByte(writer, step >> 8);
    writeByte(writer, step & 0xff);
    return;
  }
  writeByte(writer, 0x80 | (value >>> 24));
  writeByte(writer, value & 0xff);
  writeByte(writer, (value >>> 8) & 0xff);
  writeByte(writer, (value >>> 16) & 0xff);
}
