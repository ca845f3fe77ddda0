/**
 * Hard links on the wire. Spec: docs/protocol/2-file-list.md, 2.11.
 *
 *     protocol 28, 29     [longint dev] longint inode, opaque 64-bit values
 *     protocol 30 on      varint group: the transfer index (in sending order) of the group's first entry
 * @module
 */
import { ProtocolError } from "../errors.js";
import { type Cursor, readInt, type Writer, writeInt } from "../wire/index.js";
import { EntryFlag, extraOf, type FileEntry } from "./file-entry.js";

const MARKER = -1;
const MAX_SHORT = 0x7fffffffn;

/** Marks an entry as one of several links to the item `inode` on device `dev`; for senders. */
export function markHardLinked(entry: FileEntry, dev: bigint, inode: bigint): void {
  entry.flags |= EntryFlag.HardLinked;
  const extra = extraOf(entry);
  extra.dev = dev + 1n;
  extra.inode = inode;
}

/** A longint of which all 64 bits count, unsigned. */
export function readOpaqueLongint(cursor: Cursor): bigint {
  const short = readInt(cursor);
  if (short !== MARKER) return BigInt(short >>> 0);
  const low = readInt(cursor) >>> 0;
  const high = readInt(cursor) >>> 0;
  return (BigInt(high) << 32n) | BigInt(low);
}

export function writeOpaqueLongint(writer: Writer, value: bigint): void {
  if (value <= MAX_SHORT) {
    writeInt(writer, Number(value));
    return;
  }
  writeInt(writer, MARKER);
  writeInt(writer, Number(value & 0xffffffffn));
  writeInt(writer, Number((value >> 32n) & 0xffffffffn));
}

/** The sender's groups of hard links in a session (protocol 30 and later). */
export class HardLinkGroups {
  readonly #devices: Map<bigint, Map<bigint, number>> = new Map();

  /** Puts an entry of index `index` (sending order) into its group by `dev` and `inode`. */
  assign(entry: FileEntry, index: number): void {
    const extra = extraOf(entry);
    let inodes = this.#devices.get(extra.dev);
    if (inodes === undefined) {
      inodes = new Map();
      this.#devices.set(extra.dev, inodes);
    }
    const first = inodes.get(extra.inode);
    extra.hardLinkGroup = first ?? index;
    if (first !== undefined) return;
    inodes.set(extra.inode, index);
    entry.flags |= EntryFlag.HardLinkFirst;
  }
}

/**
 * Copies what an abbreviated entry (2.11.2) shares with the first of its group.
 * @throws ProtocolError when `first` does not start a group.
 */
export function copyHardLink(entry: FileEntry, first: FileEntry | undefined): void {
  if (first === undefined || !(first.flags & EntryFlag.HardLinkFirst)) {
    const name = JSON.stringify(entry.name);
    throw new ProtocolError(`hard link ${name}: expected the index of a group's first entry`);
  }
  entry.mode = first.mode;
  entry.size = first.size;
  entry.mtime = first.mtime;
  entry.mtimeNs = first.mtimeNs;
  entry.uid = first.uid;
  entry.gid = first.gid;
  if (first.extra === null) return;
  const extra = extraOf(entry);
  extra.linkTarget = first.extra.linkTarget;
  extra.rdevMajor = first.extra.rdevMajor;
  extra.rdevMinor = first.extra.rdevMinor;
  extra.checksum = first.extra.checksum;
  extra.atime = first.extra.atime;
  extra.crtime = first.extra.crtime;
}
