/**
 * What is left out in one directory of a transfer, by the user's rules and by the daemon's.
 * Spec: docs/protocol/4-command.md, 11; docs/protocol/5-daemon.md, 5.9.1.
 * @module
 */
import type { FilterList, FilterScope } from "@tsrsync/protocol/filter";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { Awaitable, FileTree } from "../tree/file-tree.js";
import {
  enterScope,
  type FilterPlace,
  NOWHERE,
  type ReadFullName,
  RuleFiles,
} from "./rule-files.js";
import type { SessionFilters, TellRule } from "./session-filters.js";

/** What all directories of a transfer have in common. */
interface Surroundings {
  readonly root: ByteString;
  /** Put before a path of the transfer, it makes a path of the module. */
  readonly prefix: ByteString;
  readonly read: ReadFullName;
  /** As `read`, but what the daemon hides is not there for the user's rules. */
  readonly readVisible: ReadFullName;
  readonly tell: TellRule | null;
}

/** A tree whose items are asked for. */
export interface FilteredTree {
  readonly tree: FileTree;
  /** Where the transfer root lies. */
  readonly filterPlace?: FilterPlace | undefined;
  /** The tree is not that of the transfer root but of this directory below it. */
  readonly prefix?: ByteString;
}

/** Unchanging, as scopes are: `enter` gives the one of a directory below. */
export class DirectoryFilter {
  readonly #own: FilterScope;
  readonly #daemon: FilterScope | null;
  readonly #surroundings: Surroundings;

  private constructor(own: FilterScope, daemon: FilterScope | null, surroundings: Surroundings) {
    this.#own = own;
    this.#daemon = daemon;
    this.#surroundings = surroundings;
  }

  /** The filter at a transfer root, before any directory is entered; `null` when there is nothing to ask. */
  static async open(
    { own, daemon, isEmpty, tell }: SessionFilters,
    { tree, filterPlace: place = NOWHERE, prefix = "" }: FilteredTree,
  ): Promise<DirectoryFilter | null> {
    if (isEmpty) return null;
    const { root, readAbove } = place;
    const treeRoot = prefix === "" ? root : `${root}/${prefix}`;
    const { read } = new RuleFiles(tree, { root: treeRoot, readAbove });
    const outermost = daemon?.at("") ?? null;
    const readVisible: ReadFullName = (name) =>
      outermost?.excludesOnTheWay(name.slice(1), false) === true ? null : read(name);
    const surroundings = {
      root,
      prefix: root === "" ? "" : `${root.slice(1)}/`,
      read,
      readVisible,
      tell,
    };
    const above = daemon === null ? null : await scopeAbove(daemon, root.slice(1), read);
    return new DirectoryFilter(own.at(root), above, surroundings);
  }

  /**
   * True when the item is hidden (on the sender) or stays (on the receiver).
   * @param path relative to the transfer root
   * @param removing the item lies in a directory that is being removed
   */
  excludes(path: ByteString, isDirectory: boolean, removing = false): boolean {
    if (this.hides(path, isDirectory)) return true;
    const rule = this.#own.find(path, isDirectory, removing);
    if (rule === null) return false;
    this.#surroundings.tell?.(rule, path, isDirectory);
    return !rule.include;
  }

  /** True when the daemon pretends that there is no such item, and takes none. */
  hides(path: ByteString, isDirectory: boolean): boolean {
    if (this.#daemon === null || path === ".") return false;
    return this.#daemon.excludes(this.#surroundings.prefix + path, isDirectory);
  }

  /** True when the daemon hides the item or a directory on the way to it, which no walk led to. */
  async hidesOnTheWay(path: ByteString, isDirectory: boolean): Promise<boolean> {
    let filter: DirectoryFilter = this;
    if (this.#daemon === null) return false;
    for (let slash = path.indexOf("/"); slash > 0; slash = path.indexOf("/", slash + 1)) {
      const directory = path.slice(0, slash);
      if (filter.hides(directory, true)) return true;
      filter = await filter.enter(directory);
    }
    return filter.hides(path, isDirectory);
  }

  /**
   * The filter of a directory whose parent's this is, or of the first one that is entered; `.` is the transfer root.
   * @throws UsageError for a rule that can not be read; FileIoError for a merge file that is missing.
   */
  enter(directory: ByteString): Awaitable<DirectoryFilter> {
    const { root, prefix, read, readVisible } = this.#surroundings;
    const own = enterScope(this.#own, directory, root, readVisible);
    if (this.#daemon === null) {
      return own instanceof Promise
        ? own.then((entered) => this.#with(entered, null))
        : this.#with(own, null);
    }
    const inModule = directory === "." ? prefix.slice(0, -1) : prefix + directory;
    const daemon = enterScope(this.#daemon, inModule, "", read);
    if (!(own instanceof Promise) && !(daemon instanceof Promise)) return this.#with(own, daemon);
    return Promise.all([own, daemon]).then(([a, b]) => this.#with(a, b));
  }

  #with(own: FilterScope, daemon: FilterScope | null): DirectoryFilter {
    if (own === this.#own && daemon === this.#daemon) return this;
    return new DirectoryFilter(own, daemon, this.#surroundings);
  }
}

/** The daemon's scope in the parent of `directory`, a path of the module. */
async function scopeAbove(
  daemon: FilterList,
  directory: ByteString,
  read: ReadFullName,
): Promise<FilterScope> {
  let scope = daemon.at("");
  if (directory === "") return scope;
  for (let at = 0; at >= 0; at = directory.indexOf("/", at + 1)) {
    scope = await enterScope(scope, directory.slice(0, at), "", read);
  }
  return scope;
}

/** True when a daemon pretends that a path of its module, or a directory on the way to it, does not exist. */
export async function isHiddenPath(
  daemon: FilterList,
  path: ByteString,
  isDirectory: boolean,
  read: ReadFullName,
): Promise<boolean> {
  let scope = daemon.at("");
  for (let end = 0; end < path.length; ) {
    scope = await enterScope(scope, path.slice(0, end), "", read);
    const slash = path.indexOf("/", end + 1);
    end = slash < 0 ? path.length : slash;
    if (scope.excludes(path.slice(0, end), end < path.length || isDirectory)) return true;
  }
  return false;
}
