/**
 * The flags that start each entry: which fields follow. Spec: docs/protocol/2-file-list.md, 2.5.2.
 *
 *     with varint flags   varint flags; no flag at all is written as 4
 *     else                byte low, and when it has bit 2 (Extended) byte high; no flag at all is 1 or `04 00`
 *
 * In both forms a value of 0 ends the list.
 * @module
 */
import {
  type Cursor,
  readByte,
  readVarint,
  type Writer,
  writeByte,
  writeVarint,
} from "../wire/index.js";

/** Bits of the entry flags. Some have two meanings, told apart by protocol version or file type. */
export const WireFlag = {
  TopDir: 0x1,
  SameMode: 0x2,
  Extended: 0x4,
  SameUid: 0x8,
  SameGid: 0x10,
  SameName: 0x20,
  LongName: 0x40,
  SameTime: 0x80,
  /** Devices, and before protocol 31 specials. */
  SameRdevMajor: 0x100,
  /** Directories, protocol 30 and later. */
  NoContentDir: 0x100,
  HardLinked: 0x200,
  /** Protocol 28 and 29. */
  SameDev: 0x400,
  /** Protocol 30 and later. */
  UserNameFollows: 0x400,
  /** Protocol 28 and 29. */
  RdevMinor8: 0x800,
  /** Protocol 30 and later. */
  GroupNameFollows: 0x800,
  /** Protocol 30 and later, with `HardLinked`. */
  HardLinkFirst: 0x1000,
  /** Protocol 31 and later. */
  ModNsec: 0x2000,
  SameAtime: 0x4000,
  /** Varint flags only. */
  CrtimeEqMtime: 0x20000,
} as const;

export type WireFlag = (typeof WireFlag)[keyof typeof WireFlag];

/** The two bytes `04 10`: an end marker with an error set, when there are no varint flags (2.5.9). */
export const IO_ERROR_ENDLIST = 0x1004;

/** Reads the flags of an entry; 0 ends the list. */
export function readWireFlags(cursor: Cursor, varint: boolean): number {
  if (varint) return readVarint(cursor);
  const low = readByte(cursor);
  return low & WireFlag.Extended ? low | (readByte(cursor) << 8) : low;
}

/** Writes flags so that they are not mistaken for an end marker. */
export function writeWireFlags(
  writer: Writer,
  flags: number,
  varint: boolean,
  directory: boolean,
): void {
  if (varint) {
    writeVarint(writer, flags === 0 ? WireFlag.Extended : flags);
    return;
  }
  const low = flags === 0 && !directory ? WireFlag.TopDir : flags;
  if (low <= 0xff && low !== 0) {
    writeByte(writer, low);
    return;
  }
  writeByte(writer, (low & 0xff) | WireFlag.Extended);
  writeByte(writer, low >> 8);
}
