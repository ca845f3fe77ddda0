/**
 * `FileTree`: the only way in which the roles reach files, and so the one place where confinement lives.
 *
 * A tree is rooted at a directory. Paths are `ByteString`s relative to the root, without leading slash; `""` and `"."`
 * are the root itself. No operation leaves the root, whatever links lie in it and whoever changes them meanwhile; one
 * that would is refused with code `ELOOP`. Absolute paths, `..`, empty components and zero bytes are refused with
 * `EINVAL`; `.` components are taken. On the way to an item, links that stay inside are followed or refused with `ELOOP`
 * as the tree was opened; an item that is itself a link is followed by `statFollowing`, and where links on the way are
 * followed also by `list` and `subtree`, which want a directory.
 *
 * Each method may answer at once or with a promise: the real tree is synchronous (a synchronous lstat costs a seventh of
 * an asynchronous one), other trees need not be. Failures are thrown as `TreeError` (or a Node system error of the same
 * shape): `code` is the errno name.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";

/** An answer now or later. */
export type Awaitable<T> = T | Promise<T>;

/** What a tree tells of an item. Times are seconds and nanoseconds since 1970. */
export interface FileStat {
  /** Type bits (traditional Unix values) and permission bits. */
  mode: number;
  size: number;
  mtime: number;
  mtimeNs: number;
  atime: number;
  atimeNs: number;
  uid: number;
  gid: number;
  nlink: number;
  dev: bigint;
  ino: bigint;
  rdevMajor: number;
  rdevMinor: number;
}

/** A moment to be set on an item. */
export interface FileTime {
  seconds: number;
  nanoseconds: number;
}

/**
 * Access to the extended attributes of one item. Names are whole, with their namespace (`user.x`); ACLs are the attributes
 * `system.posix_acl_access` and `system.posix_acl_default` as Linux has them. Fails with ENOTSUP where the file system
 * has no such attributes, with ENOSYS where we can not reach them.
 */
export interface ItemAttributes {
  /** In the order of the file system. */
  listAttributes(): Awaitable<ByteString[]>;
  /** The value, owned by the caller; `null` when there is no such attribute. */
  getAttribute(name: ByteString): Awaitable<Uint8Array | null>;
  /** Makes or replaces an attribute; the value is borrowed for the call. */
  setAttribute(name: ByteString, value: Uint8Array): Awaitable<void>;
  /** Does nothing when there is no such attribute. */
  removeAttribute(name: ByteString): Awaitable<void>;
}

/** An open regular file, or a device; a block device has the size of what it holds. Positions move as with read(2) and write(2). */
export interface TreeFile extends ItemAttributes {
  stat(): Awaitable<FileStat>;
  /** Fills `into` as far as the file goes; returns the count of bytes read, 0 at the end. */
  read(into: Uint8Array): Awaitable<number>;
  /** Fills the views in order (one system call where the system has it). */
  readv(views: readonly Uint8Array[]): Awaitable<number>;
  /** Reads at `position` without moving the current one. */
  readAt(into: Uint8Array, position: number): Awaitable<number>;
  /** Writes all of `bytes` at the current position. */
  write(bytes: Uint8Array): Awaitable<void>;
  /** Writes all of the views in order. */
  writev(views: readonly Uint8Array[]): Awaitable<void>;
  /** Writes all of `bytes` at `position` without moving the current one. */
  writeAt(bytes: Uint8Array, position: number): Awaitable<void>;
  /** A device stays as long as it is. */
  truncate(length: number): Awaitable<void>;
  /** Reserves space for the first `length` bytes; the size becomes at least that. ENOSYS, EOPNOTSUPP where there is no way. */
  allocate(length: number): Awaitable<void>;
  /** Makes `length` bytes zero that take no space; the size stays. ENOSYS, EOPNOTSUPP where there is no way. */
  punchHole(position: number, length: number): Awaitable<void>;
  setOwner(uid: number, gid: number): Awaitable<void>;
  setMode(mode: number): Awaitable<void>;
  /** `null` leaves the access time as it is. */
  setTimes(atime: FileTime | null, mtime: FileTime): Awaitable<void>;
  sync(): Awaitable<void>;
  close(): Awaitable<void>;
}

/** How a temporary file is called: beside its future place, or in a directory for such files. */
export type TemporaryStyle = "hidden" | "plain";

/** A new, exclusively created file beside its future place. */
export interface TemporaryFile {
  file: TreeFile;
  path: ByteString;
}

/** How a file is opened for reading. */
export interface ReadingOptions {
  /** The access time stays as it is, where the system grants us that. */
  leavesAccessTime?: boolean;
  /** A link at the end is followed, as by `statFollowing`. */
  followsLink?: boolean;
  /** Devices are opened as well. */
  opensDevices?: boolean;
}

/** What becomes of links in a tree inside a tree. */
export interface SubtreeOptions {
  /** As in the outer tree when not given. */
  followLinks?: boolean;
  /** Links that are followed may leave the inner tree as long as they stay in the outer one, which must stay open. */
  linksReachOuter?: boolean;
}

/** How `stat` looks. */
export interface LookOptions {
  /**
   * Who makes what is missing learns then that somebody else has removed the directory and made it again. Until then it may go
   * unnoticed for a millisecond, which saves a system call for each name that is missing.
   */
  mayLag?: boolean;
}

export interface FileTree {
  /** True when every method of the tree and of its files answers at once: data may then be read into shared buffers. */
  readonly synchronous: boolean;

  /**
   * Describes the item itself, not what a link points to; `null` when it does not exist, nor its directory. Where a
   * directory on the way is none, that is an error.
   */
  stat(path: ByteString, options?: LookOptions): Awaitable<FileStat | null>;
  /** Follows a link at the end as long as it stays inside the root; `null` when there is nothing. */
  statFollowing(path: ByteString): Awaitable<FileStat | null>;
  /** The names in a directory, in the order of the file system, without `.` and `..`. */
  list(path: ByteString): Awaitable<ByteString[]>;
  readLink(path: ByteString): Awaitable<ByteString>;

  /**
   * Opens a regular file for reading; a link at the end is refused with `ELOOP`, a directory with `EISDIR`, any other
   * thing with `EINVAL`.
   */
  open(path: ByteString, options?: ReadingOptions): Awaitable<TreeFile>;
  /**
   * Opens an existing regular file for writing in place, or creates it with `mode` less the umask. It can not be read
   * from: who needs what was there opens it a second time. A read-only file of one's own is opened too.
   */
  openForUpdate(path: ByteString, mode: number, devicesToo?: boolean): Awaitable<TreeFile>;
  /**
   * Creates a temporary file for `path` in the same directory, with mode (`mode` | 0200) & 0700, open for reading and
   * writing (spec 3-transfer, 8.2). In a directory that holds nothing else its name is not hidden behind a dot.
   */
  createTemporary(path: ByteString, mode: number, style?: TemporaryStyle): Awaitable<TemporaryFile>;

  /** The real tree takes the process's umask from `mode`; here as in `makeNode`. */
  makeDirectory(path: ByteString, mode: number): Awaitable<void>;
  makeSymlink(path: ByteString, target: ByteString): Awaitable<void>;
  makeHardLink(path: ByteString, existing: ByteString): Awaitable<void>;
  /** A device, FIFO or socket by the type bits of `mode`. */
  makeNode(path: ByteString, mode: number, rdevMajor: number, rdevMinor: number): Awaitable<void>;

  /** Moves an item, replacing what is at `to` (but not a directory by something else). */
  rename(from: ByteString, to: ByteString): Awaitable<void>;
  /** Moves an item of another tree here, as `rename`. EXDEV where that is another file system or kind of tree. */
  moveFrom(source: FileTree, from: ByteString, to: ByteString): Awaitable<void>;
  /** As `makeHardLink`, to an item of another tree; EXDEV as with `moveFrom`. */
  linkFrom(source: FileTree, existing: ByteString, path: ByteString): Awaitable<void>;
  removeFile(path: ByteString): Awaitable<void>;
  removeDirectory(path: ByteString): Awaitable<void>;

  /** Owner and group of the item itself; -1 leaves one as it is. */
  setOwner(path: ByteString, uid: number, gid: number): Awaitable<void>;
  /** Permission bits of the item; a link is refused with `ELOOP`. */
  setMode(path: ByteString, mode: number): Awaitable<void>;
  /** Times of the item itself, links included; `null` leaves the access time as it is. */
  setTimes(path: ByteString, atime: FileTime | null, mtime: FileTime): Awaitable<void>;

  /** False where extended attributes can not be reached at all, whatever the file system. */
  readonly reachesAttributes: boolean;
  /** Extended attributes of the item itself, links included: as `ItemAttributes` has them. */
  listAttributes(path: ByteString): Awaitable<ByteString[]>;
  getAttribute(path: ByteString, name: ByteString): Awaitable<Uint8Array | null>;
  setAttribute(path: ByteString, name: ByteString, value: Uint8Array): Awaitable<void>;
  removeAttribute(path: ByteString, name: ByteString): Awaitable<void>;

  /** A tree rooted at a directory of this one; nothing below can reach outside of it, but as `options` say. */
  subtree(path: ByteString, options?: SubtreeOptions): Awaitable<FileTree>;
  /** Releases what the tree holds open. */
  close(): Awaitable<void>;
}

/** A failed operation of a tree: `code` is the errno name, `errno` its (positive) number. */
export class TreeError extends Error {
  readonly code: string;
  readonly errno: number;

  constructor(code: string, errno: number, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "TreeError";
    this.code = code;
    this.errno = errno;
  }
}
