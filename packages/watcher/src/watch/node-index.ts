/**
 * A hash table from a number to nodes, chained through an array with one place for each node.
 * @module
 */

const NONE = -1;
const FIRST_BUCKETS = 64;

/** Holds nodes by a 32-bit key that the caller can tell again for each of them. */
export class NodeIndex {
  readonly #keyOf: (node: number) => number;
  #heads: Int32Array = new Int32Array(FIRST_BUCKETS).fill(NONE);
  #next: Int32Array = new Int32Array(0);
  #size = 0;

  constructor(keyOf: (node: number) => number) {
    this.#keyOf = keyOf;
  }

  /** Bytes taken. */
  get bytes(): number {
    return this.#heads.byteLength + this.#next.byteLength;
  }

  /** The first node whose key may be this one, or -1. */
  first(key: number): number {
    return this.#heads[this.#bucket(key)]!;
  }

  /** The next after `node`, or -1. */
  after(node: number): number {
    return this.#next[node]!;
  }

  /** Makes room for nodes below `capacity`. */
  reserve(capacity: number): void {
    if (capacity <= this.#next.length) return;
    const grown = new Int32Array(capacity).fill(NONE);
    grown.set(this.#next);
    this.#next = grown;
  }

  add(node: number): void {
    if (this.#size >= this.#heads.length) this.#grow();
    this.#link(node);
    this.#size++;
  }

  /** Takes out a node whose key has not changed since it was added. */
  remove(node: number): void {
    const bucket = this.#bucket(this.#keyOf(node));
    let at = this.#heads[bucket]!;
    if (at === node) this.#heads[bucket] = this.#next[node]!;
    else {
      while (this.#next[at] !== node) at = this.#next[at]!;
      this.#next[at] = this.#next[node]!;
    }
    this.#size--;
  }

  #link(node: number): void {
    const bucket = this.#bucket(this.#keyOf(node));
    this.#next[node] = this.#heads[bucket]!;
    this.#heads[bucket] = node;
  }

  #bucket(key: number): number {
    return (Math.imul(key, 0x9e3779b1) >>> 7) & (this.#heads.length - 1);
  }

  #grow(): void {
    const old = this.#heads;
    const after = this.#next.slice();
    this.#heads = new Int32Array(old.length * 2).fill(NONE);
    for (const head of old) {
      for (let node = head; node !== NONE; node = after[node]!) this.#link(node);
    }
  }
}
