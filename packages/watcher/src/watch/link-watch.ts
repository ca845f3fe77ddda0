/**
 * Follows what becomes of the links in a root (`live.followSymlinkDirs`): one that leads to a directory is a directory of the tree,
 * and whatever is changed on its way, in the root or elsewhere, makes it lead to another one, or to none.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import {
  IN_ATTRIB,
  IN_CREATE,
  IN_DELETE,
  IN_IGNORED,
  IN_ISDIR,
  IN_MOVED_FROM,
  IN_MOVED_TO,
} from "../inotify/flags.js";
import { isLinkMode } from "../links/directory-links.js";
import { Reach } from "../state/mark.js";
import { isWithin } from "../state/tree-paths.js";
import { type DirectoryTree, NO_NODE, ROOT } from "./directory-tree.js";
import { type DiskEntry, isDirectory } from "./disk.js";
import type { FollowingDisk, LinkIdentity } from "./following-disk.js";
import { LinkInterests, type LinkWatches } from "./link-interests.js";
import { joinPath, type MarkSink, parentPath } from "./mark-sink.js";
import type { IsHidden } from "./options.js";
import { SLICE_MS } from "./walk-queue.js";
import type { WatchedTree } from "./watched-tree.js";

const CAME_OR_WENT = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO;
const WENT = IN_DELETE | IN_MOVED_FROM;

export interface LinkWatchContext {
  disk: FollowingDisk;
  watched: WatchedTree;
  marks: MarkSink;
  watches: LinkWatches;
  isHidden: IsHidden | null;
  pollIntervalMs: number;
  /** The file system that is not left, or `null`. */
  device(): bigint | null;
  /** Walks a directory that is new, or known from elsewhere, and marked. */
  explore(node: number, isNew: boolean): void;
  /** What was explored is walked as far as it is small, and all marks are told. */
  flush(): void;
  warn(text: string): void;
}

export class LinkWatch {
  readonly #context: LinkWatchContext;
  readonly #interests: LinkInterests;
  readonly #links = new Map<ByteString, LinkIdentity>();
  /** Paths at which a link may have come, gone or changed: true for those that lead another way, or did for a moment. */
  readonly #pending = new Map<ByteString, boolean>();
  /** Inodes of links that lead in a circle, which people were told of. */
  readonly #circles = new Set<bigint>();
  /** Links whose way can not be watched: they are looked at in intervals. */
  readonly #polled = new Set<ByteString>();
  #timer: NodeJS.Timeout | undefined;
  #next: NodeJS.Immediate | undefined;
  #idle: (() => void)[] = [];

  constructor(context: LinkWatchContext) {
    this.#context = context;
    this.#interests = new LinkInterests(context.watches);
  }

  /** Whether a watch is needed for the way of some link. */
  hasWatch(watch: number): boolean {
    return this.#interests.has(watch);
  }

  get isIdle(): boolean {
    return this.#pending.size === 0;
  }

  /** Somebody met a link. */
  noted(path: ByteString, identity: LinkIdentity): void {
    if (this.#links.get(path) !== identity) this.#look(path, false);
  }

  /** An event, after the tree has taken it. */
  event(watch: number, mask: number, name: ByteString): void {
    if (mask & IN_IGNORED) {
      for (const path of this.#interests.watchIsGone(watch)) this.#look(path, true);
      return;
    }
    if (mask & (CAME_OR_WENT | IN_ATTRIB)) {
      const isTouched = (mask & CAME_OR_WENT) !== 0;
      for (const path of this.#interests.of(watch, name)) this.#look(path, isTouched);
    }
    if ((mask & CAME_OR_WENT) === 0) return;
    const { tree } = this.#context.watched;
    for (let node = tree.byWatch(0, watch); node !== NO_NODE; node = tree.nextByWatch(node)) {
      const parent = tree.path(node);
      if (parent === null) continue;
      const path = joinPath(parent, name);
      if ((mask & IN_ISDIR) === 0) this.#look(path, true);
      else if (mask & WENT) this.#lookBelow(path);
    }
  }

  /** What was below a path is elsewhere, or something else came there: the links in it are to be met again. */
  forgetBelow(top: ByteString): void {
    for (const path of [...this.#links.keys()]) {
      if (path !== top && isWithin(path, top)) this.#forget(path);
    }
  }

  /** Events were lost. */
  lookAtAll(): void {
    for (const path of this.#links.keys()) this.#look(path, false);
  }

  /** What is looked at in intervals is looked at now. */
  poll(): void {
    for (const path of this.#polled) this.#look(path, false);
  }

  /** Looks at what is pending, for one slice. */
  settle(): void {
    const deadline = performance.now() + SLICE_MS;
    for (const [path, isTouched] of this.#pending) {
      this.#pending.delete(path);
      this.#lookAt(path, isTouched);
      if (performance.now() >= deadline) break;
    }
    if (this.#pending.size > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Resolves when nothing is pending. */
  idle(): Promise<void> {
    if (this.isIdle) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Forgets all links and gives their watches back. */
  clear(): void {
    clearImmediate(this.#next);
    this.#next = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#pending.clear();
    this.#polled.clear();
    this.#links.clear();
    this.#interests.clear();
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #look(path: ByteString, isTouched: boolean): void {
    this.#pending.set(path, isTouched || this.#pending.get(path) === true);
    this.#next ??= setImmediate(() => this.#slice());
  }

  #lookBelow(top: ByteString): void {
    for (const path of this.#links.keys()) if (isWithin(path, top)) this.#look(path, false);
  }

  #slice(): void {
    this.#next = undefined;
    this.settle();
    this.#context.flush();
    if (this.#pending.size > 0) this.#next ??= setImmediate(() => this.#slice());
  }

  #lookAt(path: ByteString, isTouched: boolean): void {
    const { disk, isHidden } = this.#context;
    const item = disk.lookAtItem(path);
    if (typeof item === "number" || !isLinkMode(item.mode)) {
      this.#forget(path);
      if (typeof item === "number" || !isDirectory(item)) this.#displace(path);
      return;
    }
    // Watched first, looked at then: so nothing falls between.
    if (this.#interests.follow(path, disk.absolute(path))) this.#polled.delete(path);
    else this.#pollLater(path);
    const { directory, identity } = disk.follow(path, item);
    const known = this.#links.get(path);
    this.#links.set(path, identity);
    if (isHidden?.(path, directory !== null)) this.#displace(path);
    else if (directory === null) this.#showLink(path, item, isTouched || known !== identity);
    else this.#showDirectory(path, directory, known, isTouched);
  }

  #showLink(path: ByteString, { inode }: DiskEntry, isChanged: boolean): void {
    const { disk, marks, warn } = this.#context;
    if (!this.#displace(path) && isChanged) marks.mark(path);
    if (this.#circles.has(inode) || !disk.isCircle(path)) return;
    this.#circles.add(inode);
    warn(`${path}: leads to a directory that it lies in: it is mirrored as a link`);
  }

  /**
   * One that led elsewhere, if only for a moment, may have been looked at then: whatever targets have below its path is in question.
   */
  #showDirectory(
    path: ByteString,
    directory: DiskEntry,
    known: LinkIdentity | undefined,
    isTouched: boolean,
  ): void {
    const { watched, marks, explore, warn, device } = this.#context;
    if (known !== undefined && isTouched) marks.markName(path, Reach.Reconcile);
    const only = device();
    if (only !== null && directory.device !== only) {
      if (!this.#displace(path) && known !== undefined) marks.mark(path);
      return;
    }
    const parent = nodeAt(watched.tree, parentPath(path));
    if (parent === NO_NODE) return; // who comes to know it will meet the link
    const adoption = watched.adopt(parent, leafOf(path), path);
    if (adoption.kind === "unreadable") {
      warn(`${path}: can not be watched (errno ${adoption.errno})`);
    }
    if (adoption.kind !== "new" && adoption.kind !== "moved") return;
    marks.markName(path, known === undefined ? Reach.Tree : Reach.Reconcile);
    explore(adoption.node, adoption.kind === "new");
  }

  /** Takes what the tree has at a path out of it. False when there is nothing. */
  #displace(path: ByteString): boolean {
    const { watched } = this.#context;
    const node = nodeAt(watched.tree, path);
    if (node === NO_NODE || node === ROOT) return false;
    watched.displace(node);
    return true;
  }

  #pollLater(path: ByteString): void {
    this.#polled.add(path);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.poll();
    }, this.#context.pollIntervalMs);
  }

  #forget(path: ByteString): void {
    this.#polled.delete(path);
    if (this.#links.delete(path)) this.#interests.forget(path);
  }
}

function nodeAt(tree: DirectoryTree, path: ByteString): number {
  let node = ROOT;
  if (path === "") return node;
  for (const name of path.split("/")) {
    node = tree.find(node, name);
    if (node === NO_NODE) break;
  }
  return node;
}

function leafOf(path: ByteString): ByteString {
  return path.slice(path.lastIndexOf("/") + 1);
}
