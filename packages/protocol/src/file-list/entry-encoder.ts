/**
 * Writing entries. Spec: docs/protocol/2-file-list.md, 2.5.3.
 *
 * All flags are found first, then the fields are written in their order. The running state (2.5.1) moves on while the
 * flags are found.
 * @module
 */
import {
  type ByteString,
  reserve,
  storeByteString,
  type Writer,
  writeByte,
  writeInt,
  writeLongint,
  writeVarint,
  writeVarlong,
} from "../wire/index.js";
import { AclWriter } from "./acl.js";
import type { AnnouncedIds } from "./announced-ids.js";
import { packDevice } from "./device-number.js";
import { directoryToWire } from "./directory-flags.js";
import { MAX_PATH, MAX_SHARED } from "./entry-name.js";
import {
  createExtra,
  type EntryExtra,
  EntryFlag,
  type FileEntry,
  FileType,
  isDeviceMode,
  isDirectoryMode,
  isSpecialMode,
} from "./file-entry.js";
import { writeOpaqueLongint } from "./hard-link.js";
import { carriesChecksum, type ListOptions } from "./list-options.js";
import { escapeEmpty, type FlagForm, flagFormOf, WireFlag, writeWireFlags } from "./wire-flags.js";
import { XattrWriter } from "./xattr.js";

/** No field has this value, so nothing is the same as it. */
const UNKNOWN = -1;
const NOTHING: EntryExtra = createExtra();
const LINKED = WireFlag.HardLinked | WireFlag.HardLinkFirst;

/** The texts of an entry in the wire's charset. */
export interface WireTexts {
  readonly name: ByteString;
  /** Of a symbolic link. */
  readonly target: ByteString | null;
}

/** Encodes the entries of one direction of a session. */
export class EntryEncoder {
  readonly #options: ListOptions;
  readonly #protocol: number;
  readonly #flagForm: FlagForm;
  readonly #users: AnnouncedIds;
  readonly #groups: AnnouncedIds;
  readonly #acls: AclWriter;
  readonly #xattrs: XattrWriter = new XattrWriter();
  #name: ByteString = "";
  #mode = 0;
  #mtime = 0;
  #atime = 0;
  // The first entry of a session always carries its ids.
  #uid = UNKNOWN;
  #gid = UNKNOWN;
  #rdevMajor = 0;
  /** Before protocol 28, the number of the device before this entry, else 0. */
  #rdev = 0;
  #dev = -1n;
  /** Names to go with the ids of the entry being written. */
  #userName: ByteString | null = null;
  #groupName: ByteString | null = null;

  constructor(options: ListOptions, users: AnnouncedIds, groups: AnnouncedIds) {
    this.#options = options;
    this.#protocol = options.protocol;
    this.#flagForm = flagFormOf(options);
    this.#users = users;
    this.#groups = groups;
    this.#acls = new AclWriter(users, groups, options.inc);
  }

  /**
   * Writes an entry under the name and with the link target of `wire`. `first` is the first entry of its hard-link group if that is in the same
   * list: then the receiver copies the fields from there, and what this entry says does not count.
   * @throws RangeError for a name or a value that has no encoding.
   */
  encode(writer: Writer, entry: FileEntry, wire: WireTexts, first: FileEntry | null): void {
    const wireName = wire.name;
    if (wireName === "" || wireName.length >= MAX_PATH) {
      throw new RangeError(`name: expected 1..${MAX_PATH - 1} bytes, got ${wireName.length}`);
    }
    const source = first ?? entry;
    let extra = source.extra ?? NOTHING;
    if (first === null && wire.target !== extra.linkTarget) {
      extra = { ...extra, linkTarget: wire.target };
    }
    const { mode } = source;
    const directory = isDirectoryMode(mode);
    const shared = sharedPrefix(this.#name, wireName);
    this.#name = wireName;
    let flags = this.#hardLinkFlags(entry) | this.#commonFlags(source, directory);
    flags |= this.#ownerFlags(source) | this.#rareFlags(source, extra, directory);
    if (shared > 0) flags |= WireFlag.SameName;
    if (wireName.length - shared > 0xff) flags |= WireFlag.LongName;
    flags = escapeEmpty(flags, this.#flagForm, directory);

    writeWireFlags(writer, flags, this.#flagForm);
    this.#writeName(writer, flags, wireName, shared);
    if (this.#protocol >= 30 && (flags & LINKED) === WireFlag.HardLinked) {
      writeVarint(writer, entry.extra!.hardLinkGroup);
    }
    if (first === null) this.#writeBody(writer, flags, source, extra);
    const { acls, xattrs } = this.#options;
    if (acls && (mode & FileType.Mask) !== FileType.Symlink) {
      this.#acls.write(writer, entry, directory);
    }
    if (xattrs) this.#xattrs.write(writer, entry);
  }

  #hardLinkFlags(entry: FileEntry): number {
    if (this.#protocol < 28) return 0;
    if (!(entry.flags & EntryFlag.HardLinked) || !this.#options.hardLinks) return 0;
    const extra = entry.extra!;
    if (this.#protocol >= 30) {
      return entry.flags & EntryFlag.HardLinkFirst ? LINKED : WireFlag.HardLinked;
    }
    const same = extra.dev === this.#dev;
    this.#dev = extra.dev;
    return same ? WireFlag.HardLinked | WireFlag.SameDev : WireFlag.HardLinked;
  }

  #commonFlags(entry: FileEntry, directory: boolean): number {
    let flags = directory ? directoryToWire(entry.flags, this.#protocol) : 0;
    if (entry.mode === this.#mode) flags |= WireFlag.SameMode;
    this.#mode = entry.mode;
    if (entry.mtime === this.#mtime) flags |= WireFlag.SameTime;
    this.#mtime = entry.mtime;
    if (entry.mtimeNs !== 0 && this.#protocol >= 31) flags |= WireFlag.ModNsec;
    return flags;
  }

  #ownerFlags(entry: FileEntry): number {
    const { preserveUid, preserveGid, inc } = this.#options;
    let flags = 0;
    if (!preserveUid || entry.uid === this.#uid) flags |= WireFlag.SameUid;
    else {
      this.#uid = entry.uid;
      this.#userName = this.#users.announce(entry.uid);
      if (inc && this.#userName !== null) flags |= WireFlag.UserNameFollows;
    }
    if (!preserveGid || entry.gid === this.#gid) flags |= WireFlag.SameGid;
    else {
      this.#gid = entry.gid;
      this.#groupName = this.#groups.announce(entry.gid);
      if (inc && this.#groupName !== null) flags |= WireFlag.GroupNameFollows;
    }
    return flags;
  }

  #rareFlags(entry: FileEntry, extra: EntryExtra, directory: boolean): number {
    let flags = 0;
    if (this.#options.atimes && !directory) {
      if (extra.atime === this.#atime && this.#protocol >= 28) flags |= WireFlag.SameAtime;
      this.#atime = extra.atime;
    }
    if (this.#options.crtimes && extra.crtime === entry.mtime) flags |= WireFlag.CrtimeEqMtime;
    if (this.#carriesRdev(entry.mode)) flags |= this.#rdevFlags(entry, extra);
    else this.#rdev = 0;
    return flags;
  }

  #rdevFlags(entry: FileEntry, extra: EntryExtra): number {
    if (this.#protocol < 28) return this.#oldRdevFlag(entry, extra);
    let flags = 0;
    // A special has no number; the cheapest form of one is sent.
    const special = isSpecialMode(entry.mode);
    if (special || extra.rdevMajor === this.#rdevMajor) flags |= WireFlag.SameRdevMajor;
    else this.#rdevMajor = extra.rdevMajor;
    if (this.#protocol < 30 && (special || extra.rdevMinor <= 0xff)) flags |= WireFlag.RdevMinor8;
    return flags;
  }

  #oldRdevFlag(entry: FileEntry, extra: EntryExtra): number {
    const rdev = packDevice(extra.rdevMajor, extra.rdevMinor);
    if (isSpecialMode(entry.mode) || rdev === this.#rdev) return WireFlag.SameRdev;
    this.#rdev = rdev;
    return 0;
  }

  #carriesRdev(mode: number): boolean {
    if (isDeviceMode(mode)) return this.#options.devices;
    return this.#protocol < 31 && this.#options.specials && isSpecialMode(mode);
  }

  #writeName(writer: Writer, flags: number, name: ByteString, shared: number): void {
    const count = name.length - shared;
    if (flags & WireFlag.SameName) writeByte(writer, shared);
    if (!(flags & WireFlag.LongName)) writeByte(writer, count);
    else if (this.#protocol < 30) writeInt(writer, count);
    else writeVarint(writer, count);
    const start = reserve(writer, count);
    const { bytes } = writer;
    for (let i = 0; i < count; i++) bytes[start + i] = name.charCodeAt(shared + i);
  }

  /** Rows 6 to 19. */
  #writeBody(writer: Writer, flags: number, entry: FileEntry, extra: EntryExtra): void {
    const { mode } = entry;
    const old = this.#protocol < 30;
    if (old) writeLongint(writer, entry.size);
    else writeVarlong(writer, entry.size, 3);
    if (!(flags & WireFlag.SameTime)) {
      if (old) writeInt(writer, entry.mtime | 0);
      else writeVarlong(writer, entry.mtime, 4);
    }
    if (flags & WireFlag.ModNsec) writeVarint(writer, entry.mtimeNs);
    if (this.#options.crtimes && !(flags & WireFlag.CrtimeEqMtime)) {
      writeVarlong(writer, extra.crtime, 4);
    }
    if (!(flags & WireFlag.SameMode)) writeInt(writer, mode);
    if (this.#options.atimes && !isDirectoryMode(mode) && !(flags & WireFlag.SameAtime)) {
      writeVarlong(writer, extra.atime, 4);
    }
    if (old) {
      if (!(flags & WireFlag.SameUid)) writeInt(writer, entry.uid);
      if (!(flags & WireFlag.SameGid)) writeInt(writer, entry.gid);
    } else {
      this.#writeNamedIds(writer, flags, entry);
    }
    const type = mode & FileType.Mask;
    if (type !== FileType.Regular && type !== FileType.Directory) {
      this.#writeSpecialType(writer, flags, entry, extra, old);
    }
    if (old && this.#carriesInode(flags, type)) {
      if (!(flags & WireFlag.SameDev)) writeOpaqueLongint(writer, extra.dev);
      writeOpaqueLongint(writer, extra.inode);
    }
    if (carriesChecksum(this.#options, type)) {
      writeChecksum(writer, extra.checksum, this.#options.checksumLength);
    }
  }

  #carriesInode(flags: number, type: number): boolean {
    if (this.#protocol >= 28) return (flags & WireFlag.HardLinked) !== 0;
    return this.#options.hardLinks && type === FileType.Regular;
  }

  #writeNamedIds(writer: Writer, flags: number, entry: FileEntry): void {
    if (!(flags & WireFlag.SameUid)) {
      writeVarint(writer, entry.uid | 0);
      if (flags & WireFlag.UserNameFollows) writeIdName(writer, this.#userName!);
    }
    if (!(flags & WireFlag.SameGid)) {
      writeVarint(writer, entry.gid | 0);
      if (flags & WireFlag.GroupNameFollows) writeIdName(writer, this.#groupName!);
    }
  }

  /** Rows 14 to 16. */
  #writeSpecialType(
    writer: Writer,
    flags: number,
    entry: FileEntry,
    extra: EntryExtra,
    old: boolean,
  ): void {
    const { mode } = entry;
    if (this.#carriesRdev(mode) && this.#protocol < 28) {
      if (!(flags & WireFlag.SameRdev)) writeInt(writer, this.#rdev);
    } else if (this.#carriesRdev(mode)) {
      const minor = isSpecialMode(mode) ? 0 : extra.rdevMinor;
      if (!(flags & WireFlag.SameRdevMajor)) writeWord(writer, extra.rdevMajor, old);
      if (flags & WireFlag.RdevMinor8 && old) writeByte(writer, minor);
      else writeWord(writer, minor, old);
    }
    if (this.#options.preserveLinks && (mode & FileType.Mask) === FileType.Symlink) {
      writeLinkTarget(writer, entry.name, extra.linkTarget, old);
    }
  }
}

/** A 32-bit number: int below protocol 30, varint from then on. */
function writeWord(writer: Writer, value: number, old: boolean): void {
  if (old) writeInt(writer, value);
  else writeVarint(writer, value | 0);
}

function writeLinkTarget(
  writer: Writer,
  name: ByteString,
  target: ByteString | null,
  old: boolean,
): void {
  if (target === null || target === "" || target.length >= MAX_PATH) {
    const length = target?.length ?? 0;
    throw new RangeError(
      `link target of ${name}: expected 1..${MAX_PATH - 1} bytes, got ${length}`,
    );
  }
  writeWord(writer, target.length, old);
  const start = reserve(writer, target.length);
  storeByteString(writer.bytes, start, target);
}

function writeIdName(writer: Writer, name: ByteString): void {
  writeByte(writer, name.length);
  const start = reserve(writer, name.length);
  storeByteString(writer.bytes, start, name);
}

/** A file that could not be read has a checksum of zero bytes. */
function writeChecksum(writer: Writer, checksum: ByteString | null, length: number): void {
  const digest = checksum ?? "\0".repeat(length);
  if (digest.length !== length) {
    throw new RangeError(`checksum: expected ${length} bytes, got ${digest.length}`);
  }
  const start = reserve(writer, length);
  storeByteString(writer.bytes, start, digest);
}

function sharedPrefix(previous: ByteString, name: ByteString): number {
  const limit = Math.min(previous.length, name.length, MAX_SHARED);
  let shared = 0;
  while (shared < limit && previous.charCodeAt(shared) === name.charCodeAt(shared)) shared++;
  return shared;
}
