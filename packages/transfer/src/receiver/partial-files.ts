/**
 * `--partial-dir`: where what came of a file whose transfer was cut waits for the next run, and where finished files wait
 * for the end with `--delay-updates` (spec 3-transfer, 8.3 and 8.4).
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { FileStat, FileTree } from "../tree/file-tree.js";
import { isDirectoryMode, isRegularMode } from "../tree/item-type.js";
import { errorCode } from "../tree/system-error.js";
import { directoryOf, joinPath, leafOf } from "../tree/tree-path.js";
import type { Destination } from "./destination.js";

const PRIVATE_MODE = 0o700;

/** A file and the tree that it lies in. */
export interface FilePlace {
  tree: FileTree;
  path: ByteString;
}

export class PartialFiles {
  readonly #tree: FileTree;
  /** One directory for all files, `""` for the root; or the name of one beside each file. */
  readonly #directory: ByteString;
  readonly #isBeside: boolean;

  private constructor(tree: FileTree, directory: ByteString, isBeside: boolean) {
    this.#tree = tree;
    this.#directory = directory;
    this.#isBeside = isBeside;
  }

  /** `directory`: absolute, or relative to the directory of each file. */
  static async open(destination: Destination, directory: ByteString): Promise<PartialFiles> {
    if (!directory.startsWith("/")) return new PartialFiles(destination.tree, directory, true);
    const { tree, missing } = await destination.enterAside(directory);
    return new PartialFiles(tree, missing, false);
  }

  #directoryFor(path: ByteString): ByteString {
    return this.#isBeside ? joinPath(directoryOf(path), this.#directory) : this.#directory;
  }

  /** Where the partial file for the destination file `path` lies or would lie. */
  placeOf(path: ByteString): FilePlace {
    return { tree: this.#tree, path: joinPath(this.#directoryFor(path), leafOf(path)) };
  }

  /** The partial file for `path`; `null` when there is none that could be used. */
  async find(path: ByteString): Promise<FileStat | null> {
    try {
      const stat = await this.#tree.stat(this.placeOf(path).path);
      return stat !== null && isRegularMode(stat.mode) ? stat : null;
    } catch {
      return null; // what can not be looked at is no basis
    }
  }

  /** Makes the directory for the partial file of `path`. Another thing of that name goes away. */
  async prepare(path: ByteString): Promise<void> {
    const directory = this.#directoryFor(path);
    if (directory === "") return;
    const stat = await this.#tree.stat(directory);
    if (stat !== null && isDirectoryMode(stat.mode)) return;
    if (stat !== null) await this.#tree.removeFile(directory);
    await this.#tree.makeDirectory(directory, PRIVATE_MODE);
  }

  /** Removes the partial file for `path`, if there is one, and its directory. */
  async remove(path: ByteString): Promise<void> {
    if ((await this.find(path)) === null) return;
    await this.#tree.removeFile(this.placeOf(path).path);
    await this.tidy(path);
  }

  /** Removes the directory beside `path` once it is empty. */
  async tidy(path: ByteString): Promise<void> {
    if (!this.#isBeside) return;
    try {
      await this.#tree.removeDirectory(this.#directoryFor(path));
    } catch (error) {
      const code = errorCode(error) ?? "";
      if (!["ENOTEMPTY", "EEXIST", "ENOENT"].includes(code)) throw error;
    }
  }
}
