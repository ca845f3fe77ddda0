/**
 * One look at a polled directory: what has changed since the last one is marked.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { Reach } from "../state/mark.js";
import { NO_NODE } from "./directory-tree.js";
import { type Disk, type DiskEntry, isDirectory, isGone, isRegular } from "./disk.js";
import { joinPath, type MarkSink } from "./mark-sink.js";
import type { OpenFiles } from "./open-files.js";
import type { IsHidden } from "./options.js";
import type { Known, PolledListing } from "./polled-listing.js";
import type { WatchedTree } from "./watched-tree.js";

/** Longer than the grain of file times, which may be 10 ms. */
const GRAIN_MS = 250;

export interface PolledLookContext {
  disk: Disk;
  watched: WatchedTree;
  marks: MarkSink;
  openFiles: OpenFiles;
  isHidden: IsHidden | null;
  /** The file system that is not left, or `null`. */
  device(): bigint | null;
  /** Walks a directory that is new. */
  explore(node: number): void;
}

export class PolledLook {
  readonly #context: PolledLookContext;
  readonly #node: number;
  readonly #path: ByteString;
  readonly #listing: PolledListing;
  /** What has changed since then may change again without its ctime showing it. */
  readonly #youngNs: bigint = BigInt(Date.now() - GRAIN_MS) * 1_000_000n;

  /** @param path where the directory `node` is */
  constructor(context: PolledLookContext, node: number, path: ByteString, listing: PolledListing) {
    this.#context = context;
    this.#node = node;
    this.#path = path;
    this.#listing = listing;
  }

  /** Compares the directory with its listing, and brings that up to date. */
  take(): void {
    const { disk, marks, watched } = this.#context;
    const path = this.#path;
    const listing = this.#listing;
    const own = path === "" ? (disk.lookAtRoot() ?? -1) : disk.look(path);
    const names = disk.list(path);
    if (typeof names === "number" || typeof own === "number") {
      if (path !== "" && typeof names === "number" && isGone(names)) watched.displace(this.#node);
      return;
    }
    if (listing.sinceNs > 0n && own.ctimeNs >= listing.sinceNs) marks.mark(path, Reach.Reconcile);
    else if (listing.own !== null) this.#compareOwn(own, listing.own);
    const { entries, unclear } = this.#compare(names);
    for (const [name, { directory }] of listing.entries) {
      if (!entries.has(name)) this.#lost(name, directory);
    }
    for (const name of listing.brought.keys()) {
      const isMet = entries.has(name) || listing.entries.has(name) || unclear.has(name);
      if (!isMet) this.#lost(name, true);
    }
    listing.sinceNs = 0n;
    listing.own = own;
    listing.entries = entries;
    listing.brought = unclear;
  }

  #compareOwn(own: DiskEntry, known: DiskEntry): void {
    const { marks } = this.#context;
    if (own.ctimeNs === known.ctimeNs) return;
    const isTouched = own.mtimeNs !== known.mtimeNs && own.mode === known.mode;
    if (isTouched) marks.touch(this.#path);
    else marks.mark(this.#path);
  }

  /** What the names stand for now; and the names that were brought of which that can not be told. */
  #compare(names: readonly ByteString[]): {
    entries: Map<ByteString, Known>;
    unclear: Map<ByteString, boolean>;
  } {
    const { disk, isHidden } = this.#context;
    const entries = new Map<ByteString, Known>();
    const unclear = new Map<ByteString, boolean>();
    for (const name of names) {
      const place = joinPath(this.#path, name);
      const known = this.#listing.entries.get(name);
      const entry = disk.look(place);
      if (typeof entry === "number") {
        if (isGone(entry)) continue;
        const brought = this.#listing.brought.get(name);
        if (known !== undefined) entries.set(name, known);
        if (brought !== undefined) unclear.set(name, brought);
        continue;
      }
      if (isHidden?.(place, isDirectory(entry))) continue;
      this.#found(name, place, entry, known);
      const { inode } = entry;
      const isYoung = isRegular(entry) && entry.ctimeNs >= this.#youngNs;
      const ctimeNs = isYoung ? 0n : entry.ctimeNs;
      entries.set(name, { ctimeNs, inode, directory: isDirectory(entry) });
    }
    return { entries, unclear };
  }

  #found(name: ByteString, path: ByteString, entry: DiskEntry, known: Known | undefined): void {
    const { marks, openFiles } = this.#context;
    const isSame =
      known === undefined ? entry.ctimeNs < this.#listing.sinceNs : isUnchanged(known, entry);
    if (isDirectory(entry)) this.#foundDirectory(name, path, entry, known, isSame);
    else if (!isSame) {
      // What was copied before this change may have the same size and time.
      const wasReplaced = known !== undefined && known.inode !== entry.inode;
      const force = isRegular(entry) && (wasReplaced || this.#listing.brought.has(name));
      const isWhole = openFiles.found(this.#node, name, path, entry, force);
      if (isWhole) marks.mark(path, Reach.Item, force);
    }
  }

  #foundDirectory(
    name: ByteString,
    path: ByteString,
    entry: DiskEntry,
    known: Known | undefined,
    isSame: boolean,
  ): void {
    const { marks, watched } = this.#context;
    // What was in it when it was copied may be gone again.
    const wasCopied = this.#listing.brought.get(name) === true;
    if (wasCopied) marks.mark(path, Reach.Reconcile);
    const isOurs = watched.tree.find(this.#node, name) !== NO_NODE;
    const device = this.#context.device();
    const isLeft = device !== null && entry.device !== device;
    if (isOurs && (known === undefined || known.inode === entry.inode)) {
      // What it has changed besides its times is told by its events, or when it is looked at itself.
      if (!isSame) marks.touch(path);
      return;
    }
    if (isLeft) {
      if (!isSame) marks.mark(path);
      return;
    }
    const adoption = watched.adopt(this.#node, name, path);
    marks.markName(path, known === undefined ? marks.reachOfNew(path) : Reach.Reconcile);
    if (adoption.kind === "new") this.#context.explore(adoption.node);
  }

  #lost(name: ByteString, isDirectory: boolean): void {
    const { marks, openFiles, watched } = this.#context;
    openFiles.left(this.#node, name);
    const child = watched.tree.find(this.#node, name);
    if (child !== NO_NODE) watched.drop(child);
    marks.markName(joinPath(this.#path, name), isDirectory ? Reach.Reconcile : Reach.Item);
  }
}

function isUnchanged(known: Known, entry: DiskEntry): boolean {
  return (
    known.ctimeNs === entry.ctimeNs &&
    known.inode === entry.inode &&
    known.directory === isDirectory(entry)
  );
}
