/**
 * A tree of the real file system by plain paths, for systems without koffi. Confinement is by looking before use, and
 * so can be raced; times lose what lies below a microsecond; devices, FIFOs and sockets can not be made, extended attributes
 * not reached.
 * @module
 */
import {
  chmodSync,
  constants,
  lchownSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmdirSync,
  statSync,
  symlinkSync,
  unlinkSync,
} from "node:fs";
import type { ByteString } from "@tsrsync/protocol/wire";
import { checkedPath, toNodePath } from "./checked-path.js";
import type {
  FileStat,
  FileTime,
  FileTree,
  ReadingOptions,
  SubtreeOptions,
  TemporaryStyle,
} from "./file-tree.js";
import { isDeviceMode, isDirectoryMode, isLinkMode, isRegularMode } from "./item-type.js";
import { NodeFile } from "./node-file.js";
import { accessTime, fromNodeStat, toNodeTime } from "./node-stat.js";
import type { NodeTemporaryFile, NodeTree } from "./node-tree.js";
import { errorCode, treeError } from "./system-error.js";
import {
  MAX_TEMPORARY_TRIES,
  randomSuffix,
  temporaryMode,
  temporaryPrefix,
} from "./temporary-name.js";
import { canonicalPath, directoryOf, joinPath, leafOf } from "./tree-path.js";
import type { WalkOptions } from "./walk.js";

const MODE_BITS = 0o7777;

/** Not on every system (Windows lacks them), where they are no flags then. */
const {
  O_NOFOLLOW = 0,
  O_NONBLOCK = 0,
  O_NOCTTY = 0,
  O_NOATIME = 0,
} = constants as Partial<typeof constants>;
const CAREFUL = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;

/**
 * The absolute path, without links, of a tree's root.
 * @throws TreeError ENOTDIR, or Node's system error ENOENT, EACCES.
 */
export function openCheckedRoot(path: ByteString): ByteString {
  if (path === "") throw treeError("ENOENT", "open directory", path); // for Node, the working directory
  const real = realpathSync(toNodePath(path), "latin1");
  if (!statSync(toNodePath(real)).isDirectory()) throw treeError("ENOTDIR", "open directory", path);
  return real === "/" ? "" : real;
}

/** What a tree is made from. */
export interface CheckedTreeParts {
  /** An absolute path without links, `""` for the system's root. */
  root: ByteString;
  followLinks: boolean;
  /** Links may lead out of the tree. */
  linksLeadOut: boolean;
  /** The tree around this one that links must not leave, and where in it this one lies. */
  outer?: { root: ByteString; path: ByteString };
}

/** See {@link NodeTree}. */
export class CheckedTree implements NodeTree {
  readonly synchronous = true;
  readonly confinement = "checked";
  readonly reachesAttributes = false;
  readonly #parts: CheckedTreeParts;

  constructor(parts: CheckedTreeParts) {
    this.#parts = parts;
  }

  /** The full path, without links, of what a canonical path leads to. */
  #resolve(path: ByteString, options: WalkOptions): ByteString {
    const { root, linksLeadOut, outer } = this.#parts;
    if (linksLeadOut && options.followLinks)
      return realpathSync(toNodePath(`${root}/${path}`), "latin1");
    if (outer === undefined || path === "") return checkedPath(root, path, options);
    return checkedPath(outer.root, joinPath(outer.path, path), options);
  }

  /** The full path of an item, which itself is not followed. */
  #item(path: ByteString): ReturnType<typeof toNodePath> {
    const canonical = canonicalPath(path);
    if (canonical === "") return toNodePath(this.#parts.root || "/");
    return toNodePath(`${this.#directory(directoryOf(canonical))}/${leafOf(canonical)}`);
  }

  #directory(path: ByteString): ByteString {
    const { followLinks } = this.#parts;
    return this.#resolve(canonicalPath(path), { followLinks, anyItem: false });
  }

  stat(path: ByteString): FileStat | null {
    return orNull(() => {
      // Most often the item itself is missing, and making an error costs more than the look.
      const stats = lstatSync(this.#item(path), { bigint: true, throwIfNoEntry: false });
      return stats === undefined ? null : fromNodeStat(stats);
    });
  }

  statFollowing(path: ByteString): FileStat | null {
    const stat = this.stat(path);
    if (stat === null || !isLinkMode(stat.mode)) return stat;
    return orNull(() => {
      const options = { followLinks: true, anyItem: true };
      const real = this.#resolve(canonicalPath(path), options);
      return fromNodeStat(lstatSync(toNodePath(real), { bigint: true }));
    });
  }

  list(path: ByteString): ByteString[] {
    return readdirSync(toNodePath(this.#directory(path) || "/"), "latin1");
  }

  readLink(path: ByteString): ByteString {
    return readlinkSync(this.#item(path), "latin1");
  }

  open(path: ByteString, options: ReadingOptions = {}): NodeFile {
    const { followsLink = false, leavesAccessTime = false, opensDevices = false } = options;
    const item = followsLink
      ? toNodePath(this.#resolve(canonicalPath(path), { followLinks: true, anyItem: true }))
      : this.#item(path);
    const flags = constants.O_RDONLY | CAREFUL;
    if (!leavesAccessTime) return this.#open("open", path, item, flags, 0, opensDevices);
    try {
      return this.#open("open", path, item, flags | O_NOATIME, 0, opensDevices);
    } catch (error) {
      // Only the owner of a file may read it without a trace.
      if (errorCode(error) !== "EPERM") throw error;
      return this.#open("open", path, item, flags, 0, opensDevices);
    }
  }

  openForUpdate(path: ByteString, mode: number, devicesToo = false): NodeFile {
    const flags = constants.O_WRONLY | constants.O_CREAT | CAREFUL;
    return this.#open(
      "open for update",
      path,
      this.#item(path),
      flags,
      mode & MODE_BITS,
      devicesToo,
    );
  }

  #open(
    operation: string,
    path: ByteString,
    item: ReturnType<typeof toNodePath>,
    flags: number,
    mode: number,
    devicesToo = false,
  ): NodeFile {
    const file = new NodeFile(openSync(item, flags, mode), null);
    const found = file.stat().mode;
    if (isRegularMode(found) || (devicesToo && isDeviceMode(found))) return file;
    file.close();
    throw treeError(isDirectoryMode(found) ? "EISDIR" : "EINVAL", operation, path);
  }

  createTemporary(
    path: ByteString,
    mode: number,
    style: TemporaryStyle = "hidden",
  ): NodeTemporaryFile {
    const canonical = canonicalPath(path);
    if (canonical === "") throw treeError("EINVAL", "create temporary file", path);
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | O_NOFOLLOW;
    const directory = directoryOf(canonical);
    const prefix = temporaryPrefix(leafOf(canonical), style);
    for (let tries = 0; tries < MAX_TEMPORARY_TRIES; tries++) {
      const temporary = joinPath(directory, prefix + randomSuffix());
      try {
        const descriptor = openSync(this.#item(temporary), flags, temporaryMode(mode));
        return { file: new NodeFile(descriptor, null), path: temporary };
      } catch (error) {
        if (errorCode(error) !== "EEXIST") throw error;
      }
    }
    throw treeError("EEXIST", "create temporary file", path);
  }

  makeDirectory(path: ByteString, mode: number): void {
    mkdirSync(this.#item(path), mode & MODE_BITS);
  }

  makeSymlink(path: ByteString, target: ByteString): void {
    if (target.includes("\0")) throw treeError("EINVAL", "make symlink", path);
    symlinkSync(toNodePath(target), this.#item(path));
  }

  makeHardLink(path: ByteString, existing: ByteString): void {
    this.linkFrom(this, existing, path);
  }

  linkFrom(source: FileTree, existing: ByteString, path: ByteString): void {
    if (!(source instanceof CheckedTree)) throw treeError("EXDEV", "make hard link", path);
    linkSync(source.#item(existing), this.#item(path));
  }

  makeNode(path: ByteString): never {
    throw treeError("ENOSYS", "make node", path);
  }

  rename(from: ByteString, to: ByteString): void {
    this.moveFrom(this, from, to);
  }

  moveFrom(source: FileTree, from: ByteString, to: ByteString): void {
    if (!(source instanceof CheckedTree)) throw treeError("EXDEV", "rename", to);
    renameSync(source.#item(from), this.#item(to));
  }

  removeFile(path: ByteString): void {
    unlinkSync(this.#item(path));
  }

  removeDirectory(path: ByteString): void {
    if (canonicalPath(path) === "") throw treeError("EINVAL", "remove directory", path);
    rmdirSync(this.#item(path));
  }

  setOwner(path: ByteString, uid: number, gid: number): void {
    lchownSync(this.#item(path), uid, gid);
  }

  setMode(path: ByteString, mode: number): void {
    const item = this.#item(path);
    if (lstatSync(item).isSymbolicLink()) throw treeError("ELOOP", "set mode", path);
    chmodSync(item, mode & MODE_BITS);
  }

  setTimes(path: ByteString, atime: FileTime | null, mtime: FileTime): void {
    const item = this.#item(path);
    const access = atime ?? accessTime(fromNodeStat(lstatSync(item, { bigint: true })));
    lutimesSync(item, toNodeTime(access), toNodeTime(mtime));
  }

  listAttributes(path: ByteString): never {
    throw treeError("ENOSYS", "list attributes", path);
  }

  getAttribute(path: ByteString): never {
    throw treeError("ENOSYS", "get attribute", path);
  }

  setAttribute(path: ByteString): never {
    throw treeError("ENOSYS", "set attribute", path);
  }

  removeAttribute(path: ByteString): never {
    throw treeError("ENOSYS", "remove attribute", path);
  }

  subtree(path: ByteString, options: SubtreeOptions = {}): CheckedTree {
    const root = this.#directory(path);
    const followLinks = options.followLinks ?? this.#parts.followLinks;
    const { linksLeadOut, outer } = this.#parts;
    if (!options.linksReachOuter) return new CheckedTree({ root, followLinks, linksLeadOut });
    const border = outer ?? { root: this.#parts.root, path: "" };
    const inner = { root: border.root, path: joinPath(border.path, canonicalPath(path)) };
    return new CheckedTree({ root, followLinks, linksLeadOut, outer: inner });
  }

  /** Does nothing: the tree holds only a path. */
  close(): void {}
}

function orNull<T>(look: () => T | null): T | null {
  try {
    return look();
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  }
}
