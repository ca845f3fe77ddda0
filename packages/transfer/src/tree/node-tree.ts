/**
 * `NodeTree`: a directory of the real file system as a {@link FileTree}. Synchronous.
 * @module
 */
import { closeSync, constants } from "node:fs";
import type { ByteString } from "@tsrsync/protocol/wire";
import { AT_FDCWD, type LinuxCalls, loadLinuxCalls, O_PATH } from "../linux/index.js";
import { CheckedTree, openCheckedRoot } from "./checked-tree.js";
import type { Confinement } from "./confinement.js";
import type {
  FileStat,
  FileTime,
  FileTree,
  LookOptions,
  ReadingOptions,
  SubtreeOptions,
  TemporaryStyle,
} from "./file-tree.js";
import { hasOpenat2, openat2Resolver, openResolver, walkResolver } from "./kernel-resolver.js";
import { KernelTree } from "./kernel-tree.js";
import type { NodeFile } from "./node-file.js";
import { treeError } from "./system-error.js";

/** A {@link FileTree} of the real file system: every method answers at once. */
export interface NodeTree extends FileTree {
  readonly synchronous: true;
  /**
   * Who guards the border. `"kernel"`: operations go by descriptors, so nobody can redirect one. `"checked"`: paths
   * are looked at before use, so that somebody who changes links between look and use can redirect an operation; for
   * trees that nobody else writes to.
   */
  readonly confinement: "kernel" | "checked";

  stat(path: ByteString, options?: LookOptions): FileStat | null;
  statFollowing(path: ByteString): FileStat | null;
  list(path: ByteString): ByteString[];
  readLink(path: ByteString): ByteString;
  open(path: ByteString, options?: ReadingOptions): NodeFile;
  openForUpdate(path: ByteString, mode: number, devicesToo?: boolean): NodeFile;
  createTemporary(path: ByteString, mode: number, style?: TemporaryStyle): NodeTemporaryFile;
  makeDirectory(path: ByteString, mode: number): void;
  makeSymlink(path: ByteString, target: ByteString): void;
  makeHardLink(path: ByteString, existing: ByteString): void;
  makeNode(path: ByteString, mode: number, rdevMajor: number, rdevMinor: number): void;
  rename(from: ByteString, to: ByteString): void;
  moveFrom(source: FileTree, from: ByteString, to: ByteString): void;
  linkFrom(source: FileTree, existing: ByteString, path: ByteString): void;
  removeFile(path: ByteString): void;
  removeDirectory(path: ByteString): void;
  setOwner(path: ByteString, uid: number, gid: number): void;
  setMode(path: ByteString, mode: number): void;
  setTimes(path: ByteString, atime: FileTime | null, mtime: FileTime): void;
  listAttributes(path: ByteString): ByteString[];
  getAttribute(path: ByteString, name: ByteString): Uint8Array | null;
  setAttribute(path: ByteString, name: ByteString, value: Uint8Array): void;
  removeAttribute(path: ByteString, name: ByteString): void;
  subtree(path: ByteString, options?: SubtreeOptions): NodeTree;
  close(): void;
}

/** A temporary file of a {@link NodeTree}. */
export interface NodeTemporaryFile {
  file: NodeFile;
  path: ByteString;
}

/** How a tree is opened. */
export interface OpenTreeOptions {
  /**
   * Whether links to directories that stay inside the tree are followed on the way to an item (a sender's tree, or a
   * receiver with --keep-dirlinks). Without, any link on the way is refused. An item that is itself a link is never
   * followed, but by `statFollowing`, `list` and `subtree` (the last two when this is set).
   */
  followLinks: boolean;
  /** Links that are followed may lead out of the tree, as the operator who made it wants it. */
  linksLeadOut?: boolean;
  /** For a directory of the operator: where it has to lie. */
  within?: Confinement | null;
  /**
   * By which means, for tests. Default is the best that works here: `openat2`, else `walk` (old kernels), else `paths`
   * (no koffi, or not Linux). Asking for one that does not work fails with ENOSYS.
   */
  means?: "openat2" | "walk" | "paths";
}

/**
 * Opens the directory `path`, absolute or relative to the working directory. Links on the way to it are followed
 * freely: this path is the operator's, not the peer's.
 * @throws TreeError ENOENT, ENOTDIR, EACCES.
 */
export function openTree(path: ByteString, options: OpenTreeOptions): NodeTree {
  if (path.includes("\0")) throw treeError("EINVAL", "open directory", path);
  const { followLinks, linksLeadOut = false, means } = options;
  const calls = means === "paths" ? null : loadLinuxCalls();
  if (calls !== null) return openKernelTree(calls, path, options);
  if (means === "openat2" || means === "walk") throw treeError("ENOSYS", "open directory", path);
  return new CheckedTree({ root: openCheckedRoot(path), followLinks, linksLeadOut });
}

function openKernelTree(calls: LinuxCalls, path: ByteString, options: OpenTreeOptions): NodeTree {
  const root = calls.openAt(AT_FDCWD, path, O_PATH | constants.O_DIRECTORY, 0);
  if (root < 0) throw treeError(-root, "open directory", path);
  return kernelTreeAt(calls, root, options);
}

/** The tree whose root is the directory behind the descriptor `root`, which it takes over. */
export function kernelTreeAt(calls: LinuxCalls, root: number, options: OpenTreeOptions): NodeTree {
  const { followLinks, means } = options;
  const openat2 = means !== "walk" && hasOpenat2(calls, root);
  if (means === "openat2" && !openat2) {
    closeSync(root);
    throw treeError("ENOSYS", "open directory", "");
  }
  const confined = openat2 ? openat2Resolver(calls) : walkResolver(calls);
  const resolve = options.linksLeadOut ? openResolver(calls, confined) : confined;
  return new KernelTree({ calls, root, resolve, followLinks });
}
