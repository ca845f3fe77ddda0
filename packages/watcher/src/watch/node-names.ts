/**
 * The names of nodes, each stored once and without a string of its own.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { grown } from "./grown-array.js";
import { NameHeap } from "./name-heap.js";

const MIN_GARBAGE_BYTES = 65_536;

export class NodeNames {
  #start = new Uint32Array(0);
  #length = new Uint8Array(0);
  #heap = new NameHeap();
  #garbageBytes = 0;
  /** Nodes from here on have no names. */
  #end = 0;

  /** Bytes taken. */
  get bytes(): number {
    return this.#start.byteLength + this.#length.byteLength + this.#heap.capacity;
  }

  /** Makes room for nodes below `capacity`. */
  reserve(capacity: number): void {
    this.#start = grown(this.#start, capacity);
    this.#length = grown(this.#length, capacity);
  }

  /** Gives a node a name, its first one or another. At most 255 bytes. */
  set(node: number, name: ByteString): void {
    this.clear(node);
    if (this.#garbageBytes > Math.max(MIN_GARBAGE_BYTES, this.#heap.end / 2)) this.#compact();
    this.#start[node] = this.#heap.add(name);
    this.#length[node] = name.length;
    if (node >= this.#end) this.#end = node + 1;
  }

  /** The node has no name any more. */
  clear(node: number): void {
    this.#garbageBytes += this.#length[node]!;
    this.#length[node] = 0;
  }

  read(node: number): ByteString {
    return this.#heap.read(this.#start[node]!, this.#length[node]!);
  }

  has(node: number, name: ByteString): boolean {
    return this.#heap.equals(this.#start[node]!, this.#length[node]!, name);
  }

  #compact(): void {
    const heap = new NameHeap();
    for (let node = 0; node < this.#end; node++) {
      this.#start[node] = heap.copy(this.#heap, this.#start[node]!, this.#length[node]!);
    }
    this.#heap = heap;
    this.#garbageBytes = 0;
  }
}
