/**
 * The files of a root that have several names. An event is about one of them, but all have changed; and only a push that has all
 * of them keeps them one file (spec 6, 3.2).
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { type Mark, Reach } from "../state/mark.js";
import { type DirectoryTree, NO_NODE, ROOT } from "./directory-tree.js";
import { type Disk, type DiskEntry, isRegular } from "./disk.js";
import { LinkSearch } from "./link-search.js";
import { joinPath, parentPath } from "./mark-sink.js";
import type { IsHidden } from "./options.js";

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
  readonly #search: LinkSearch;
  #hadSome = false;

  constructor(context: LinkedFilesContext) {
    this.#context = context;
    this.#search = new LinkSearch({
      ...context,
      found: (node, name, path, entry) => {
        if (entry.links > 1) this.note(node, name, entry);
        context.mark(path);
      },
    });
  }

  /** Whether files with several names are known. */
  get hasSome(): boolean {
    return this.#inodes.size > 0;
  }

  /** Whether there has been such a file. */
  get hadSome(): boolean {
    return this.#hadSome;
  }

  /** A walk or an event found a name of a file with several. */
  note(node: number, name: ByteString, entry: DiskEntry): void {
    this.#hadSome = true;
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

  /** A name came and went before anybody looked: if it was one of a file that has others, what was done by it is in that file. */
  missed(): void {
    this.#search.wantChanged();
  }

  /** Finishes the searches that are due. */
  settled(): Promise<void> {
    return this.#search.settled();
  }

  close(): void {
    this.#search.close();
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
    this.#search.want(entry.inode);
  }
}

function keyOf(node: number, name: ByteString): string {
  return `${node}/${name}`;
}

function leafOf(path: ByteString): ByteString {
  return path.slice(path.lastIndexOf("/") + 1);
}
