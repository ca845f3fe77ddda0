/**
 * The watched root as the place of sources.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import {
  type FileTree,
  joinPaths,
  type NodeTree,
  openTree,
  type SourcePlace,
} from "@tsrsync/transfer";
import { type FollowedTree, openFollowedTree } from "../links/followed-tree.js";

export class RootPlace implements SourcePlace {
  /** The root as given, without a slash at its end. */
  readonly path: ByteString;
  /** Links to directories are sent as these. */
  readonly #followsLinks: boolean;
  #tree: NodeTree | FollowedTree | null = null;
  /** Directories below that were entered in the present request. */
  #entered: NodeTree[] = [];

  constructor(path: ByteString, followsLinks = false) {
    this.#followsLinks = followsLinks;
    this.path = path.length > 1 ? path.replace(/\/+$/, "") : path;
  }

  enter(directory: ByteString): FileTree {
    const plain = directory.length > 1 ? directory.replace(/\/+$/, "") : directory;
    if (plain === this.path) return this.tree;
    const tree = openTree(directory, { followLinks: false });
    this.#entered.push(tree);
    return tree;
  }

  describe(directory: ByteString, name: ByteString): ByteString {
    return `"${joinPaths(directory.replace(/(?<=.)\/+$/, ""), name)}"`;
  }

  /** The root as it was when the request began. */
  get tree(): FileTree {
    return this.#tree ?? this.look();
  }

  /**
   * A request begins: its root is what is at the path now. So is all that is in it: a tree keeps directories open for a moment, and
   * one that was opened for the request before may have another name by now.
   * @throws a system error
   */
  look(): FileTree {
    this.close();
    this.#tree = this.#open();
    return this.#tree;
  }

  /** Unless asked to, links are not followed: what lies behind one is not below the root. */
  #open(): NodeTree | FollowedTree {
    if (this.#followsLinks) return openFollowedTree(this.path);
    return openTree(this.path, { followLinks: false });
  }

  /** A request is over: what it entered besides the root is let go. */
  leave(): void {
    for (const tree of this.#entered) tree.close();
    this.#entered = [];
  }

  close(): void {
    this.leave();
    this.#tree?.close();
    this.#tree = null;
  }
}
