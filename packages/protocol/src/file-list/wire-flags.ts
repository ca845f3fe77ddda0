/**
 * The flags that start each entry: which fields follow. Spec: docs/protocol/2-file-list.md, 2.5.2.
 *
 *     with varint flags   varint flags; no flag at all is written as 4
 *     else                byte low, and when it has bit 2 (Extended) byte high; no flag at all is 1 or `04 00`
 *     before protocol 28  byte; no flag at all is 1, or for a directory 40 (LongName)
 *
 * In all forms a value of 0 ends the list.
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
  /** Devices and specials, before protocol 28. */
  SameRdev: 0x4,
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

/** Which of the forms a session has. */
export type FlagForm = "byte" | "extensible" | "varint";

/** The form in a session of these options. */
export function flagFormOf(options: { protocol: number; varintFlags: boolean }): FlagForm {
  if (options.protocol < 28) return "byte";
  return options.varintFlags ? "varint" : "extensible";
}

/** Reads the flags of an entry; 0 ends the list. */
export function readWireFlags(cursor: Cursor, form: FlagForm): number {
  if (form === "varint") return readVarint(cursor);
  const low = readByte(cursor);
  const hasMore = form === "extensible" && (low & WireFlag.Extended) !== 0;
  return hasMore ? low | (readByte(cursor) << 8) : low;
}

/** What is written for `flags`, so that they are not mistaken for an end marker. */
export function escapeEmpty(flags: number, form: FlagForm, directory: boolean): number {
  if (flags !== 0) return flags;
  if (form === "varint") return WireFlag.Extended;
  if (!directory) return WireFlag.TopDir;
  return form === "byte" ? WireFlag.LongName : 0;
}

/** Writes what `escapeEmpty` gave. */
export function writeWireFlags(writer: Writer, flags: number, form: FlagForm): void {
  if (form === "varint") {
    writeVarint(writer, flags);
    return;
  }
  if (form === "byte" || (flags <= 0xff && flags !== 0)) {
    writeByte(writer, flags);
    return;
  }
  writeByte(writer, (flags & 0xff) | WireFlag.Extended);
  writeByte(writer, flags >> 8);
}
