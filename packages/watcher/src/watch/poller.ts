/**
 * Looks at directories in intervals which the kernel does not watch for us: all of a root where there is no inotify, and those
 * above the watch limit where there is (spec 6, 3.2).
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { Reach } from "../state/mark.js";
import { NO_NODE } from "./directory-tree.js";
import { type Disk, type DiskEntry, isDirectory, isGone } from "./disk.js";
import { joinPath, type MarkSink } from "./mark-sink.js";
import type { OpenFiles } from "./open-files.js";
import type { IsHidden } from "./options.js";
import { SLICE_MS } from "./walk-queue.js";
import type { WatchedTree } from "./watched-tree.js";

/** A directory is known from a walk when it comes to be polled; what has changed since then is told by its ctime. */
const GRAIN_MS = 2000;

interface Known {
  ctimeNs: bigint;
  inode: bigint;
  directory: boolean;
}

/** What is known of a polled directory. */
interface Listing {
  /** Everything with a later ctime is news; 0 when `entries` tell more exactly. */
  sinceNs: bigint;
  ctimeNs: bigint;
  entries: Map<ByteString, Known>;
}

export interface PollerContext {
  disk: Disk;
  watched: WatchedTree;
  marks: MarkSink;
  openFiles: OpenFiles;
  isHidden: IsHidden | null;
  intervalMs: number;
  /** The file system that is not left, or `null`. */
  device(): bigint | null;
  /** Walks a directory that is new. */
  explore(node: number): void;
}

export class Poller {
  readonly #context: PollerContext;
  readonly #listings = new Map<number, Listing>();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(context: PollerContext) {
    this.#context = context;
  }

  /** A directory is to be polled from now on. */
  added(node: number): void {
    const sinceNs = BigInt(Date.now() - GRAIN_MS) * 1_000_000n;
    this.#listings.set(node, { sinceNs, ctimeNs: 0n, entries: new Map() });
    this.#schedule();
  }

  dropped(node: number): void {
    this.#listings.delete(node);
  }

  /** Looks at all of them once. */
  round(): Promise<void> {
    this.#running = this.#running.then(() => this.#round());
    return this.#running;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    if (this.#closed || this.#listings.size === 0) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.round().then(() => this.#schedule());
    }, this.#context.intervalMs);
  }

  async #round(): Promise<void> {
    const { marks, watched } = this.#context;
    let deadline = performance.now() + SLICE_MS;
    let mayUpgrade = true;
    for (const node of [...this.#listings.keys()]) {
      const listing = this.#listings.get(node);
      if (listing === undefined || this.#closed) continue;
      if (!watched.polled.has(node)) {
        this.#listings.delete(node); // a walk has found that it can be watched
        continue;
      }
      // Watched first, looked at then: so nothing falls between.
      mayUpgrade = mayUpgrade && watched.upgrade(node);
      this.#look(node, listing);
      if (mayUpgrade) this.#listings.delete(node);
      if (performance.now() < deadline) continue;
      marks.flush();
      await new Promise((resolve) => setImmediate(resolve));
      deadline = performance.now() + SLICE_MS;
    }
    marks.flush();
  }

  #look(node: number, listing: Listing): void {
    const { disk, marks, watched } = this.#context;
    const path = watched.tree.path(node);
    if (path === null) return;
    const own = path === "" ? (disk.lookAtRoot() ?? -1) : disk.look(path);
    const names = disk.list(path);
    if (typeof names === "number" || typeof own === "number") {
      if (path !== "" && typeof names === "number" && isGone(names)) watched.displace(node);
      return;
    }
    if (listing.sinceNs > 0n && own.ctimeNs >= listing.sinceNs) marks.mark(path, Reach.Reconcile);
    else if (listing.ctimeNs !== 0n && own.ctimeNs !== listing.ctimeNs) marks.mark(path);
    const entries = this.#compare(node, path, names, listing);
    for (const [name, known] of listing.entries) {
      if (!entries.has(name)) this.#lost(node, name, joinPath(path, name), known);
    }
    listing.sinceNs = 0n;
    listing.ctimeNs = own.ctimeNs;
    listing.entries = entries;
  }

  #compare(
    node: number,
    path: ByteString,
    names: readonly ByteString[],
    listing: Listing,
  ): Map<ByteString, Known> {
    const { disk, isHidden } = this.#context;
    const entries = new Map<ByteString, Known>();
    for (const name of names) {
      const place = joinPath(path, name);
      const known = listing.entries.get(name);
      const entry = disk.look(place);
      if (typeof entry === "number") {
        if (known !== undefined && !isGone(entry)) entries.set(name, known);
        continue;
      }
      if (isHidden?.(place, isDirectory(entry))) continue;
      this.#found(node, name, place, entry, known, listing.sinceNs);
      const { ctimeNs, inode } = entry;
      entries.set(name, { ctimeNs, inode, directory: isDirectory(entry) });
    }
    return entries;
  }

  #found(
    node: number,
    name: ByteString,
    path: ByteString,
    entry: DiskEntry,
    known: Known | undefined,
    sinceNs: bigint,
  ): void {
    const { marks, openFiles, watched } = this.#context;
    const isSame = known === undefined ? entry.ctimeNs < sinceNs : isUnchanged(known, entry);
    if (isDirectory(entry)) {
      const isOurs = watched.tree.find(node, name) !== NO_NODE;
      if (isOurs && (known === undefined || known.inode === entry.inode)) {
        if (!isSame) marks.mark(path);
        return;
      }
      const device = this.#context.device();
      if (device !== null && entry.device !== device) {
        if (!isSame) marks.mark(path);
        return;
      }
      const adoption = watched.adopt(node, name, path);
      marks.markName(path, known === undefined ? marks.reachOfNew(path) : Reach.Reconcile);
      if (adoption.kind === "new") this.#context.explore(adoption.node);
    } else if (!isSame && openFiles.found(node, name, path, entry)) marks.mark(path);
  }

  #lost(node: number, name: ByteString, path: ByteString, known: Known): void {
    const { marks, openFiles, watched } = this.#context;
    openFiles.left(node, name);
    const child = watched.tree.find(node, name);
    if (child !== NO_NODE) watched.drop(child);
    marks.markName(path, known.directory ? Reach.Reconcile : Reach.Item);
  }
}

function isUnchanged(known: Known, entry: DiskEntry): boolean {
  return (
    known.ctimeNs === entry.ctimeNs &&
    known.inode === entry.inode &&
    known.directory === isDirectory(entry)
  );
}
