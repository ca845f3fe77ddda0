/**
 * The tree of directories and the kernel's watches on them, kept equal to each other.
 * @module
 */
import { constants } from "node:os";
import type { ByteString } from "@tsrsync/protocol/wire";
import { DIRECTORY_MASK, ROOT_MASK } from "../inotify/flags.js";
import type { InotifyHandle } from "../inotify/inotify-hub.js";
import { DirectoryTree, NO_NODE, NO_WATCH, ROOT } from "./directory-tree.js";
import { type Disk, isGone } from "./disk.js";

const { ENOSPC, ENOMEM } = constants.errno;

/** What became of a directory that was seen. */
export type Adoption =
  /** Watched for the first time: what is in it is not known. */
  | { kind: "new"; node: number }
  /** Known, and here. */
  | { kind: "known"; node: number }
  /** Known from elsewhere, here now. */
  | { kind: "moved"; node: number }
  /** Not there any more, or no directory. */
  | { kind: "gone" }
  /** It can not be looked into. */
  | { kind: "unreadable"; errno: number };

const GONE: Adoption = { kind: "gone" };

export interface WatchedTreeObserver {
  /** A directory is forgotten. Its node is still whole. */
  dropped(node: number): void;
  /**
   * A directory is about to be forgotten because it is found not to be in its place any more, while events about what was in it
   * may still be waiting to be read.
   */
  displaced(path: ByteString): void;
  /** Something is looked up in a directory by its path. */
  looked(node: number): void;
  /** A directory that was known has a new place. */
  placed(node: number): void;
  /** A watch was set. */
  watched(watch: number, path: ByteString): void;
  /** A directory has no watch, and must be looked at in intervals. */
  polled(node: number): void;
}

export class WatchedTree {
  readonly tree: DirectoryTree = new DirectoryTree();
  /** Directories without a watch, which must be looked at in intervals. */
  readonly polled: Set<number> = new Set();
  readonly #disk: Disk;
  readonly #observer: WatchedTreeObserver;
  #handle: InotifyHandle | null = null;
  #watches = 0;

  constructor(disk: Disk, observer: WatchedTreeObserver) {
    this.#disk = disk;
    this.#observer = observer;
  }

  get watches(): number {
    return this.#watches;
  }

  /** Whether the root is watched, or polled. */
  get isWatching(): boolean {
    return this.tree.watch(ROOT) !== NO_WATCH || this.polled.has(ROOT);
  }

  /** Where watches come from; `null`: all directories are polled. */
  use(handle: InotifyHandle | null): void {
    this.#handle = handle;
  }

  /** Watches the root. 0 or a negated errno. */
  adoptRoot(): number {
    if (this.#handle === null) {
      this.#setPolled(ROOT);
      return 0;
    }
    const watch = this.#handle.add(this.#disk.absolute(""), ROOT_MASK);
    if (watch >= 0) this.#watch(ROOT, watch, "");
    else if (isLimit(watch)) this.#setPolled(ROOT);
    else return watch;
    return 0;
  }

  /**
   * Takes note that there seems to be a directory `name` in `parent`, by setting a watch: what that says is how things are now,
   * whatever the events told so far.
   */
  adopt(parent: number, name: ByteString, path: ByteString): Adoption {
    this.#observer.looked(parent);
    const child = this.tree.find(parent, name);
    if (this.#handle === null) return this.#poll(parent, name, child);
    const watch = this.#handle.add(this.#disk.absolute(path), DIRECTORY_MASK);
    if (watch < 0) return this.#refused(watch, parent, name, child);
    const known = this.tree.byWatch(watch);
    if (known === NO_NODE) return this.#insert(parent, name, child, watch, path);
    if (known === child) return { kind: "known", node: child };
    // It moved into what was below it, so that has moved as well: when that is told it will be looked at again.
    if (this.tree.isWithin(parent, known)) return GONE;
    if (this.#isStillThere(known, watch)) return this.#poll(parent, name, child);
    this.place(known, parent, name);
    return { kind: "moved", node: known };
  }

  /** Moves a directory, known or detached, to a place; what was known there is forgotten. */
  place(node: number, parent: number, name: ByteString): void {
    this.tree.detach(node);
    const child = this.tree.find(parent, name);
    if (child !== NO_NODE) this.displace(child);
    this.tree.move(node, parent, name);
    this.#observer.placed(node);
  }

  /** Forgets a directory and all below it, and gives the watches back. */
  drop(node: number): void {
    this.tree.remove(node, (leaf) => this.#forget(leaf));
  }

  /** Tries to watch a directory that is polled. */
  upgrade(node: number): boolean {
    const path = this.tree.path(node);
    if (this.#handle === null || path === null) return false;
    const mask = node === ROOT ? ROOT_MASK : DIRECTORY_MASK;
    const watch = this.#handle.add(this.#disk.absolute(path), mask);
    if (watch < 0 || this.tree.byWatch(watch) !== NO_NODE) return false;
    this.#watch(node, watch, path);
    this.polled.delete(node);
    return true;
  }

  /** Forgets a directory that is not in its place any more although no event has said so yet. */
  displace(node: number): void {
    const path = this.tree.path(node);
    if (path !== null) this.#observer.displaced(path);
    this.drop(node);
  }

  /** The kernel has given up the watch of a directory. */
  watchIsGone(node: number): void {
    if (this.tree.watch(node) !== NO_WATCH) this.#setWatch(node, NO_WATCH);
  }

  /** Gives all watches back. */
  clear(): void {
    for (;;) {
      const child = this.tree.firstChild(ROOT);
      if (child === NO_NODE) break;
      this.drop(child);
    }
    this.#forget(ROOT);
  }

  #insert(
    parent: number,
    name: ByteString,
    child: number,
    watch: number,
    path: ByteString,
  ): Adoption {
    let node = child;
    if (child === NO_NODE || !this.polled.delete(child)) {
      if (child !== NO_NODE) this.displace(child);
      node = this.tree.add(parent, name);
    }
    this.#watch(node, watch, path);
    return { kind: "new", node };
  }

  #refused(outcome: number, parent: number, name: ByteString, child: number): Adoption {
    if (isLimit(outcome)) return this.#poll(parent, name, child);
    if (isGone(outcome)) return GONE;
    return { kind: "unreadable", errno: -outcome };
  }

  #poll(parent: number, name: ByteString, child: number): Adoption {
    if (child !== NO_NODE && this.polled.has(child)) return { kind: "known", node: child };
    if (child !== NO_NODE) this.displace(child);
    const node = this.tree.add(parent, name);
    this.#setPolled(node);
    return { kind: "new", node };
  }

  /** A directory that is in two places (a bind mount) has one watch. The second place is polled. */
  #isStillThere(node: number, watch: number): boolean {
    const path = this.tree.path(node);
    if (path === null) return false;
    const found = this.#handle!.add(this.#disk.absolute(path), DIRECTORY_MASK);
    // Another one is there, of which an event will tell.
    if (found >= 0 && this.tree.byWatch(found) === NO_NODE) this.#handle!.remove(found);
    return found === watch;
  }

  #watch(node: number, watch: number, path: ByteString): void {
    this.#setWatch(node, watch);
    this.#observer.watched(watch, path);
  }

  #setPolled(node: number): void {
    this.polled.add(node);
    this.#observer.polled(node);
  }

  #setWatch(node: number, watch: number): void {
    if (this.tree.watch(node) !== NO_WATCH) this.#watches--;
    this.tree.setWatch(node, watch);
    if (watch !== NO_WATCH) this.#watches++;
  }

  #forget(node: number): void {
    this.#observer.dropped(node);
    this.polled.delete(node);
    const watch = this.tree.watch(node);
    if (watch === NO_WATCH) return;
    this.#setWatch(node, NO_WATCH);
    this.#handle?.remove(watch);
  }
}

/** The kernel grants no more watches. */
function isLimit(outcome: number): boolean {
  return outcome === -ENOSPC || outcome === -ENOMEM;
}
