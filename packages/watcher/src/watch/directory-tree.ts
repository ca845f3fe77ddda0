/**
 * The watched directories of one root, in typed arrays: under 100 bytes each with its name. A name is stored once, relative to the
 * parent, so that a directory which moves takes all below it along without their being touched.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { grown } from "./grown-array.js";
import { NodeIndex } from "./node-index.js";
import { NodeNames } from "./node-names.js";
import { NodeWatches } from "./node-watches.js";

/** No node. */
export const NO_NODE = -1;
/** The root's node. */
export const ROOT = 0;
/** The watch of a directory that has none. */
export const NO_WATCH = -1;

const FIRST_CAPACITY = 64;
const FREE = -2;

export class DirectoryTree {
  #parent = new Int32Array(0);
  #firstChild = new Int32Array(0);
  #next = new Int32Array(0);
  #previous = new Int32Array(0);
  #end = 0;
  #firstFree = NO_NODE;
  #count = 0;
  #version = 0;
  #pathNode = NO_NODE;
  #pathText: ByteString = "";
  readonly #names = new NodeNames();
  readonly #watches = new NodeWatches();
  readonly #byName = new NodeIndex((node) => this.#nameKey(node));

  constructor() {
    this.#reserve(FIRST_CAPACITY);
    this.#make(NO_NODE, "");
  }

  /** Directories in the tree, the root included. */
  get count(): number {
    return this.#count;
  }

  /** Grows whenever the path of any node may have changed. */
  get version(): number {
    return this.#version;
  }

  /** Bytes taken. */
  get bytes(): number {
    const perNode = 4 * 4;
    return (
      this.#parent.length * perNode + this.#names.bytes + this.#byName.bytes + this.#watches.bytes
    );
  }

  /** The directory `name` in `parent`, or {@link NO_NODE}. */
  find(parent: number, name: ByteString): number {
    for (
      let node = this.#byName.first(hashName(parent, name));
      node !== NO_NODE;
      node = this.#byName.after(node)
    ) {
      if (this.#parent[node] === parent && this.#names.has(node, name)) return node;
    }
    return NO_NODE;
  }

  /** Adds a directory that is not there yet. */
  add(parent: number, name: ByteString): number {
    const node = this.#make(parent, name);
    this.#attach(node, parent);
    this.#byName.add(node);
    return node;
  }

  /**
   * Takes a directory out, and all below it. `removed` is told each node, children first, while it still has its watch and its
   * name; node numbers are used again.
   */
  remove(node: number, removed: (node: number) => void): void {
    for (;;) {
      let leaf = node;
      while (this.#firstChild[leaf] !== NO_NODE) leaf = this.#firstChild[leaf]!;
      removed(leaf);
      this.#free(leaf);
      if (leaf === node) return;
    }
  }

  /** Gives a directory another place. */
  move(node: number, parent: number, name: ByteString): void {
    this.detach(node);
    this.#names.set(node, name);
    this.#attach(node, parent);
    this.#byName.add(node);
  }

  /** Takes a directory out of its place, but keeps it and all below it. */
  detach(node: number): void {
    if (this.#parent[node] === NO_NODE) return;
    this.#byName.remove(node);
    this.#unlink(node);
    this.#parent[node] = NO_NODE;
    this.#changed();
  }

  /** Whether `ancestor` is `node` or above it. */
  isWithin(node: number, ancestor: number): boolean {
    for (let at = node; at !== NO_NODE; at = this.#parent[at]!) if (at === ancestor) return true;
    return false;
  }

  parent(node: number): number {
    return this.#parent[node]!;
  }

  name(node: number): ByteString {
    return this.#names.read(node);
  }

  firstChild(node: number): number {
    return this.#firstChild[node]!;
  }

  nextSibling(node: number): number {
    return this.#next[node]!;
  }

  /** The path below the root, or `null` for one that is, or is below, a detached directory. */
  path(node: number): ByteString | null {
    if (node === this.#pathNode) return this.#pathText;
    let path: ByteString = "";
    for (let at = node; at !== ROOT; at = this.#parent[at]!) {
      if (at < 0) return null;
      path = path === "" ? this.name(at) : `${this.name(at)}/${path}`;
    }
    this.#pathNode = node;
    this.#pathText = path;
    return path;
  }

  watch(node: number): number {
    return this.#watches.watch(node);
  }

  /** The shard that the directory is watched by, or is to be. */
  shard(node: number): number {
    return this.#watches.shard(node);
  }

  /** A new one is in the shard of its parent until it is given another one. */
  setWatch(node: number, watch: number, shard: number = this.shard(node)): void {
    this.#watches.set(node, watch, shard);
  }

  /** The directory with this watch, or {@link NO_NODE}. */
  byWatch(shard: number, watch: number): number {
    return this.#watches.find(shard, watch);
  }

  /** The next directory with the same watch: links may lead to one directory from several places. Else {@link NO_NODE}. */
  nextByWatch(node: number): number {
    return this.#watches.next(node);
  }

  /** Whether a directory, and all below it, is in one shard. */
  isWhollyIn(node: number, shard: number): boolean {
    if (this.shard(node) !== shard) return false;
    for (let child = this.#firstChild[node]!; child !== NO_NODE; child = this.#next[child]!) {
      if (!this.isWhollyIn(child, shard)) return false;
    }
    return true;
  }

  /** The directories of a shard that do not lie in one of the same shard. */
  topsOf(shard: number): number[] {
    const tops: number[] = [];
    for (let node = 0; node < this.#end; node++) {
      const parent = this.#parent[node]!;
      if (parent === FREE || this.shard(node) !== shard) continue;
      if (parent === NO_NODE || this.shard(parent) !== shard) tops.push(node);
    }
    return tops;
  }

  #make(parent: number, name: ByteString): number {
    const node = this.#takeFree();
    this.#parent[node] = parent;
    this.#firstChild[node] = NO_NODE;
    this.#next[node] = NO_NODE;
    this.#previous[node] = NO_NODE;
    this.#names.set(node, name);
    this.#watches.make(node, parent === NO_NODE ? 0 : this.shard(parent));
    this.#count++;
    return node;
  }

  #takeFree(): number {
    const node = this.#firstFree;
    if (node !== NO_NODE) {
      this.#firstFree = this.#next[node]!;
      return node;
    }
    if (this.#end === this.#parent.length) this.#reserve(Math.ceil(this.#end * 1.5));
    return this.#end++;
  }

  #free(node: number): void {
    this.setWatch(node, NO_WATCH);
    this.detach(node);
    this.#names.clear(node);
    this.#parent[node] = FREE;
    this.#next[node] = this.#firstFree;
    this.#firstFree = node;
    this.#count--;
    this.#changed();
  }

  #attach(node: number, parent: number): void {
    const first = this.#firstChild[parent]!;
    this.#parent[node] = parent;
    this.#next[node] = first;
    this.#previous[node] = NO_NODE;
    if (first !== NO_NODE) this.#previous[first] = node;
    this.#firstChild[parent] = node;
  }

  #unlink(node: number): void {
    const previous = this.#previous[node]!;
    const next = this.#next[node]!;
    if (previous === NO_NODE) this.#firstChild[this.#parent[node]!] = next;
    else this.#next[previous] = next;
    if (next !== NO_NODE) this.#previous[next] = previous;
  }

  #changed(): void {
    this.#version++;
    this.#pathNode = NO_NODE;
  }

  #nameKey(node: number): number {
    return hashName(this.#parent[node]!, this.#names.read(node));
  }

  #reserve(capacity: number): void {
    this.#parent = grown(this.#parent, capacity);
    this.#firstChild = grown(this.#firstChild, capacity);
    this.#next = grown(this.#next, capacity);
    this.#previous = grown(this.#previous, capacity);
    this.#names.reserve(capacity);
    this.#watches.reserve(capacity);
    this.#byName.reserve(capacity);
  }
}

/** FNV-1a over the parent's number and the name. */
function hashName(parent: number, name: ByteString): number {
  let hash = 0x811c9dc5 ^ parent;
  for (let at = 0; at < name.length; at++) {
    hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  }
  return hash;
}
