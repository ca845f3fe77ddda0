/**
 * The open directories of a kernel-confined tree.
 *
 * Operations come grouped by directory, so the descriptors of the last few are kept. What a kept descriptor refers to
 * was inside the root when it was opened, and stays the same directory whatever becomes of its name: who puts a link in
 * its place redirects nothing. What can go wrong is only that the name means another directory by now. So
 * a descriptor is trusted for a short time, is given up when the directory is renamed or removed through the tree, and
 * when something is missing in it the caller asks whether the directory itself is gone.
 * @module
 */
import { closeSync } from "node:fs";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { LinuxCalls } from "../linux/index.js";
import type { Resolver } from "./kernel-resolver.js";
import { canonicalPath, directoryOf, isPlainName, leafOf } from "./tree-path.js";

const MAX_HELD = 32;

/** Resolving again costs about 2 µs, nothing at this interval. */
const TRUSTED_MS = 50;

const SLASH = 0x2f;

interface HeldDirectory {
  path: ByteString;
  descriptor: number;
  /** On the clock of `Date.now()`, as the next. */
  openedMs: number;
  /** When it was last seen not to be removed. */
  seenMs: number;
}

const NONE: HeldDirectory = { path: "", descriptor: -1, openedMs: 0, seenMs: 0 };

/** Finds the descriptor of a directory, and what an item is called in it. */
export class KernelDirectories {
  readonly root: number;
  readonly #calls: LinuxCalls;
  readonly #resolve: Resolver;
  readonly #followLinks: boolean;
  /** The least recently used one first. */
  readonly #held = new Map<ByteString, HeldDirectory>();
  #last: HeldDirectory = NONE;
  #leaf: ByteString = "";

  /** Takes over `root`, the descriptor of the tree's root. */
  constructor(calls: LinuxCalls, root: number, resolve: Resolver, followLinks: boolean) {
    this.root = root;
    this.#calls = calls;
    this.#resolve = resolve;
    this.#followLinks = followLinks;
  }

  /** What the item of the last successful {@link KernelDirectories.enter} is called in its directory. */
  get leaf(): ByteString {
    return this.#leaf;
  }

  /**
   * The descriptor of the directory that `path` lies in, or a negated errno. The root lies in itself, called `.`. The
   * descriptor is borrowed until the next call; until the next but one when that is given the same `nowMs`.
   * @throws TreeError EINVAL for a path that no tree takes.
   */
  enter(path: ByteString, nowMs: number = Date.now()): number {
    const name = leafOf(path);
    if (!isPlainName(name) || path.charCodeAt(0) === SLASH) return this.#enterOdd(path, nowMs);
    this.#leaf = name;
    if (path.length === name.length) return this.#enterRoot();
    return this.directory(directoryOf(path), nowMs);
  }

  #enterOdd(path: ByteString, nowMs: number): number {
    const canonical = canonicalPath(path);
    this.#leaf = canonical === "" ? "." : leafOf(canonical);
    return this.directory(directoryOf(canonical), nowMs);
  }

  #enterRoot(): number {
    this.#last = NONE;
    return this.root;
  }

  /** The descriptor of the directory `path`, or a negated errno, as {@link KernelDirectories.enter}. */
  directory(path: ByteString, nowMs: number = Date.now()): number {
    const last = this.#last;
    if (path === last.path && last.descriptor >= 0 && isTrusted(last, nowMs)) {
      return last.descriptor;
    }
    const canonical = canonicalPath(path);
    if (canonical === "") return this.#enterRoot();
    const held = this.#held.get(canonical);
    if (held !== undefined) {
      this.#held.delete(canonical);
      if (isTrusted(held, nowMs)) return this.#hold(held);
      closeSync(held.descriptor);
    }
    return this.#open(canonical, nowMs);
  }

  #open(path: ByteString, openedMs: number): number {
    this.#last = NONE;
    const options = { followLinks: this.#followLinks, anyItem: false };
    const descriptor = this.#resolve(this.root, path, options);
    if (descriptor < 0) return descriptor;
    for (const [oldest, { descriptor: old }] of this.#held) {
      if (this.#held.size < MAX_HELD) break;
      this.#held.delete(oldest);
      closeSync(old);
    }
    return this.#hold({ path, descriptor, openedMs, seenMs: openedMs });
  }

  #hold(directory: HeldDirectory): number {
    this.#held.set(directory.path, directory);
    this.#last = directory;
    return directory.descriptor;
  }

  /**
   * To be asked when something is missing: whether the directory that was entered last is itself gone, so that it is
   * worth while to enter it again.
   */
  lastIsGone(): boolean {
    const last = this.#last;
    if (last.descriptor < 0 || this.#calls.statDescriptor(last.descriptor) < 0) return false;
    if (this.#calls.linkCount() > 0) {
      last.seenMs = Date.now();
      return false;
    }
    this.#forget(last.path);
    return true;
  }

  /**
   * As `lastIsGone`, for who looks at many names that are missing: it asks no more than once in a millisecond.
   */
  lastIsLongGone(): boolean {
    return this.#last.seenMs !== Date.now() && this.lastIsGone();
  }

  /** Gives up what the name `path` led to: it is about to mean something else. */
  nameChanges(path: ByteString): void {
    if (this.#held.size === 0) return;
    if (this.#followLinks) {
      this.releaseHeld(); // by way of links, any name may lead through this one
      return;
    }
    const canonical = canonicalPath(path);
    const below = `${canonical}/`;
    for (const held of this.#held.keys()) {
      if (held === canonical || held.startsWith(below)) this.#forget(held);
    }
  }

  #forget(path: ByteString): void {
    const held = this.#held.get(path);
    if (held === undefined) return;
    if (held === this.#last) this.#last = NONE;
    this.#held.delete(path);
    closeSync(held.descriptor);
  }

  /** Closes all directories but the root. */
  releaseHeld(): void {
    for (const path of [...this.#held.keys()]) this.#forget(path);
  }

  /** How many descriptors are held besides the root. */
  get heldCount(): number {
    return this.#held.size;
  }
}

/** A clock that was set back ends the trust too. */
function isTrusted(directory: HeldDirectory, nowMs: number): boolean {
  const age = nowMs - directory.openedMs;
  return age >= 0 && age <= TRUSTED_MS;
}
