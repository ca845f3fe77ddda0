/**
 * xxh64, xxh3 and xxh128 as strong sums, in the WebAssembly kernel. The seed is an argument of the hash; file checksums have
 * none.
 * @module
 */
import { FREE_FROM, kernelOf, type WasmKernel, type XxhName } from "../kernel/index.js";
import { digestLengthOf } from "./checksum-name.js";
import type { HashStream } from "./hash-stream.js";
import type { StrongSum } from "./strong-sum.js";
import { XxhStream } from "./xxh-stream.js";

export class XxhSum implements StrongSum {
  readonly name: XxhName;
  readonly digestLength: number;
  readonly #seed: number;
  readonly #kernel: WasmKernel;

  /** @param kernel - the shared one: data from outside is brought there. */
  constructor(name: XxhName, seed: number, kernel: WasmKernel) {
    this.name = name;
    this.digestLength = digestLengthOf(name);
    this.#seed = seed;
    this.#kernel = kernel;
  }

  createFileHash(): HashStream {
    return new XxhStream(this.name, this.digestLength, this.#kernel);
  }

  blockSum(bytes: Uint8Array, into: Uint8Array, offset: number, length: number): void {
    const kernel = kernelOf(bytes) ?? this.#kernel;
    let at = bytes.byteOffset;
    if (bytes.buffer !== kernel.memory.buffer) {
      kernel.reserve(FREE_FROM + bytes.length);
      kernel.memory.set(bytes, FREE_FROM);
      at = FREE_FROM;
    }
    kernel.xxh[this.name].block(at, bytes.length, this.#seed);
    kernel.storeResult(into, offset, length);
  }
}
