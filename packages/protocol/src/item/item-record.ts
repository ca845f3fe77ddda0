/**
 * The head of a request (generator to sender) and of its reply (sender to receiver).
 *
 *     ndx                     always; negative: no record but a mark (end of phase, deletion counters, ...)
 *     short  item flags       protocol >= 29
 *     byte   basis type       flags have BasisTypeFollows
 *     vstring xname           flags have XnameFollows
 *
 * Spec: docs/protocol/3-transfer.md, 2.1.
 * @module
 */
import type { ByteString } from "../wire/byte-string.js";
import type { Cursor } from "../wire/cursor.js";
import { readByte, readShortint, writeByte, writeShortint } from "../wire/integers.js";
import { type NdxState, readNdx, writeNdx } from "../wire/ndx.js";
import { readVstring, writeVstring } from "../wire/vstring.js";
import type { Writer } from "../wire/writer.js";
import { BasisType, ItemFlag } from "./item-flags.js";

/** The longest xname, in bytes. */
export const MAX_XNAME = 4095;

/** An index and, for one that names an entry, what was said about it. */
export interface ItemRecord {
  ndx: number;
  flags: number;
  basisType: number;
  /** `null` when there is none; an empty one has a meaning of its own. */
  xname: ByteString | null;
}

/**
 * Reads an index and the rest of the record's head. For a negative index only `ndx` is meaningful, and what may follow it is
 * left to the caller. The NDX memory is unchanged when the record is not complete yet.
 */
export function readItemRecord(cursor: Cursor, state: NdxState, protocol: number): ItemRecord {
  const { lastPositive, lastNegative } = state;
  try {
    const ndx = readNdx(cursor, state, protocol);
    if (ndx < 0 || protocol < 29) {
      return { ndx, flags: ItemFlag.Transfer, basisType: BasisType.Destination, xname: null };
    }
    const flags = readShortint(cursor);
    const basisType = flags & ItemFlag.BasisTypeFollows ? readByte(cursor) : BasisType.Destination;
    const xname = flags & ItemFlag.XnameFollows ? readVstring(cursor, "xname", MAX_XNAME) : null;
    return { ndx, flags, basisType, xname };
  } catch (thrown) {
    state.lastPositive = lastPositive;
    state.lastNegative = lastNegative;
    throw thrown;
  }
}

/** Writes the head of a request or reply; the flags decide whether basis type and xname are part of it. */
export function writeItemRecord(
  writer: Writer,
  state: NdxState,
  protocol: number,
  record: ItemRecord,
): void {
  writeNdx(writer, state, protocol, record.ndx);
  if (protocol < 29) return;
  writeShortint(writer, record.flags);
  if (record.flags & ItemFlag.BasisTypeFollows) writeByte(writer, record.basisType);
  if (record.flags & ItemFlag.XnameFollows) writeVstring(writer, record.xname ?? "");
}
