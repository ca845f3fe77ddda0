/**
 * `MemoryTree`: a {@link FileTree} that is all in memory, for tests and for applications that serve or receive files
 * without a disk. Items know no way up, so nothing outside the root can be reached. Permissions are kept, not enforced.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type {
  FileStat,
  FileTime,
  FileTree,
  ReadingOptions,
  SubtreeOptions,
  TemporaryStyle,
} from "./file-tree.js";
import {
  isDirectoryMode,
  isLinkMode,
  isRegularMode,
  S_IFDIR,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
} from "./item-type.js";
import { type MemoryAccess, MemoryFile } from "./memory-file.js";
import { MemoryNode } from "./memory-node.js";
import { assertReplaceable, place, take } from "./memory-rename.js";
import { treeError } from "./system-error.js";
import {
  MAX_TEMPORARY_TRIES,
  randomSuffix,
  temporaryMode,
  temporaryPrefix,
} from "./temporary-name.js";
import { canonicalPath, directoryOf, joinPath, leafOf } from "./tree-path.js";
import { type Found, type WalkOptions, walk } from "./walk.js";

const MAX_NAME_BYTES = 255;

/** How a tree in memory behaves. */
export interface MemoryTreeOptions {
  /** As in `OpenTreeOptions`; default false. */
  followLinks?: boolean;
  /** Where the times of new and changed items come from; default is the system's clock. */
  clock?: () => FileTime;
}

/** A temporary file of a {@link MemoryTree}. */
export interface MemoryTemporaryFile {
  file: MemoryFile;
  path: ByteString;
}

interface Place {
  directory: MemoryNode;
  name: ByteString;
}

/** What the trees that look at the same items have in common. */
interface Shared {
  clock: () => FileTime;
  nextIno: bigint;
}

/** See the module. Every method answers at once. */
export class MemoryTree implements FileTree {
  readonly synchronous = true;
  readonly reachesAttributes = true;
  readonly #followLinks: boolean;
  #shared: Shared;
  #root: MemoryNode;
  /** The tree around this one that links must not leave, and where in it this one lies. */
  #outer: { root: MemoryNode; path: ByteString } | null = null;

  /** An empty tree whose root has mode 0755. */
  constructor(options: MemoryTreeOptions = {}) {
    this.#followLinks = options.followLinks ?? false;
    this.#shared = { clock: options.clock ?? systemClock, nextIno: 1n };
    this.#root = this.#createNode(S_IFDIR | 0o755);
  }

  #createNode(mode: number): MemoryNode {
    return new MemoryNode(this.#shared.nextIno++, mode, this.#shared.clock());
  }

  #resolve(path: ByteString, options: WalkOptions): MemoryNode {
    const outer = this.#outer;
    if (outer === null || path === "") {
      return walk({ root: this.#root, look, release: () => {} }, path, options);
    }
    return walk({ root: outer.root, look, release: () => {} }, joinPath(outer.path, path), options);
  }

  #directory(path: ByteString): MemoryNode {
    const options = { followLinks: this.#followLinks, anyItem: false };
    return this.#resolve(canonicalPath(path), options);
  }

  /** Where the item at `path` is or could be, or `null` for the root. */
  #place(path: ByteString): Place | null {
    const canonical = canonicalPath(path);
    if (canonical === "") return null;
    const name = leafOf(canonical);
    if (name.length > MAX_NAME_BYTES) throw treeError("ENAMETOOLONG", "resolve", path);
    return { directory: this.#directory(directoryOf(canonical)), name };
  }

  #find(path: ByteString): MemoryNode | undefined {
    const place = this.#place(path);
    return place === null ? this.#root : place.directory.entries.get(place.name);
  }

  #need(operation: string, path: ByteString): MemoryNode {
    const node = this.#find(path);
    if (node === undefined) throw treeError("ENOENT", operation, path);
    return node;
  }

  /** The place for a new item. @throws TreeError EEXIST, or ENOENT when the directory itself was removed. */
  #freePlace(operation: string, path: ByteString): Place {
    const place = this.#place(path);
    if (place?.directory.entries.has(place.name) !== false) {
      throw treeError("EEXIST", operation, path);
    }
    if (place.directory.names === 0) throw treeError("ENOENT", operation, path);
    return place;
  }

  #insert(at: Place, node: MemoryNode): void {
    place(at.directory, at.name, node, this.#shared.clock());
  }

  stat(path: ByteString): FileStat | null {
    return orNull(() => this.#find(path)?.stat() ?? null);
  }

  statFollowing(path: ByteString): FileStat | null {
    const stat = this.stat(path);
    if (stat === null || !isLinkMode(stat.mode)) return stat;
    const options = { followLinks: true, anyItem: true };
    return orNull(() => this.#resolve(canonicalPath(path), options).stat());
  }

  list(path: ByteString): ByteString[] {
    return [...this.#directory(path).entries.keys()];
  }

  readLink(path: ByteString): ByteString {
    const node = this.#need("read link", path);
    if (!isLinkMode(node.mode)) throw treeError("EINVAL", "read link", path);
    return node.target;
  }

  open(path: ByteString, { followsLink = false }: ReadingOptions = {}): MemoryFile {
    const node = followsLink
      ? this.#resolve(canonicalPath(path), { followLinks: true, anyItem: true })
      : this.#need("open", path);
    return this.#openNode(path, node, { read: true, write: false });
  }

  openForUpdate(path: ByteString, mode: number): MemoryFile {
    const node = this.#find(path) ?? this.#createFile(path, mode);
    return this.#openNode(path, node, { read: false, write: true });
  }

  #openNode(path: ByteString, node: MemoryNode, access: MemoryAccess): MemoryFile {
    if (isRegularMode(node.mode)) return new MemoryFile(node, access, this.#shared.clock);
    if (isLinkMode(node.mode)) throw treeError("ELOOP", "open", path);
    throw treeError(node.isDirectory ? "EISDIR" : "EINVAL", "open", path);
  }

  #createFile(path: ByteString, mode: number): MemoryNode {
    const free = this.#freePlace("create", path);
    const node = this.#createNode(S_IFREG | (mode & 0o7777));
    this.#insert(free, node);
    return node;
  }

  /** Puts a file with these bytes (copied) at `path`, which may be there already; its directory must. */
  writeFile(path: ByteString, bytes: Uint8Array, mode = 0o644): void {
    const file = this.openForUpdate(path, mode);
    file.truncate(0);
    file.write(bytes);
    file.close();
  }

  /** A file's bytes, owned by the caller. */
  readFile(path: ByteString): Uint8Array {
    const file = this.open(path);
    const bytes = new Uint8Array(file.stat().size);
    file.read(bytes);
    return bytes;
  }

  createTemporary(
    path: ByteString,
    mode: number,
    style: TemporaryStyle = "hidden",
  ): MemoryTemporaryFile {
    const canonical = canonicalPath(path);
    if (canonical === "") throw treeError("EINVAL", "create temporary file", path);
    const prefix = temporaryPrefix(leafOf(canonical), style);
    for (let tries = 0; tries < MAX_TEMPORARY_TRIES; tries++) {
      const temporary = joinPath(directoryOf(canonical), prefix + randomSuffix());
      if (this.#find(temporary) !== undefined) continue;
      const node = this.#createFile(temporary, temporaryMode(mode));
      const access = { read: true, write: true };
      return { file: this.#openNode(temporary, node, access), path: temporary };
    }
    throw treeError("EEXIST", "create temporary file", path);
  }

  makeDirectory(path: ByteString, mode: number): void {
    const free = this.#freePlace("make directory", path);
    this.#insert(free, this.#createNode(S_IFDIR | (mode & 0o7777)));
  }

  makeSymlink(path: ByteString, target: ByteString): void {
    if (target.includes("\0")) throw treeError("EINVAL", "make symlink", path);
    if (target === "") throw treeError("ENOENT", "make symlink", path);
    const free = this.#freePlace("make symlink", path);
    const node = this.#createNode(S_IFLNK | 0o777);
    node.target = target;
    this.#insert(free, node);
  }

  makeHardLink(path: ByteString, existing: ByteString): void {
    this.linkFrom(this, existing, path);
  }

  linkFrom(source: FileTree, existing: ByteString, path: ByteString): void {
    if (!(source instanceof MemoryTree)) throw treeError("EXDEV", "make hard link", path);
    const node = source.#need("make hard link", existing);
    if (node.isDirectory) throw treeError("EPERM", "make hard link", existing);
    this.#insert(this.#freePlace("make hard link", path), node);
    node.names++;
  }

  makeNode(path: ByteString, mode: number, rdevMajor: number, rdevMinor: number): void {
    const type = mode & S_IFMT;
    if (isDirectoryMode(mode) || isLinkMode(mode)) throw treeError("EINVAL", "make node", path);
    const free = this.#freePlace("make node", path);
    const node = this.#createNode((type === 0 ? S_IFREG : type) | (mode & 0o7777));
    node.rdevMajor = rdevMajor;
    node.rdevMinor = rdevMinor;
    this.#insert(free, node);
  }

  rename(from: ByteString, to: ByteString): void {
    this.moveFrom(this, from, to);
  }

  moveFrom(tree: FileTree, from: ByteString, to: ByteString): void {
    if (!(tree instanceof MemoryTree)) throw treeError("EXDEV", "rename", to);
    const node = tree.#need("rename", from);
    const source = tree.#place(from);
    const target = this.#place(to);
    if (source === null || target === null) throw treeError("EBUSY", "rename", to);
    const present = target.directory.entries.get(target.name);
    if (present === node) return; // two names of one item: nothing happens, as everywhere
    assertReplaceable(node, target.directory, present, to);
    const now = this.#shared.clock();
    if (present !== undefined) take(target.directory, target.name, now);
    take(source.directory, source.name, now);
    this.#insert(target, node);
    node.names++;
  }

  removeFile(path: ByteString): void {
    if (this.#need("remove file", path).isDirectory) throw treeError("EISDIR", "remove file", path);
    const { directory, name } = this.#place(path)!; // only the root, a directory, has no place
    take(directory, name, this.#shared.clock());
  }

  removeDirectory(path: ByteString): void {
    const node = this.#need("remove directory", path);
    const place = this.#place(path);
    if (place === null) throw treeError("EINVAL", "remove directory", path);
    if (!node.isDirectory) throw treeError("ENOTDIR", "remove directory", path);
    if (node.entries.size > 0) throw treeError("ENOTEMPTY", "remove directory", path);
    take(place.directory, place.name, this.#shared.clock());
  }

  setOwner(path: ByteString, uid: number, gid: number): void {
    this.#need("set owner", path).setOwner(uid, gid);
  }

  setMode(path: ByteString, mode: number): void {
    const node = this.#need("set mode", path);
    if (isLinkMode(node.mode)) throw treeError("ELOOP", "set mode", path);
    node.setPermissions(mode);
  }

  setTimes(path: ByteString, atime: FileTime | null, mtime: FileTime): void {
    this.#need("set times", path).setTimes(atime, mtime);
  }

  listAttributes(path: ByteString): ByteString[] {
    return this.#need("list attributes", path).attributes.list();
  }

  getAttribute(path: ByteString, name: ByteString): Uint8Array | null {
    return this.#need("get attribute", path).attributes.get(name);
  }

  setAttribute(path: ByteString, name: ByteString, value: Uint8Array): void {
    this.#need("set attribute", path).attributes.set(name, value);
  }

  removeAttribute(path: ByteString, name: ByteString): void {
    this.#need("remove attribute", path).attributes.remove(name);
  }

  subtree(path: ByteString, options: SubtreeOptions = {}): MemoryTree {
    const view = this.#view(this.#directory(path), options.followLinks ?? this.#followLinks);
    if (!options.linksReachOuter) return view;
    const border = this.#outer ?? { root: this.#root, path: "" };
    view.#outer = { root: border.root, path: joinPath(border.path, canonicalPath(path)) };
    return view;
  }

  /** The same items under the other rule for links. */
  withLinks(followLinks: boolean): MemoryTree {
    return this.#view(this.#root, followLinks);
  }

  #view(root: MemoryNode, followLinks: boolean): MemoryTree {
    const view = new MemoryTree({ followLinks });
    view.#shared = this.#shared;
    view.#root = root;
    return view;
  }

  /** Does nothing: the items stay as long as somebody holds a tree of them. */
  close(): void {}
}

function systemClock(): FileTime {
  const now = Date.now();
  return { seconds: Math.floor(now / 1000), nanoseconds: (now % 1000) * 1_000_000 };
}

function look(directory: MemoryNode, name: ByteString): Found<MemoryNode> {
  const item = directory.entries.get(name);
  if (item === undefined) throw treeError("ENOENT", "resolve", name);
  if (isLinkMode(item.mode)) return { kind: "link", target: item.target };
  return { kind: item.isDirectory ? "directory" : "other", item };
}

function orNull<T>(find: () => T): T | null {
  try {
    return find();
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return null;
    throw error;
  }
}
