/**
 * The files of a root that have several names. An event is about one of them, but all have changed; and only a push that has all
 * of them keeps them one file (spec 6, 3.2).
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { type Mark, Reach } from "../state/mark.js";
import { type DirectoryTree, NO_NODE, ROOT } from "./directory-tree.js";
import { type Disk, type DiskEntry, isRegular } from "./disk.js";
import { joinPath, parentPath } from "./mark-sink.js";
import type { IsHidden } from "./options.js";
import { SLICE_MS } from "./walk-queue.js";

/** Searches are gathered for so long: who makes one link often makes many. */
const GATHER_MS = 100;

/** A name stays right when a directory above it moves. */
interface Name {
  node: number;
  name: ByteString;
}

export interface LinkedFilesContext {
  disk: Disk;
  tree: DirectoryTree;
  isHidden: IsHidden | null;
  mark(path: ByteString): void;
  /** One of the names of this file is gone, and with it the events of who writes to the file through it. */
  suspect(node: number, name: ByteString, path: ByteString): void;
  flush(): void;
}

export class LinkedFiles {
  readonly #context: LinkedFilesContext;
  readonly #names = new Map<bigint, Name[]>();
  /** The same the other way round, for names that are gone when their last change is told. */
  readonly #inodes = new Map<string, bigint>();
  /** With how many links a file was searched for: the names that were not found are not in the root. */
  readonly #searched = new Map<bigint, number>();
  #wanted = new Set<bigint>();
  #timer: NodeJS.Timeout | undefined;
  #searching: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(context: LinkedFilesContext) {
    this.#context = context;
  }

  /** Whether files with several names are known. */
  get hasSome(): boolean {
    return this.#inodes.size > 0;
  }

  /** A walk or an event found a name of a file with several. */
  note(node: number, name: ByteString, entry: DiskEntry): void {
    this.#inodes.set(keyOf(node, name), entry.inode);
    const names = this.#names.get(entry.inode);
    if (names === undefined) this.#names.set(entry.inode, [{ node, name }]);
    else if (!names.some((known) => known.node === node && known.name === name)) {
      names.push({ node, name });
    }
  }

  /** The marks for the other names of what is marked. */
  othersOf(marks: readonly Mark[]): Mark[] {
    if (this.#inodes.size === 0) return [];
    const others: Mark[] = [];
    for (const mark of marks) {
      if (mark.reach !== Reach.Item) continue;
      const entry = this.#context.disk.look(mark.path);
      const isLinked = typeof entry !== "number" && isRegular(entry) && entry.links > 1;
      const before = this.#takeInode(mark.path);
      if (before !== null && (typeof entry === "number" || entry.inode !== before)) {
        for (const path of this.#namesOf(before)) {
          this.#context.suspect(this.#nodeAt(parentPath(path)), leafOf(path), path);
          others.push({ ...mark, path });
        }
      }
      if (!isLinked) continue;
      const names = this.#namesWith(mark.path, entry);
      for (const path of names) if (path !== mark.path) others.push({ ...mark, path });
      if (names.length < entry.links) this.#want(entry);
    }
    return others;
  }

  /** Finishes the searches that are due. */
  async settled(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#wanted.size > 0) this.#searching = this.#searching.then(() => this.#search());
    await this.#searching;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#names.clear();
    this.#inodes.clear();
  }

  /** The inode that a path was known to have, which is forgotten. */
  #takeInode(path: ByteString): bigint | null {
    const node = this.#nodeAt(parentPath(path));
    const key = keyOf(node, leafOf(path));
    const inode = this.#inodes.get(key);
    this.#inodes.delete(key);
    return inode ?? null;
  }

  #namesWith(path: ByteString, entry: DiskEntry): ByteString[] {
    const node = this.#nodeAt(parentPath(path));
    if (node !== NO_NODE) this.note(node, leafOf(path), entry);
    return this.#namesOf(entry.inode);
  }

  /** The names of a file that are still right. */
  #namesOf(inode: bigint): ByteString[] {
    const { disk, tree } = this.#context;
    const paths: ByteString[] = [];
    const names = (this.#names.get(inode) ?? []).filter((known) => {
      const parent = tree.path(known.node);
      if (parent === null) return false;
      const place = joinPath(parent, known.name);
      const found = disk.look(place);
      if (typeof found === "number" || found.inode !== inode) return false;
      paths.push(place);
      return true;
    });
    if (names.length > 0) this.#names.set(inode, names);
    else this.#names.delete(inode);
    return paths;
  }

  #nodeAt(path: ByteString): number {
    let node = ROOT;
    if (path === "") return node;
    for (const name of path.split("/")) {
      node = this.#context.tree.find(node, name);
      if (node === NO_NODE) break;
    }
    return node;
  }

  #want(entry: DiskEntry): void {
    if (this.#searched.get(entry.inode) === entry.links) return;
    this.#searched.set(entry.inode, entry.links);
    this.#wanted.add(entry.inode);
    this.#timer ??= setTimeout(() => void this.settled(), GATHER_MS);
  }

  /** Looks for the names of the wanted files in all directories that are known. */
  async #search(): Promise<void> {
    const wanted = this.#wanted;
    this.#wanted = new Set();
    let deadline = performance.now() + SLICE_MS;
    for (const node of this.#allNodes()) {
      if (this.#closed) return;
      this.#searchIn(node, wanted);
      if (performance.now() < deadline) continue;
      this.#context.flush();
      await new Promise((resolve) => setImmediate(resolve));
      deadline = performance.now() + SLICE_MS;
    }
    this.#context.flush();
  }

  #searchIn(node: number, wanted: ReadonlySet<bigint>): void {
    const { disk, tree, isHidden, mark } = this.#context;
    const path = tree.path(node);
    const names = path === null ? [] : disk.list(path);
    if (path === null || typeof names === "number") return;
    for (const name of names) {
      const place = joinPath(path, name);
      const entry = disk.look(place);
      // Also where no other name is left: what was written through the one that is gone is in the file.
      if (typeof entry === "number" || !wanted.has(entry.inode)) continue;
      if (!isRegular(entry) || isHidden?.(place, false)) continue;
      this.note(node, name, entry);
      mark(place);
    }
  }

  #allNodes(): number[] {
    const { tree } = this.#context;
    const nodes = [ROOT];
    for (let at = 0; at < nodes.length; at++) {
      let child = tree.firstChild(nodes[at]!);
      for (; child !== NO_NODE; child = tree.nextSibling(child)) nodes.push(child);
    }
    return nodes;
  }
}

function keyOf(node: number, name: ByteString): string {
  return `${node}/${name}`;
}

function leafOf(path: ByteString): ByteString {
  return path.slice(path.lastIndexOf("/") + 1);
}
