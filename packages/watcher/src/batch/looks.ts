/**
 * What was found under the paths of one push. Each directory on the way is looked at once.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { parentOf } from "../state/tree-paths.js";
import type { Look, SourceTree } from "./source-tree.js";

const TYPE = 0o170000;
const DIRECTORY = 0o040000;
const REGULAR = 0o100000;

/** What is under a path: `null` is nothing. */
export type Found = Look | null | "unreadable";

/** The file type of what was found is that of a directory. */
export function isDirectory({ mode }: Pick<Look, "mode">): boolean {
  return (mode & TYPE) === DIRECTORY;
}

export function isRegular({ mode }: Pick<Look, "mode">): boolean {
  return (mode & TYPE) === REGULAR;
}

/** Looks at paths and remembers. */
export class Looks {
  readonly #tree: SourceTree;
  readonly #found = new Map<ByteString, Found>();

  constructor(tree: SourceTree) {
    this.#tree = tree;
  }

  /** How often the file system was asked. */
  get count(): number {
    return this.#found.size;
  }

  /** What is under a path. Below anything that is no directory, links included, there is nothing. */
  at(path: ByteString): Found {
    let found = this.#found.get(path);
    if (found === undefined) {
      found = this.#look(path);
      this.#found.set(path, found);
    }
    return found;
  }

  /** The highest name on the way to a missing path under which nothing is. */
  highestMissing(path: ByteString): ByteString {
    let top = path;
    for (let up = parentOf(top); up !== "" && this.at(up) === null; up = parentOf(up)) top = up;
    return top;
  }

  #look(path: ByteString): Found {
    if (path === "") return this.#tree.lstat("");
    const parent = this.at(parentOf(path));
    if (parent === null || parent === "unreadable") return parent;
    return isDirectory(parent) ? this.#tree.lstat(path) : null;
  }
}
