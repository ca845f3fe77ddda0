/**
 * A source tree in which links to directories look like the directories.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import {
  type FileStat,
  type FileTime,
  type FileTree,
  type LookOptions,
  type NodeTree,
  openTree,
  type ReadingOptions,
  type SubtreeOptions,
  type TemporaryStyle,
} from "@tsrsync/transfer";
import { DirectoryLinks, isLinkMode } from "./directory-links.js";

/** Opens the root. @throws the system's error */
export function openFollowedTree(root: ByteString): FollowedTree {
  const base = openTree(root, { followLinks: true, linksLeadOut: true });
  return new FollowedTree(base, new DirectoryLinks(root));
}

export class FollowedTree implements FileTree {
  readonly synchronous: true = true;
  readonly reachesAttributes: boolean;
  readonly #base: NodeTree;
  readonly #links: DirectoryLinks;

  /** @param base follows links on the way, wherever they lead */
  constructor(base: NodeTree, links: DirectoryLinks) {
    this.#base = base;
    this.#links = links;
    this.reachesAttributes = base.reachesAttributes;
  }

  stat(path: ByteString, options?: LookOptions): FileStat | null {
    const stat = this.#base.stat(path, options);
    if (stat === null || !isLinkMode(stat.mode) || !this.#isDirectory(path)) return stat;
    return this.#base.statFollowing(path);
  }

  statFollowing(path: ByteString): FileStat | null {
    return this.#base.statFollowing(path);
  }

  list(path: ByteString): ByteString[] {
    return this.#base.list(path);
  }

  readLink(path: ByteString): ByteString {
    return this.#base.readLink(path);
  }

  open(path: ByteString, options?: ReadingOptions): ReturnType<NodeTree["open"]> {
    return this.#base.open(path, options);
  }

  listAttributes(path: ByteString): ByteString[] {
    return this.#ofItem(path, (tree, own) => tree.listAttributes(own));
  }

  getAttribute(path: ByteString, name: ByteString): Uint8Array | null {
    return this.#ofItem(path, (tree, own) => tree.getAttribute(own, name));
  }

  subtree(path: ByteString, options?: SubtreeOptions): NodeTree {
    return this.#base.subtree(path, options);
  }

  close(): void {
    this.#base.close();
  }

  #isDirectory(path: ByteString): boolean {
    return this.#links.behind(path) !== null;
  }

  /** Does something with an item, or with the directory that a link stands for. */
  #ofItem<T>(path: ByteString, action: (tree: NodeTree, own: ByteString) => T): T {
    const stat = this.#base.stat(path);
    if (stat === null || !isLinkMode(stat.mode) || !this.#isDirectory(path)) {
      return action(this.#base, path);
    }
    const directory = this.#base.subtree(path);
    try {
      return action(directory, "");
    } finally {
      directory.close();
    }
  }

  // What changes a tree means the items themselves.

  openForUpdate(path: ByteString, mode: number): ReturnType<NodeTree["openForUpdate"]> {
    return this.#base.openForUpdate(path, mode);
  }
  createTemporary(
    path: ByteString,
    mode: number,
    style?: TemporaryStyle,
  ): ReturnType<NodeTree["createTemporary"]> {
    return this.#base.createTemporary(path, mode, style);
  }
  makeDirectory(path: ByteString, mode: number): void {
    this.#base.makeDirectory(path, mode);
  }
  makeSymlink(path: ByteString, target: ByteString): void {
    this.#base.makeSymlink(path, target);
  }
  makeHardLink(path: ByteString, existing: ByteString): void {
    this.#base.makeHardLink(path, existing);
  }
  makeNode(path: ByteString, mode: number, rdevMajor: number, rdevMinor: number): void {
    this.#base.makeNode(path, mode, rdevMajor, rdevMinor);
  }
  rename(from: ByteString, to: ByteString): void {
    this.#base.rename(from, to);
  }
  moveFrom(source: FileTree, from: ByteString, to: ByteString): void {
    this.#base.moveFrom(source, from, to);
  }
  linkFrom(source: FileTree, existing: ByteString, path: ByteString): void {
    this.#base.linkFrom(source, existing, path);
  }
  removeFile(path: ByteString): void {
    this.#base.removeFile(path);
  }
  removeDirectory(path: ByteString): void {
    this.#base.removeDirectory(path);
  }
  setOwner(path: ByteString, uid: number, gid: number): void {
    this.#base.setOwner(path, uid, gid);
  }
  setMode(path: ByteString, mode: number): void {
    this.#base.setMode(path, mode);
  }
  setTimes(path: ByteString, atime: FileTime | null, mtime: FileTime): void {
    this.#base.setTimes(path, atime, mtime);
  }
  setAttribute(path: ByteString, name: ByteString, value: Uint8Array): void {
    this.#base.setAttribute(path, name, value);
  }
  removeAttribute(path: ByteString, name: ByteString): void {
    this.#base.removeAttribute(path, name);
  }
}
