/**
 * The directories of one shard, as a walk goes through them: most lie together, but some may have moved among those of others.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { type DirectoryTree, NO_NODE, ROOT } from "./directory-tree.js";
import { parentPath } from "./mark-sink.js";

export class ShardRegion {
  readonly #tree: DirectoryTree;
  readonly #shard: number;
  /** Directories above those of the shard. */
  readonly #above = new Set<number>();
  /** What was asked for last: the entries of a directory come together. */
  #nearestTo: { path: ByteString; version: number; node: number } | null = null;

  /** `detached` is told which of its directories have no place now. */
  constructor(tree: DirectoryTree, shard: number, detached: (node: number) => void) {
    this.#tree = tree;
    this.#shard = shard;
    for (const top of tree.topsOf(shard)) {
      if (tree.path(top) === null) detached(top);
      else this.#leadTo(top);
    }
  }

  /** Whether events about what is in a directory may be missing. */
  has(node: number): boolean {
    return this.#tree.shard(node) === this.#shard;
  }

  /** Whether a directory has to be gone into. */
  reaches(node: number): boolean {
    return this.has(node) || this.#above.has(node);
  }

  /** The names in a directory of another shard that have to be looked at, in byte order. */
  namesIn(node: number): ByteString[] {
    const names: ByteString[] = [];
    for (
      let child = this.#tree.firstChild(node);
      child !== NO_NODE;
      child = this.#tree.nextSibling(child)
    ) {
      if (this.reaches(child)) names.push(this.#tree.name(child));
    }
    return names.sort();
  }

  /** Whether a walk looks at what is, or was, at a path. */
  covers(path: ByteString): boolean {
    const parent = parentPath(path);
    const directory = this.#nearest(parent);
    if (this.has(directory)) return true;
    if (this.#tree.path(directory) !== parent) return false;
    const node = this.#tree.find(directory, path.slice(path.lastIndexOf("/") + 1));
    return node !== NO_NODE && this.has(node);
  }

  dropped(node: number): void {
    this.#above.delete(node);
  }

  #leadTo(top: number): void {
    let at = this.#tree.parent(top);
    while (at !== NO_NODE && !this.#above.has(at)) {
      this.#above.add(at);
      at = this.#tree.parent(at);
    }
  }

  /** The directory at a path, or the nearest one above it that is known. */
  #nearest(path: ByteString): number {
    const { version } = this.#tree;
    const known = this.#nearestTo;
    if (known?.path === path && known.version === version) return known.node;
    const node = this.#find(path);
    this.#nearestTo = { path, version, node };
    return node;
  }

  #find(path: ByteString): number {
    let node = ROOT;
    for (let at = 0; at < path.length; ) {
      const slash = path.indexOf("/", at);
      const end = slash < 0 ? path.length : slash;
      const child = this.#tree.find(node, path.slice(at, end));
      if (child === NO_NODE) break;
      node = child;
      at = end + 1;
    }
    return node;
  }
}
