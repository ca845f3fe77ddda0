/**
 * The source as pushes look at it, over the times in which its root is gone.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { type Look, openSourceTree, type SourceTree } from "../batch/source-tree.js";
import { DirectoryLinks } from "../links/directory-links.js";

/** A tree that is unreadable while its root is not there. */
export class CurrentTree implements SourceTree {
  readonly #root: ByteString;
  readonly #links: DirectoryLinks | null;
  #tree: SourceTree | null = null;

  /**
   * @param root the directory, absolute
   * @param followsLinks links to directories look like these
   */
  constructor(root: ByteString, followsLinks = false) {
    this.#root = root;
    this.#links = followsLinks ? new DirectoryLinks(root) : null;
    this.reopen();
  }

  /** Takes the directory that is there now for the root. */
  reopen(): void {
    try {
      this.#tree = openSourceTree(this.#root, this.#links);
    } catch {
      this.#tree = null; // the watcher tells people; pushes wait until it is back
    }
  }

  lstat(path: ByteString): Look | null | "unreadable" {
    return this.#tree === null ? "unreadable" : this.#tree.lstat(path);
  }

  list(path: ByteString): readonly ByteString[] | null {
    return this.#tree === null ? null : this.#tree.list(path);
  }

  isIntact(): boolean {
    return this.#tree?.isIntact() ?? false;
  }
}
