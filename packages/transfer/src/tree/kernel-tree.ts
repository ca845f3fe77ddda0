/**
 * A tree of the real file system that the kernel confines: parents are resolved by openat2 (or by hand on held
 * descriptors), items are reached by their name in an open directory and never through a link.
 * @module
 */
import { closeSync, constants } from "node:fs";
import { constants as system } from "node:os";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { LinuxCalls } from "../linux/index.js";
import type {
  FileStat,
  FileTime,
  FileTree,
  LookOptions,
  ReadingOptions,
  SubtreeOptions,
  TemporaryStyle,
} from "./file-tree.js";
import { isLinkMode } from "./item-type.js";
import {
  getAttributeAt,
  listAttributesAt,
  removeAttributeAt,
  setAttributeAt,
} from "./kernel-attributes.js";
import { KernelDirectories } from "./kernel-directories.js";
import { setModeWithoutFollowing } from "./kernel-mode.js";
import {
  createTemporaryAt,
  openForReadingAt,
  openForUpdateAt,
  openHeldForReading,
} from "./kernel-open.js";
import type { Resolver } from "./kernel-resolver.js";
import { NodeFile } from "./node-file.js";
import type { NodeTemporaryFile, NodeTree } from "./node-tree.js";
import { treeError } from "./system-error.js";
import { canonicalPath, directoryOf, joinPath } from "./tree-path.js";

const ENOENT = -system.errno.ENOENT;
const ENODATA = -system.errno.ENODATA;

/** A call on a name in an open directory; returns a result or a negated errno. */
type Call = (directory: number, name: ByteString) => number;

/** What a tree is made from. */
export interface KernelTreeParts {
  calls: LinuxCalls;
  /** The descriptor of the root, which the tree takes over. */
  root: number;
  resolve: Resolver;
  followLinks: boolean;
  /** The tree around this one that links must not leave, by its root, and where in it this one lies. */
  outer?: { root: number; path: ByteString };
}

/** See {@link NodeTree}. */
export class KernelTree implements NodeTree {
  readonly synchronous = true;
  readonly confinement = "kernel";
  readonly reachesAttributes = true;
  readonly #parts: KernelTreeParts;
  readonly #calls: LinuxCalls;
  readonly #directories: KernelDirectories;
  /** From the border that links must not cross. */
  readonly #resolve: Resolver;
  #closed = false;

  constructor(parts: KernelTreeParts) {
    const { calls, root, resolve, followLinks, outer } = parts;
    this.#parts = parts;
    this.#calls = calls;
    this.#resolve =
      outer === undefined
        ? resolve
        : (_, path, how) => resolve(outer.root, joinPath(outer.path, path), how);
    this.#directories = new KernelDirectories(calls, root, this.#resolve, followLinks);
  }

  /** Makes `call` on the item at `path`; returns what it returned, or the negated errno of its parent's resolution. */
  #attempt(path: ByteString, call: Call): number {
    const outcome = this.#attemptOnce(path, call);
    if (outcome !== ENOENT || !this.#directories.lastIsGone()) return outcome;
    return this.#attemptOnce(path, call);
  }

  #attemptOnce(path: ByteString, call: Call): number {
    const directory = this.#directories.enter(path);
    return directory < 0 ? directory : call(directory, this.#directories.leaf);
  }

  /** As `#attempt`, but throws what failed. */
  #perform(operation: string, path: ByteString, call: Call): number {
    const outcome = this.#attempt(path, call);
    if (outcome < 0) throw treeError(-outcome, operation, path);
    return outcome;
  }

  stat(path: ByteString, { mayLag = false }: LookOptions = {}): FileStat | null {
    const { statAt, result } = this.#calls;
    const directories = this.#directories;
    let outcome = this.#attemptOnce(path, statAt);
    if (outcome === ENOENT && (mayLag ? directories.lastIsLongGone() : directories.lastIsGone())) {
      outcome = this.#attemptOnce(path, statAt);
    }
    if (outcome >= 0) return result();
    if (outcome === ENOENT) return null;
    throw treeError(-outcome, "stat", path);
  }

  statFollowing(path: ByteString): FileStat | null {
    const stat = this.stat(path);
    if (stat === null || !isLinkMode(stat.mode)) return stat;
    const { calls, root } = this.#parts;
    const options = { followLinks: true, anyItem: true };
    const item = this.#resolve(root, canonicalPath(path), options);
    if (item === ENOENT) return null;
    if (item < 0) throw treeError(-item, "stat", path);
    const outcome = calls.statDescriptor(item);
    closeSync(item);
    if (outcome < 0) throw treeError(-outcome, "stat", path);
    return calls.result();
  }

  list(path: ByteString): ByteString[] {
    const names: ByteString[] = [];
    let outcome = this.#listInto(names, path);
    if (outcome === ENOENT && this.#directories.lastIsGone()) outcome = this.#listInto(names, path);
    if (outcome < 0) throw treeError(-outcome, "list", path);
    return names;
  }

  #listInto(names: ByteString[], path: ByteString): number {
    const directory = this.#directories.directory(path);
    if (directory < 0) return directory;
    const flags = constants.O_RDONLY | constants.O_DIRECTORY;
    const descriptor = this.#calls.openAt(directory, ".", flags, 0);
    if (descriptor < 0) return descriptor;
    const outcome = this.#calls.readDirectory(descriptor, names);
    closeSync(descriptor);
    return outcome;
  }

  readLink(path: ByteString): ByteString {
    return this.#calls.linkTarget(this.#perform("read link", path, this.#calls.readLinkAt));
  }

  open(path: ByteString, options: ReadingOptions = {}): NodeFile {
    if (options.followsLink && this.#isLink(path)) return this.#openFollowing(path, options);
    const open: Call = (directory, name) => openForReadingAt(this.#calls, directory, name, options);
    // The opening has looked at the file last.
    return new NodeFile(this.#perform("open", path, open), this.#calls, this.#calls.size());
  }

  #isLink(path: ByteString): boolean {
    return this.#attempt(path, this.#calls.statAt) >= 0 && isLinkMode(this.#calls.mode());
  }

  #openFollowing(path: ByteString, options: ReadingOptions): NodeFile {
    const { calls, root } = this.#parts;
    const held = this.#resolve(root, canonicalPath(path), { followLinks: true, anyItem: true });
    if (held < 0) throw treeError(-held, "open", path);
    const descriptor = openHeldForReading(calls, held, options);
    closeSync(held);
    if (descriptor < 0) throw treeError(-descriptor, "open", path);
    return new NodeFile(descriptor, calls);
  }

  openForUpdate(path: ByteString, mode: number, devicesToo = false): NodeFile {
    const open: Call = (directory, name) =>
      openForUpdateAt(this.#calls, directory, name, mode, devicesToo);
    return new NodeFile(this.#perform("open for update", path, open), this.#calls);
  }

  createTemporary(
    path: ByteString,
    mode: number,
    style: TemporaryStyle = "hidden",
  ): NodeTemporaryFile {
    const canonical = canonicalPath(path);
    if (canonical === "") throw treeError("EINVAL", "create temporary file", path);
    let temporary = "";
    const create: Call = (directory, name) =>
      createTemporaryAt(this.#calls, directory, name, mode, style, (taken) => {
        temporary = taken;
      });
    const file = new NodeFile(
      this.#perform("create temporary file", canonical, create),
      this.#calls,
    );
    return { file, path: joinPath(directoryOf(canonical), temporary) };
  }

  makeDirectory(path: ByteString, mode: number): void {
    const make: Call = (directory, name) => this.#calls.makeDirectoryAt(directory, name, mode);
    this.#perform("make directory", path, make);
  }

  makeSymlink(path: ByteString, target: ByteString): void {
    if (target.includes("\0")) throw treeError("EINVAL", "make symlink", path);
    const make: Call = (directory, name) => this.#calls.makeSymlinkAt(directory, name, target);
    this.#perform("make symlink", path, make);
  }

  makeHardLink(path: ByteString, existing: ByteString): void {
    this.#performOnTwo("make hard link", this, existing, path, this.#calls.linkAt);
  }

  linkFrom(source: FileTree, existing: ByteString, path: ByteString): void {
    this.#performOnTwo("make hard link", source, existing, path, this.#calls.linkAt);
  }

  makeNode(path: ByteString, mode: number, rdevMajor: number, rdevMinor: number): void {
    const make: Call = (directory, name) =>
      this.#calls.makeNodeAt(directory, name, mode, rdevMajor, rdevMinor);
    this.#perform("make node", path, make);
  }

  rename(from: ByteString, to: ByteString): void {
    this.moveFrom(this, from, to);
  }

  moveFrom(source: FileTree, from: ByteString, to: ByteString): void {
    const other = this.#performOnTwo("rename", source, from, to, this.#calls.renameAt);
    other.#directories.nameChanges(from);
    this.#directories.nameChanges(to);
  }

  #performOnTwo(
    operation: string,
    source: FileTree,
    from: ByteString,
    to: ByteString,
    call: LinuxCalls["renameAt"],
  ): KernelTree {
    if (!(source instanceof KernelTree)) throw treeError("EXDEV", operation, `${from} -> ${to}`);
    const attempt = (): number => {
      const nowMs = Date.now(); // one moment for both, so that the second can not end the trust in the first
      const fromDirectory = source.#directories.enter(from, nowMs);
      const fromName = source.#directories.leaf;
      if (fromDirectory < 0) return fromDirectory;
      const toDirectory = this.#directories.enter(to, nowMs);
      return toDirectory < 0
        ? toDirectory
        : call(fromDirectory, fromName, toDirectory, this.#directories.leaf);
    };
    let outcome = attempt();
    if (outcome === ENOENT) {
      source.#directories.releaseHeld(); // either directory may be gone
      this.#directories.releaseHeld();
      outcome = attempt();
    }
    if (outcome < 0) throw treeError(-outcome, operation, `${from} -> ${to}`);
    return source;
  }

  removeFile(path: ByteString): void {
    this.#perform("remove file", path, this.#calls.removeFileAt);
    // Without links only a directory's name leads anywhere, and this was none.
    if (this.#parts.followLinks) this.#directories.nameChanges(path);
  }

  removeDirectory(path: ByteString): void {
    this.#perform("remove directory", path, this.#calls.removeDirectoryAt);
    this.#directories.nameChanges(path);
  }

  setOwner(path: ByteString, uid: number, gid: number): void {
    const set: Call = (directory, name) => this.#calls.setOwnerAt(directory, name, uid, gid);
    this.#perform("set owner", path, set);
  }

  setMode(path: ByteString, mode: number): void {
    const set: Call = (directory, name) =>
      setModeWithoutFollowing(this.#calls, directory, name, mode);
    this.#perform("set mode", path, set);
  }

  setTimes(path: ByteString, atime: FileTime | null, mtime: FileTime): void {
    const set: Call = (directory, name) => this.#calls.setTimesAt(directory, name, atime, mtime);
    this.#perform("set times", path, set);
  }

  listAttributes(path: ByteString): ByteString[] {
    const list: Call = (directory, name) => listAttributesAt(this.#calls, directory, name);
    return this.#calls.attributeNames(this.#perform("list attributes", path, list));
  }

  getAttribute(path: ByteString, name: ByteString): Uint8Array | null {
    const get: Call = (directory, leaf) => getAttributeAt(this.#calls, directory, leaf, name);
    const outcome = this.#attempt(path, get);
    if (outcome >= 0) return this.#calls.attributeValue(outcome);
    if (outcome === ENODATA) return null;
    throw treeError(-outcome, `get attribute ${name}`, path);
  }

  setAttribute(path: ByteString, name: ByteString, value: Uint8Array): void {
    const set: Call = (directory, leaf) =>
      setAttributeAt(this.#calls, directory, leaf, name, value);
    this.#perform(`set attribute ${name}`, path, set);
  }

  removeAttribute(path: ByteString, name: ByteString): void {
    const remove: Call = (directory, leaf) => removeAttributeAt(this.#calls, directory, leaf, name);
    const outcome = this.#attempt(path, remove);
    if (outcome < 0 && outcome !== ENODATA) {
      throw treeError(-outcome, `remove attribute ${name}`, path);
    }
  }

  subtree(path: ByteString, options: SubtreeOptions = {}): KernelTree {
    const { calls, root, resolve, followLinks, outer } = this.#parts;
    const canonical = canonicalPath(path);
    const how = { followLinks, anyItem: false };
    const below = canonical === "" ? resolve(root, ".", how) : this.#resolve(root, canonical, how);
    if (below < 0) throw treeError(-below, "open directory", path);
    const parts = {
      calls,
      root: below,
      resolve,
      followLinks: options.followLinks ?? followLinks,
    };
    if (!options.linksReachOuter) return new KernelTree(parts);
    const border = outer ?? { root, path: "" };
    return new KernelTree({
      ...parts,
      outer: { root: border.root, path: joinPath(border.path, canonical) },
    });
  }

  /** Files opened through the tree stay open. Closing twice does nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#directories.releaseHeld();
    closeSync(this.#parts.root);
  }
}
