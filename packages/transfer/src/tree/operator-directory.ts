/**
 * Directories that the operator names in options (spec 4-command, 16). Links on the way are followed, but only those that
 * root or we ourselves made: a stranger who may write to a directory on the way must not lead us elsewhere.
 * @module
 */
import { closeSync, constants } from "node:fs";
import type { ByteString } from "@tsrsync/protocol/wire";
import { AT_FDCWD, type LinuxCalls, loadLinuxCalls, O_PATH } from "../linux/index.js";
import { isDirectoryMode, isLinkMode } from "./item-type.js";
import { kernelTreeAt, type NodeTree, type OpenTreeOptions, openTree } from "./node-tree.js";
import type { LinkTrust, PartOfWay } from "./open-below.js";
import { errorCode, treeError } from "./system-error.js";

const MAX_LINKS = 40;

/**
 * Opens the directory `path`, absolute or relative to the working directory, or the last one on the way that exists. Below
 * it, links are followed as the options say: by default none is.
 * @throws TreeError ELOOP for a link of somebody else, or for a directory that is not within where it has to be, ENOTDIR, EACCES.
 */
export function openOperatorDirectory(
  path: ByteString,
  links: LinkTrust = "own",
  options: OpenTreeOptions = { followLinks: false },
): PartOfWay<NodeTree> {
  const calls = loadLinuxCalls();
  return calls === null ? openByPath(path, options) : new Way(calls, path, links, options).walk();
}

/**
 * As `openOperatorDirectory`, for a directory that must be there.
 * @throws TreeError as that, and ENOENT
 */
export function openOperatorTree(path: ByteString, options: OpenTreeOptions): NodeTree {
  const { tree, missing } = openOperatorDirectory(path, "own", options);
  if (missing === "") return tree;
  tree.close();
  throw treeError("ENOENT", "open directory", path);
}

/** Without system calls of our own there are no owners of links to look at that could not be swapped meanwhile. */
function openByPath(path: ByteString, options: OpenTreeOptions): PartOfWay<NodeTree> {
  const absolute = path.startsWith("/");
  const names = path.split("/").filter((name) => name !== "" && name !== ".");
  for (let count = names.length; ; count--) {
    const known = (absolute ? "/" : "") + names.slice(0, count).join("/");
    try {
      const tree = openTree(known || ".", options);
      options.within?.admitPath(known || ".");
      return { tree, missing: names.slice(count).join("/") };
    } catch (error) {
      if (errorCode(error) !== "ENOENT" || count === 0) throw error;
    }
  }
}

/** A walk from descriptor to descriptor. */
class Way {
  readonly #calls: LinuxCalls;
  readonly #path: ByteString;
  readonly #options: OpenTreeOptions;
  /** Components still to go, the next one last. */
  readonly #names: ByteString[] = [];
  readonly #trusted: LinkTrust;
  #at: number;
  #links = 0;

  constructor(calls: LinuxCalls, path: ByteString, links: LinkTrust, options: OpenTreeOptions) {
    this.#calls = calls;
    this.#trusted = links;
    this.#options = options;
    this.#path = path;
    this.#at = this.#start(path);
  }

  #start(path: ByteString): number {
    const names = path.split("/").filter((name) => name !== "" && name !== ".");
    this.#names.push(...names.reverse());
    const from = path.startsWith("/") ? "/" : ".";
    return this.#open(AT_FDCWD, from, O_PATH | constants.O_DIRECTORY);
  }

  #open(directory: number, name: ByteString, flags: number): number {
    const descriptor = this.#calls.openAt(directory, name, flags, 0);
    if (descriptor < 0) throw treeError(-descriptor, "open directory", this.#path);
    return descriptor;
  }

  walk(): PartOfWay<NodeTree> {
    try {
      for (let name = this.#names.pop(); name !== undefined; name = this.#names.pop()) {
        if (this.#step(name)) continue;
        return this.#end([name, ...this.#names.toReversed()].join("/"));
      }
      return this.#end("");
    } catch (error) {
      closeSync(this.#at);
      throw error;
    }
  }

  #end(missing: ByteString): PartOfWay<NodeTree> {
    this.#options.within?.admitOpen(this.#at, this.#path);
    return { tree: kernelTreeAt(this.#calls, this.#at, this.#options), missing };
  }

  /** False when there is nothing of that name. */
  #step(name: ByteString): boolean {
    let next: number;
    try {
      next = this.#open(this.#at, name, O_PATH | constants.O_NOFOLLOW);
    } catch (error) {
      if (errorCode(error) === "ENOENT") return false;
      throw error;
    }
    this.#calls.statDescriptor(next);
    const { mode, uid } = this.#calls.result();
    if (isLinkMode(mode)) this.#follow(next, uid);
    else if (isDirectoryMode(mode)) this.#move(next);
    else {
      closeSync(next);
      throw treeError("ENOTDIR", "open directory", this.#path);
    }
    return true;
  }

  #move(directory: number): void {
    closeSync(this.#at);
    this.#at = directory;
  }

  #follow(link: number, owner: number): void {
    const length = this.#calls.readLinkAt(link, "");
    closeSync(link);
    const trusted = this.#trusted === "any" || owner === 0 || owner === process.geteuid?.();
    if (!trusted || ++this.#links > MAX_LINKS) {
      throw treeError("ELOOP", "open directory", this.#path);
    }
    if (length < 0) throw treeError(-length, "read link", this.#path);
    const target = this.#calls.linkTarget(length);
    if (target.startsWith("/")) this.#move(this.#start(target));
    else
      this.#names.push(
        ...target
          .split("/")
          .filter((part) => part !== "" && part !== ".")
          .reverse(),
      );
  }
}
