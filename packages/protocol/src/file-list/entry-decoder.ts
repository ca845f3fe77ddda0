/**
 * Reading entries. Spec: docs/protocol/2-file-list.md, 2.5.3.
 *
 * Fields are read straight into the new entry. What the next entry builds on (the running state, 2.5.1) moves on only
 * when the entry is complete, so after an underflow the same bytes can be read again.
 * @module
 */
import { ExitCode, ProtocolError } from "../errors.js";
import {
  type Cursor,
  decodeByteString,
  readByte,
  readInt,
  readLongint,
  readVarint,
  readVarintIn,
  readVarlong,
  take,
} from "../wire/index.js";
import { AclReader } from "./acl.js";
import { unpackDevice } from "./device-number.js";
import {
  type ContentInference,
  createContentInference,
  directoryFromWire,
  inferDirectory,
} from "./directory-flags.js";
import { cleanName, MAX_PATH, NameReader } from "./entry-name.js";
import {
  createEntry,
  EntryFlag,
  extraOf,
  type FileEntry,
  FileType,
  isDeviceMode,
  isDirectoryMode,
  isSpecialMode,
} from "./file-entry.js";
import { copyHardLink, readOpaqueLongint } from "./hard-link.js";
import { carriesChecksum, type ListOptions } from "./list-options.js";
import { WireFlag } from "./wire-flags.js";
import { XattrReader } from "./xattr.js";

const MAX_NANOSECONDS = 999_999_999;
const MODE_BITS = FileType.Mask | 0o7777;

/** Decodes the entries of one direction of a session. */
export class EntryDecoder {
  readonly #options: ListOptions;
  readonly #protocol: number;
  readonly #names: NameReader = new NameReader();
  readonly #acls: AclReader = new AclReader();
  readonly #xattrs: XattrReader = new XattrReader();
  readonly #content: ContentInference = createContentInference();
  /** Indexes of the first entries of all groups of hard links so far. */
  readonly #groups: Set<number> = new Set();
  #mode = 0;
  #mtime = 0;
  #atime = 0;
  #uid = 0;
  #gid = 0;
  #rdevMajor = 0;
  /** Before protocol 28 it goes with the major. */
  #rdevMinor = 0;
  #dev = 0n;

  constructor(options: ListOptions) {
    this.#options = options;
    this.#protocol = options.protocol;
  }

  /**
   * Reads the entry that follows `wireFlags`. `siblings` are the entries of the same list so far, `firstIndex` is the
   * index of the first of them.
   * @throws ProtocolError for all that 2.8.1 refuses.
   */
  decode(
    cursor: Cursor,
    wireFlags: number,
    firstIndex: number,
    siblings: readonly FileEntry[],
  ): FileEntry {
    const names = this.#names;
    names.read(cursor, wireFlags, this.#protocol);
    const wireName = names.wireName();
    const name = names.isClean() ? wireName : cleanName(wireName, this.#options.relative);
    const entry = createEntry(name, this.#mode);
    const first = this.#readGroup(cursor, wireFlags, entry, firstIndex, siblings.length);
    if (first >= firstIndex) copyHardLink(entry, siblings[first - firstIndex]);
    else this.#readBody(cursor, wireFlags, entry);
    this.#readAttributes(cursor, entry);
    if (isDirectoryMode(entry.mode)) {
      entry.flags = this.#directoryFlags(wireFlags, wireName);
    } else {
      if (name === "." || name === "/.")
        throw refuse(entry, "rejecting non-directory transfer-root entry");
      this.#setHardLinkFlags(wireFlags, entry, firstIndex + siblings.length);
    }
    this.#commit(entry);
    return entry;
  }

  /** Row 5: the index of the group's first entry, or -1. */
  #readGroup(
    cursor: Cursor,
    wireFlags: number,
    entry: FileEntry,
    firstIndex: number,
    count: number,
  ): number {
    if (this.#protocol < 30) return -1;
    if ((wireFlags & (WireFlag.HardLinked | WireFlag.HardLinkFirst)) !== WireFlag.HardLinked) {
      return -1;
    }
    const group = readVarintIn(cursor, "hard-link group", 0, firstIndex + count - 1);
    if (group < firstIndex && !this.#groups.has(group)) {
      const what = `hard-link gnum ${group} precedes flist start ${firstIndex}`;
      throw refuse(entry, `${what} and starts no group`);
    }
    extraOf(entry).hardLinkGroup = group;
    return group;
  }

  #setHardLinkFlags(wireFlags: number, entry: FileEntry, index: number): void {
    if (this.#protocol < 30) {
      if (this.#carriesInode(wireFlags, entry.mode)) entry.flags |= EntryFlag.HardLinked;
      return;
    }
    if (!(wireFlags & WireFlag.HardLinked)) return;
    entry.flags |= EntryFlag.HardLinked;
    if (!(wireFlags & WireFlag.HardLinkFirst)) return;
    entry.flags |= EntryFlag.HardLinkFirst;
    extraOf(entry).hardLinkGroup = index;
  }

  /** Rows 6 to 19. */
  #readBody(cursor: Cursor, wireFlags: number, entry: FileEntry): void {
    const old = this.#protocol < 30;
    entry.size = old ? readLongint(cursor) : readVarlong(cursor, 3);
    if (entry.size < 0) {
      throw refuse(entry, `size: expected 0 or more, got ${entry.size}`, ExitCode.Unsupported);
    }
    this.#readTimes(cursor, wireFlags, entry, old);
    if (!(wireFlags & WireFlag.SameMode)) entry.mode = readInt(cursor);
    this.#checkMode(entry);
    if (this.#options.atimes && !isDirectoryMode(entry.mode)) {
      const same = wireFlags & WireFlag.SameAtime;
      extraOf(entry).atime = same ? this.#atime : readVarlong(cursor, 4);
    }
    if (old) this.#readPlainIds(cursor, wireFlags, entry);
    else this.#readNamedIds(cursor, wireFlags, entry);
    const type = entry.mode & FileType.Mask;
    if (type !== FileType.Regular && type !== FileType.Directory) {
      this.#readSpecialType(cursor, wireFlags, entry, old);
    }
    if (old && this.#carriesInode(wireFlags, entry.mode)) {
      const extra = extraOf(entry);
      extra.dev = wireFlags & WireFlag.SameDev ? this.#dev : readOpaqueLongint(cursor);
      extra.inode = readOpaqueLongint(cursor);
    }
    if (carriesChecksum(this.#options, type)) {
      const { checksumLength } = this.#options;
      const start = take(cursor, checksumLength);
      if (type === FileType.Regular) {
        extraOf(entry).checksum = decodeByteString(cursor.bytes, start, start + checksumLength);
      }
    }
  }

  /** Protocol 28 and 29: what is marked. Before: any regular file. */
  #carriesInode(wireFlags: number, mode: number): boolean {
    if (!this.#options.hardLinks) return false;
    if (this.#protocol < 28) return (mode & FileType.Mask) === FileType.Regular;
    return (wireFlags & WireFlag.HardLinked) !== 0;
  }

  /** Rows 7 to 9. */
  #readTimes(cursor: Cursor, wireFlags: number, entry: FileEntry, old: boolean): void {
    if (wireFlags & WireFlag.SameTime) entry.mtime = this.#mtime;
    else entry.mtime = old ? readInt(cursor) >>> 0 : readVarlong(cursor, 4);
    if (wireFlags & WireFlag.ModNsec && this.#protocol >= 31) {
      entry.mtimeNs = readVarintIn(cursor, "nanoseconds", 0, MAX_NANOSECONDS);
    }
    if (this.#options.crtimes) {
      const same = wireFlags & WireFlag.CrtimeEqMtime;
      extraOf(entry).crtime = same ? entry.mtime : readVarlong(cursor, 4);
    }
  }

  #checkMode(entry: FileEntry): void {
    const { mode } = entry;
    if (mode === 0 && this.#options.deleteMissingArgs) return;
    if ((mode & ~MODE_BITS) === 0 && isKnownType(mode & FileType.Mask)) return;
    throw refuse(entry, `mode: expected a known file type, got 0${(mode >>> 0).toString(8)}`);
  }

  #readPlainIds(cursor: Cursor, wireFlags: number, entry: FileEntry): void {
    const { preserveUid, preserveGid } = this.#options;
    entry.uid = this.#uid;
    entry.gid = this.#gid;
    if (preserveUid && !(wireFlags & WireFlag.SameUid)) entry.uid = readInt(cursor) >>> 0;
    if (preserveGid && !(wireFlags & WireFlag.SameGid)) entry.gid = readInt(cursor) >>> 0;
  }

  #readNamedIds(cursor: Cursor, wireFlags: number, entry: FileEntry): void {
    const { preserveUid, preserveGid } = this.#options;
    entry.uid = this.#uid;
    entry.gid = this.#gid;
    if (preserveUid && !(wireFlags & WireFlag.SameUid)) {
      entry.uid = readVarint(cursor) >>> 0;
      if (wireFlags & WireFlag.UserNameFollows) extraOf(entry).userName = readIdName(cursor);
    }
    if (preserveGid && !(wireFlags & WireFlag.SameGid)) {
      entry.gid = readVarint(cursor) >>> 0;
      if (wireFlags & WireFlag.GroupNameFollows) extraOf(entry).groupName = readIdName(cursor);
    }
  }

  /** Rows 14 to 16. */
  #readSpecialType(cursor: Cursor, wireFlags: number, entry: FileEntry, old: boolean): void {
    if (this.#carriesRdev(entry.mode)) this.#readRdev(cursor, wireFlags, entry, old);
    if ((entry.mode & FileType.Mask) !== FileType.Symlink || !this.#options.preserveLinks) return;
    const length = old ? readInt(cursor) : readVarint(cursor);
    if (length < 1 || length >= MAX_PATH) {
      const what = `link target length: expected 1..${MAX_PATH - 1}, got ${length}`;
      throw refuse(entry, what, ExitCode.OutOfMemory);
    }
    const start = take(cursor, length);
    const target = decodeByteString(cursor.bytes, start, start + length);
    if (target.includes("\0")) throw refuse(entry, "link target has a NUL byte");
    extraOf(entry).linkTarget = target;
  }

  #readRdev(cursor: Cursor, wireFlags: number, entry: FileEntry, old: boolean): void {
    const extra = extraOf(entry);
    if (this.#protocol < 28) {
      const same = wireFlags & WireFlag.SameRdev;
      const rdev = same ? null : unpackDevice(readInt(cursor));
      extra.rdevMajor = rdev?.major ?? this.#rdevMajor;
      extra.rdevMinor = rdev?.minor ?? this.#rdevMinor;
      return;
    }
    if (wireFlags & WireFlag.SameRdevMajor) extra.rdevMajor = this.#rdevMajor;
    else extra.rdevMajor = (old ? readInt(cursor) : readVarint(cursor)) >>> 0;
    if (!old) extra.rdevMinor = readVarint(cursor) >>> 0;
    else if (wireFlags & WireFlag.RdevMinor8) extra.rdevMinor = readByte(cursor);
    else extra.rdevMinor = readInt(cursor) >>> 0;
  }

  #carriesRdev(mode: number): boolean {
    if (isDeviceMode(mode)) return this.#options.devices;
    return this.#protocol < 31 && this.#options.specials && isSpecialMode(mode);
  }

  /** Rows 20 to 22. */
  #readAttributes(cursor: Cursor, entry: FileEntry): void {
    const { acls, xattrs } = this.#options;
    if (acls && (entry.mode & FileType.Mask) !== FileType.Symlink) {
      this.#acls.read(cursor, entry, isDirectoryMode(entry.mode));
    }
    if (xattrs) this.#xattrs.read(cursor, entry);
  }

  #directoryFlags(wireFlags: number, wireName: string): number {
    if (this.#protocol >= 30) return directoryFromWire(wireFlags);
    return inferDirectory(this.#content, wireFlags, wireName, this.#names.shared, this.#options);
  }

  #commit(entry: FileEntry): void {
    const { mode, extra } = entry;
    this.#names.commit();
    this.#mode = mode;
    this.#mtime = entry.mtime;
    this.#uid = entry.uid;
    this.#gid = entry.gid;
    if (this.#options.acls) this.#acls.commit();
    if (this.#protocol < 28) this.#commitRdev(entry);
    if (extra === null) return;
    if (entry.flags & EntryFlag.HardLinkFirst) this.#groups.add(extra.hardLinkGroup);
    if (this.#options.atimes && !isDirectoryMode(mode)) this.#atime = extra.atime;
    if (this.#protocol >= 28 && this.#carriesRdev(mode)) this.#rdevMajor = extra.rdevMajor;
    if (this.#protocol < 30 && entry.flags & EntryFlag.HardLinked) this.#dev = extra.dev;
  }

  /** Before protocol 28 only the device just before counts. */
  #commitRdev({ mode, extra }: FileEntry): void {
    const carries = this.#carriesRdev(mode);
    this.#rdevMajor = carries ? extra!.rdevMajor : 0;
    this.#rdevMinor = carries ? extra!.rdevMinor : 0;
  }
}

function readIdName(cursor: Cursor): string {
  const length = readByte(cursor);
  const start = take(cursor, length);
  return decodeByteString(cursor.bytes, start, start + length);
}

function isKnownType(type: number): boolean {
  switch (type) {
    case FileType.Regular:
    case FileType.Directory:
    case FileType.Symlink:
    case FileType.CharacterDevice:
    case FileType.BlockDevice:
    case FileType.Fifo:
    case FileType.Socket:
      return true;
    default:
      return false;
  }
}

function refuse(
  entry: FileEntry,
  what: string,
  exitCode: number = ExitCode.Protocol,
): ProtocolError {
  return new ProtocolError(`entry ${JSON.stringify(entry.name)}: ${what}`, { exitCode });
}
