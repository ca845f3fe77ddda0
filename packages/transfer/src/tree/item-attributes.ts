/**
 * The extended attributes of the item at a path, apart from its tree.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { Awaitable, FileTree, ItemAttributes } from "./file-tree.js";

/** The path is looked up anew by each call. */
export function itemAttributes(tree: FileTree, path: ByteString): ItemAttributes {
  return new PathItem(tree, path);
}

/** The item at a path, with what goes with its attributes. Methods, not closures: there is one for each item looked at. */
export class PathItem implements ItemAttributes {
  protected readonly tree: FileTree;
  protected readonly path: ByteString;

  constructor(tree: FileTree, path: ByteString) {
    this.tree = tree;
    this.path = path;
  }

  listAttributes(): Awaitable<ByteString[]> {
    return this.tree.listAttributes(this.path);
  }

  getAttribute(name: ByteString): Awaitable<Uint8Array | null> {
    return this.tree.getAttribute(this.path, name);
  }

  setAttribute(name: ByteString, value: Uint8Array): Awaitable<void> {
    return this.tree.setAttribute(this.path, name, value);
  }

  removeAttribute(name: ByteString): Awaitable<void> {
    return this.tree.removeAttribute(this.path, name);
  }

  setMode(mode: number): Awaitable<void> {
    return this.tree.setMode(this.path, mode);
  }
}
