/**
 * `FileEntry`: what a file list knows of one item. A list may hold a million of them, so an entry is one object of nine
 * plain fields (about 150 bytes with its name); what few items have is in `extra`.
 * Spec: docs/protocol/2-file-list.md, 2.5.
 * @module
 */
import type { ByteString } from "../wire/index.js";
import type { WireAcl } from "./acl.js";
import type { XattrList } from "./xattr.js";

/** One item of a file list. */
export interface FileEntry {
  /** Path from the transfer root, without trailing slash; `.` is the root itself. */
  name: ByteString;
  /** Type bits (traditional Unix values) and permission bits; 0 asks to delete the item (2.5.6). */
  mode: number;
  /** Bytes; 0 for devices, FIFOs and sockets. */
  size: number;
  /** Seconds since 1970. */
  mtime: number;
  /** Nanoseconds, 0..999999999; 0 below protocol 31. */
  mtimeNs: number;
  uid: number;
  gid: number;
  /** A set of `EntryFlag` bits. */
  flags: number;
  extra: EntryExtra | null;
}

/** What few entries have. Each field has a value that says "not there". */
export interface EntryExtra {
  /** Of a symbolic link: 1 to 4095 bytes. */
  linkTarget: ByteString | null;
  rdevMajor: number;
  rdevMinor: number;
  /** Whole-file digest of a regular file, as bytes (`-c`). */
  checksum: ByteString | null;
  /** Transfer index of the first entry of the hard-link group, protocol 30 and later; else -1. */
  hardLinkGroup: number;
  /** Identifies the device of a hard-linked item: its number plus 1 (rsync 3.0.0: the number itself); else 0. */
  dev: bigint;
  inode: bigint;
  /** Seconds (`-U`). */
  atime: number;
  /** Creation time in seconds (`-N`). */
  crtime: number;
  /** Name of `uid`, only in the entry that announces it (2.9.1). */
  userName: ByteString | null;
  groupName: ByteString | null;
  /** `null` when the mode says everything. */
  accessAcl: WireAcl | null;
  /** `null` when the directory has none. */
  defaultAcl: WireAcl | null;
  /** Shared by all entries with the same list; `null` when there are none. */
  xattrs: XattrList | null;
}

/** Bits of `FileEntry.flags`. Bits from 0x10000 on are free for the roles. */
export const EntryFlag = {
  /** A directory whose contents are listed: what is not listed may be deleted. */
  ContentDir: 0x1,
  /** The root of an argument. */
  TopDir: 0x2,
  /** A directory that is only here because of `--relative`. */
  ImpliedDir: 0x4,
  /** Sender only: a mount point that `-x` does not enter. */
  MountDir: 0x8,
  /** One of several hard links. */
  HardLinked: 0x10,
  /** The first of its hard-link group in the session (protocol 30 and later). */
  HardLinkFirst: 0x20,
  /** A duplicate or a name that could not be converted: its index is taken, but there is no item. */
  Dropped: 0x40,
  /** Besides `Dropped`: the name could not be converted, but a sender that does not know may send what is in it. */
  Unnamed: 0x100,
  /** A directory whose own list was added to the `FileListSet`. */
  Listed: 0x80,
  /** Receiving side: the sender was asked for the file's data and has not answered yet. */
  Requested: 0x100,
} as const;

export type EntryFlag = (typeof EntryFlag)[keyof typeof EntryFlag];

/** Type bits of a mode. */
export const FileType = {
  Mask: 0o170000,
  Fifo: 0o010000,
  CharacterDevice: 0o020000,
  Directory: 0o040000,
  BlockDevice: 0o060000,
  Regular: 0o100000,
  Symlink: 0o120000,
  Socket: 0o140000,
} as const;

export type FileType = (typeof FileType)[keyof typeof FileType];

/** The one place where entries are made, so that they all share one shape. */
export function createEntry(
  name: ByteString,
  mode: number,
  size = 0,
  mtime = 0,
  mtimeNs = 0,
  uid = 0,
  gid = 0,
  flags = 0,
): FileEntry {
  return { name, mode, size, mtime, mtimeNs, uid, gid, flags, extra: null };
}

/** An `extra` in which nothing is there. */
export function createExtra(): EntryExtra {
  return {
    linkTarget: null,
    rdevMajor: 0,
    rdevMinor: 0,
    checksum: null,
    hardLinkGroup: -1,
    dev: 0n,
    inode: 0n,
    atime: 0,
    crtime: 0,
    userName: null,
    groupName: null,
    accessAcl: null,
    defaultAcl: null,
    xattrs: null,
  };
}

/** The entry's `extra`, made when it has none yet. */
export function extraOf(entry: FileEntry): EntryExtra {
  entry.extra ??= createExtra();
  return entry.extra;
}

export function isDirectory(entry: FileEntry): boolean {
  return isDirectoryMode(entry.mode);
}

export function isRegular(entry: FileEntry): boolean {
  return (entry.mode & FileType.Mask) === FileType.Regular;
}

export function isSymlink(entry: FileEntry): boolean {
  return (entry.mode & FileType.Mask) === FileType.Symlink;
}

/** A character or block device. */
export function isDevice(entry: FileEntry): boolean {
  return isDeviceMode(entry.mode);
}

/** A FIFO or a socket. */
export function isSpecial(entry: FileEntry): boolean {
  return isSpecialMode(entry.mode);
}

/** A requested name that the sender does not have: the item is to be deleted (`--delete-missing-args`). */
export function isMissingArgument(entry: FileEntry): boolean {
  return entry.mode === 0;
}

export function isDirectoryMode(mode: number): boolean {
  return (mode & FileType.Mask) === FileType.Directory;
}

export function isDeviceMode(mode: number): boolean {
  const type = mode & FileType.Mask;
  return type === FileType.CharacterDevice || type === FileType.BlockDevice;
}

export function isSpecialMode(mode: number): boolean {
  const type = mode & FileType.Mask;
  return type === FileType.Fifo || type === FileType.Socket;
}

/** The part after the last slash. */
export function basename(name: ByteString): ByteString {
  return name.slice(name.lastIndexOf("/") + 1);
}

/** The part before the last slash; `.` when there is none, `/` when it is the first byte. */
export function dirname(name: ByteString): ByteString {
  const slash = name.lastIndexOf("/");
  if (slash > 0) return name.slice(0, slash);
  return slash === 0 ? "/" : ".";
}
