/**
 * The watched directories of one root, in typed arrays: under 100 bytes each with its name. A name is stored once, relative to the
 * parent, so that a directory which moves takes all below it along without their being touched.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { NameHeap } from "./name-heap.js";
import { NodeIndex } from "./node-index.js";

/** No node. */
export const NO_NODE = -1;
/** The root's node. */
export const ROOT = 0;
/** The watch of a directory that has none. */
export const NO_WATCH = -1;

const FIRST_CAPACITY = 64;
const MIN_GARBAGE_BYTES = 65_536;
const FREE = -2;

export class DirectoryTree {
  #parent = new Int32Array(FIRST_CAPACITY);
  #firstChild = new Int32Array(FIRST_CAPACITY);
  #next = new Int32Array(FIRST_CAPACITY);
  #previous = new Int32Array(FIRST_CAPACITY);
  #watch = new Int32Array(FIRST_CAPACITY);
  #nameStart = new Uint32Array(FIRST_CAPACITY);
  #nameLength = new Uint8Array(FIRST_CAPACITY);
  #names = new NameHeap();
  #garbageBytes = 0;
  #end = 0;
  #firstFree = NO_NODE;
  #count = 0;
  #version = 0;
  #pathNode = NO_NODE;
  #pathText: ByteString = "";
  readonly #byName = new NodeIndex((node) => this.#nameKey(node));
  readonly #byWatch = new NodeIndex((node) => this.#watch[node]!);

  constructor() {
    this.#byName.reserve(FIRST_CAPACITY);
    this.#byWatch.reserve(FIRST_CAPACITY);
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
    const perNode = 5 * 4 + 4 + 1;
    return (
      this.#parent.length * perNode +
      this.#names.capacity +
      this.#byName.bytes +
      this.#byWatch.bytes
    );
  }

  /** The directory `name` in `parent`, or {@link NO_NODE}. */
  find(parent: number, name: ByteString): number {
    for (
      let node = this.#byName.first(hashName(parent, name));
      node !== NO_NODE;
      node = this.#byName.after(node)
    ) {
      if (this.#parent[node] === parent && this.#hasName(node, name)) return node;
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
    this.#garbageBytes += this.#nameLength[node]!;
    this.#setName(node, name);
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
    return this.#names.read(this.#nameStart[node]!, this.#nameLength[node]!);
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
    return this.#watch[node]!;
  }

  setWatch(node: number, watch: number): void {
    if (this.#watch[node] !== NO_WATCH) this.#byWatch.remove(node);
    this.#watch[node] = watch;
    if (watch !== NO_WATCH) this.#byWatch.add(node);
  }

  /** The directory with this watch, or {@link NO_NODE}. */
  byWatch(watch: number): number {
    let node = this.#byWatch.first(watch);
    while (node !== NO_NODE && this.#watch[node] !== watch) node = this.#byWatch.after(node);
    return node;
  }

  #make(parent: number, name: ByteString): number {
    const node = this.#takeFree();
    this.#parent[node] = parent;
    this.#firstChild[node] = NO_NODE;
    this.#next[node] = NO_NODE;
    this.#previous[node] = NO_NODE;
    this.#watch[node] = NO_WATCH;
    this.#setName(node, name);
    this.#count++;
    return node;
  }

  #takeFree(): number {
    const node = this.#firstFree;
    if (node !== NO_NODE) {
      this.#firstFree = this.#next[node]!;
      return node;
    }
    if (this.#end === this.#parent.length) this.#grow();
    return this.#end++;
  }

  #free(node: number): void {
    this.setWatch(node, NO_WATCH);
    this.detach(node);
    this.#garbageBytes += this.#nameLength[node]!;
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

  #setName(node: number, name: ByteString): void {
    if (this.#garbageBytes > Math.max(MIN_GARBAGE_BYTES, this.#names.end / 2)) this.#compact();
    this.#nameStart[node] = this.#names.add(name);
    this.#nameLength[node] = name.length;
  }

  #compact(): void {
    const names = new NameHeap();
    for (let node = 0; node < this.#end; node++) {
      if (this.#parent[node] === FREE) continue;
      this.#nameStart[node] = names.copy(
        this.#names,
        this.#nameStart[node]!,
        this.#nameLength[node]!,
      );
    }
    this.#names = names;
    this.#garbageBytes = 0;
  }

  #hasName(node: number, name: ByteString): boolean {
    return this.#names.equals(this.#nameStart[node]!, this.#nameLength[node]!, name);
  }

  #nameKey(node: number): number {
    return hashName(this.#parent[node]!, this.name(node));
  }

  #grow(): void {
    const capacity = Math.ceil(this.#parent.length * 1.5);
    this.#parent = grown(this.#parent, capacity);
    this.#firstChild = grown(this.#firstChild, capacity);
    this.#next = grown(this.#next, capacity);
    this.#previous = grown(this.#previous, capacity);
    this.#watch = grown(this.#watch, capacity);
    this.#nameStart = grown(this.#nameStart, capacity);
    this.#nameLength = grown(this.#nameLength, capacity);
    this.#byName.reserve(capacity);
    this.#byWatch.reserve(capacity);
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

type NumberArray = Int32Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

function grown<A extends NumberArray>(array: A, capacity: number): A {
  const larger = new (array.constructor as new (length: number) => A)(capacity);
  larger.set(array);
  return larger;
}
