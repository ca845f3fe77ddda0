/**
 * Which directory has which watch. The kernel numbers watches for each inotify instance anew, so a number means something only
 * together with the shard whose instance it belongs to.
 * @module
 */
import { grown } from "./grown-array.js";
import { NodeIndex } from "./node-index.js";

const NO_NODE = -1;
const NO_WATCH = -1;

/** The watches and the shards of nodes, in typed arrays. */
export class NodeWatches {
  #watch = new Int32Array(0);
  /** Empty as long as all directories are in the first shard, as in nearly all roots. */
  #shard = new Uint8Array(0);
  readonly #index = new NodeIndex((node) => watchKey(this.shard(node), this.#watch[node]!));

  /** Bytes taken. */
  get bytes(): number {
    return this.#watch.byteLength + this.#shard.byteLength + this.#index.bytes;
  }

  /** Makes room for nodes below `capacity`. */
  reserve(capacity: number): void {
    this.#watch = grown(this.#watch, capacity);
    if (this.#shard.length > 0) this.#shard = grown(this.#shard, capacity);
    this.#index.reserve(capacity);
  }

  /** Prepares a new node, without a watch. */
  make(node: number, shard: number): void {
    this.#watch[node] = NO_WATCH;
    this.#setShard(node, shard);
  }

  watch(node: number): number {
    return this.#watch[node]!;
  }

  shard(node: number): number {
    return this.#shard.length === 0 ? 0 : this.#shard[node]!;
  }

  set(node: number, watch: number, shard: number): void {
    if (this.#watch[node] !== NO_WATCH) this.#index.remove(node);
    this.#watch[node] = watch;
    this.#setShard(node, shard);
    if (watch !== NO_WATCH) this.#index.add(node);
  }

  /** The (first) node with this watch, or -1. */
  find(shard: number, watch: number): number {
    return this.#with(shard, watch, this.#index.first(watchKey(shard, watch)));
  }

  /** The next node with the same watch, or -1. */
  next(node: number): number {
    return this.#with(this.shard(node), this.#watch[node]!, this.#index.after(node));
  }

  #with(shard: number, watch: number, first: number): number {
    let node = first;
    while (node !== NO_NODE && !(this.#watch[node] === watch && this.shard(node) === shard)) {
      node = this.#index.after(node);
    }
    return node;
  }

  #setShard(node: number, shard: number): void {
    if (shard !== 0 && this.#shard.length === 0) this.#shard = new Uint8Array(this.#watch.length);
    if (this.#shard.length > 0) this.#shard[node] = shard;
  }
}

function watchKey(shard: number, watch: number): number {
  return watch ^ Math.imul(shard, 0x85ebca6b);
}
