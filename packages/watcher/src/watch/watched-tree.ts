/**
 * The tree of directories and the kernel's watches on them, kept equal to each other.
 * @module
 */
import { constants } from "node:os";
import type { ByteString } from "@tsrsync/protocol/wire";
import { DIRECTORY_MASK, FOLLOWED_MASK, ROOT_MASK } from "../inotify/flags.js";
import { DirectoryTree, NO_NODE, NO_WATCH, ROOT } from "./directory-tree.js";
import { type Disk, isGone } from "./disk.js";
import type { Shards } from "./shards.js";

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

/** Who else needs watches. */
export interface WatchSharing {
  isNeeded(watch: number): boolean;
}

/** Where links are followed there is one shard: one directory, in however many places, has one watch. */
const FIRST_SHARD = 0;

export class WatchedTree {
  readonly tree: DirectoryTree = new DirectoryTree();
  /** Directories without a watch, which must be looked at in intervals. */
  readonly polled: Set<number> = new Set();
  readonly #disk: Disk;
  readonly #observer: WatchedTreeObserver;
  readonly #shards: Shards;
  readonly #sharing: WatchSharing | null;
  readonly #mask: number;
  #watches = 0;

  /**
   * `shards`: where watches come from; as long as there are none, all directories are polled. `sharing`: links are followed, so that
   * one directory may be in several places.
   */
  constructor(
    disk: Disk,
    shards: Shards,
    observer: WatchedTreeObserver,
    sharing: WatchSharing | null = null,
  ) {
    this.#disk = disk;
    this.#shards = shards;
    this.#observer = observer;
    this.#sharing = sharing;
    this.#mask = sharing === null ? DIRECTORY_MASK : FOLLOWED_MASK;
  }

  /** Whether a watch may be that of several directories. */
  get isSharing(): boolean {
    return this.#sharing !== null;
  }

  get watches(): number {
    return this.#watches;
  }

  /** Whether the root is watched, or polled. */
  get isWatching(): boolean {
    return this.tree.watch(ROOT) !== NO_WATCH || this.polled.has(ROOT);
  }

  /** Watches the root. 0 or a negated errno. */
  adoptRoot(): number {
    if (this.#shards.count === 0) {
      this.#setPolled(ROOT);
      return 0;
    }
    const watch = this.#shards.add(0, this.#disk.absolute(""), ROOT_MASK);
    if (watch >= 0) this.#watch(ROOT, watch, 0, "");
    else if (isLimit(watch)) this.#setPolled(ROOT);
    else return watch;
    return 0;
  }

  /**
   * Takes note that there seems to be a directory `name` in `parent`, by setting a watch: what that says is how things are now,
   * whatever the events told so far. One that is known in another shard than it is looked up in (`shard`: that of somebody who
   * may be there) is taken for new; the events that are still to come tell that it moved, and then the known one takes the place.
   */
  adopt(parent: number, name: ByteString, path: ByteString, shard?: number): Adoption {
    this.#observer.looked(parent);
    const child = this.tree.find(parent, name);
    if (this.#shards.count === 0) return this.#poll(parent, name, child);
    const at = shard ?? this.#shardFor(parent, child);
    const watch = this.#shards.add(at, this.#disk.absolute(path), this.#mask);
    if (watch < 0) return this.#refused(watch, parent, name, child);
    if (this.isSharing) return this.#adoptShared(parent, name, child, watch, path);
    const known = this.tree.byWatch(at, watch);
    if (known === NO_NODE) return this.#insert(parent, name, child, { watch, shard: at, path });
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
    if (this.#shards.count === 0 || path === null) return false;
    const mask = node === ROOT ? ROOT_MASK : this.#mask;
    const shard = node === ROOT ? 0 : this.#shardFor(this.tree.parent(node), NO_NODE);
    const watch = this.#shards.add(shard, this.#disk.absolute(path), mask);
    if (watch < 0 || this.tree.byWatch(shard, watch) !== NO_NODE) return false;
    this.#watch(node, watch, shard, path);
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
    this.#unwatch(node);
  }

  /** Watches a directory that is not of the tree, for the way of a link: the watch, or a negated errno. */
  watchAside(directory: ByteString): number {
    if (this.#shards.count === 0) return -ENOSPC;
    return this.#shards.add(FIRST_SHARD, directory, this.#mask);
  }

  /** Gives a watch back that no directory has, and that is not needed otherwise. */
  release(watch: number, shard: number = FIRST_SHARD): void {
    if (this.tree.byWatch(shard, watch) !== NO_NODE) return;
    if (this.#sharing?.isNeeded(watch) !== true) this.#shards.remove(shard, watch);
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

  /** The shard that tells whether the directory which is known at a place is still there, or that of a new one. */
  #shardFor(parent: number, child: number): number {
    if (child !== NO_NODE && this.tree.watch(child) !== NO_WATCH) return this.tree.shard(child);
    return this.#shards.choose(this.tree.shard(parent), parent === ROOT);
  }

  #insert(
    parent: number,
    name: ByteString,
    child: number,
    { watch, shard, path }: { watch: number; shard: number; path: ByteString },
  ): Adoption {
    let node = child;
    if (child === NO_NODE || !this.polled.delete(child)) {
      if (child !== NO_NODE) this.displace(child);
      node = this.tree.add(parent, name);
    }
    this.#watch(node, watch, shard, path);
    return { kind: "new", node };
  }

  /** The same directory may be here and in other places, in which it stays. */
  #adoptShared(
    parent: number,
    name: ByteString,
    child: number,
    watch: number,
    path: ByteString,
  ): Adoption {
    const known = this.#nodesWith(watch);
    if (known.includes(child)) return { kind: "known", node: child };
    // It lies in itself: links that lead there are not followed, and what has moved will be told.
    if (known.some((node) => this.tree.isWithin(parent, node))) return GONE;
    const moved = known.find((node) => !this.#isStillThere(node, watch));
    if (moved === undefined) {
      return this.#insert(parent, name, child, { watch, shard: FIRST_SHARD, path });
    }
    this.place(moved, parent, name);
    return { kind: "moved", node: moved };
  }

  #nodesWith(watch: number): number[] {
    const nodes: number[] = [];
    let node = this.tree.byWatch(FIRST_SHARD, watch);
    for (; node !== NO_NODE; node = this.tree.nextByWatch(node)) nodes.push(node);
    return nodes;
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
    const shard = this.tree.shard(node);
    const found = this.#shards.add(shard, this.#disk.absolute(path), this.#mask);
    // Another one is there, of which an event will tell.
    if (found >= 0) this.release(found, shard);
    return found === watch;
  }

  #watch(node: number, watch: number, shard: number, path: ByteString): void {
    this.#unwatch(node);
    this.tree.setWatch(node, watch, shard);
    this.#shards.watched(shard);
    this.#watches++;
    this.#observer.watched(watch, path);
  }

  #setPolled(node: number): void {
    this.polled.add(node);
    this.#observer.polled(node);
  }

  #unwatch(node: number): void {
    if (this.tree.watch(node) === NO_WATCH) return;
    this.#shards.unwatched(this.tree.shard(node));
    this.tree.setWatch(node, NO_WATCH);
    this.#watches--;
  }

  #forget(node: number): void {
    this.#observer.dropped(node);
    this.polled.delete(node);
    const watch = this.tree.watch(node);
    if (watch === NO_WATCH) return;
    this.#unwatch(node);
    this.release(watch, this.tree.shard(node));
  }
}

/** The kernel grants no more watches. */
function isLimit(outcome: number): boolean {
  return outcome === -ENOSPC || outcome === -ENOMEM;
}
