/**
 * Resolving paths below a directory's descriptor, so that nothing outside can be reached whoever changes links
 * meanwhile (spec 5-daemon, 5.12.1, transfer paths).
 * @module
 */
import { closeSync, constants } from "node:fs";
import { constants as system } from "node:os";
import type { ByteString } from "@tsrsync/protocol/wire";
import {
  type LinuxCalls,
  O_PATH,
  RESOLVE_BENEATH,
  RESOLVE_NO_MAGICLINKS,
  RESOLVE_NO_SYMLINKS,
} from "../linux/index.js";
import { isDirectoryMode, isLinkMode } from "./item-type.js";
import { errorNumber, treeError } from "./system-error.js";
import { type Found, type WalkOptions, walk } from "./walk.js";

/**
 * Opens (O_PATH) what the canonical, non-empty `path` leads to below the directory `root`. Returns a descriptor that
 * the caller owns, or a negated errno; ELOOP where a link may not be followed.
 */
export type Resolver = (root: number, path: ByteString, options: WalkOptions) => number;

/** The kernel's own resolution, openat2: Linux 5.6, when no filter forbids it. */
export function openat2Resolver(calls: LinuxCalls): Resolver {
  const exdev = -system.errno.EXDEV;
  const eloop = -system.errno.ELOOP;
  return (root, path, options) => {
    const flags = O_PATH | (options.anyItem ? 0 : constants.O_DIRECTORY);
    const links = options.followLinks ? RESOLVE_NO_MAGICLINKS : RESOLVE_NO_SYMLINKS;
    const outcome = calls.openResolved(root, path, flags, RESOLVE_BENEATH | links);
    return outcome === exdev ? eloop : outcome;
  };
}

/** Resolution without a border: links that are followed lead wherever they lead. Where none is, `confined` does it. */
export function openResolver(calls: LinuxCalls, confined: Resolver): Resolver {
  return (root, path, options) => {
    if (!options.followLinks) return confined(root, path, options);
    return calls.openAt(root, path, O_PATH | (options.anyItem ? 0 : constants.O_DIRECTORY), 0);
  };
}

/** It did once: a kernel that has it keeps it. */
let openat2Works = false;

/** Whether openat2 works in this process: asked until it does. */
export function hasOpenat2(calls: LinuxCalls, root: number): boolean {
  if (openat2Works) return true;
  const descriptor = calls.openResolved(root, ".", O_PATH, RESOLVE_BENEATH);
  if (descriptor >= 0) closeSync(descriptor);
  openat2Works = descriptor >= 0;
  return openat2Works;
}

/** The same by hand, for old kernels: each component is opened relative to the held descriptor of the one before. */
export function walkResolver(calls: LinuxCalls): Resolver {
  return (root, path, options) => {
    const walker = { root, look: lookWith(calls), release: closeSync };
    try {
      const item = walk(walker, path, options);
      // The root is not the caller's, a second descriptor of it is.
      return item === root ? calls.openAt(root, ".", O_PATH | constants.O_DIRECTORY, 0) : item;
    } catch (error) {
      return -errorNumber(error);
    }
  };
}

function lookWith(calls: LinuxCalls): (directory: number, name: ByteString) => Found<number> {
  return (directory, name) => {
    const item = calls.openAt(directory, name, O_PATH | constants.O_NOFOLLOW, 0);
    if (item < 0) throw treeError(-item, "resolve", name);
    // What is judged is the item that is held, so nobody can swap it between the look and the use.
    const looked = calls.statDescriptor(item);
    const mode = looked < 0 ? 0 : calls.mode();
    if (isDirectoryMode(mode)) return { kind: "directory", item };
    if (!isLinkMode(mode)) return { kind: "other", item };
    const length = calls.readLinkAt(item, "");
    closeSync(item);
    if (length < 0) throw treeError(-length, "resolve", name);
    return { kind: "link", target: calls.linkTarget(length) };
  };
}
