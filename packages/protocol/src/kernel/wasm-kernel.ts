/**
 * The kernel as WebAssembly: an instance with a memory of its own.
 * @module
 */
import { ExitCode, RsyncError } from "../errors.js";
import { decodeBase64 } from "./decode-base64.js";
import type { HashState, XxhFunctions, XxhName } from "./hash-kernel.js";
import { FREE_FROM, type IndexLayout, type Kernel } from "./kernel.js";
import { KERNEL_WASM } from "./kernel-wasm.generated.js";

const PAGE = 65536;
/** Accumulators, buffer and counters of an xxHash stream; see assembly/xxh-common.ts. */
const STATE_BYTES = 336;

/** What assembly/index.ts exports. */
interface KernelExports extends Record<string, unknown> {
  memory: WebAssembly.Memory;
  weakSum(at: number, length: number): number;
  weakSums(at: number, length: number, blockLength: number, out: number): void;
  setIndex(
    filterFactor: number,
    tableFactor: number,
    sieve: number,
    sieveBits: number,
    filter: number,
    filterBits: number,
    table: number,
    tableBits: number,
    weak: number,
    next: number,
  ): void;
  buildIndex(count: number): void;
  lookUp(sum: number): number;
  search(at: number, last: number, length: number, sum: number, skip: number): number;
  getFoundSum(): number;
  getProbes(): number;
  getResult(): number;
  getState(): number;
  lz4Compress(at: number, length: number, out: number, room: number, table: number): number;
  lz4Expand(at: number, length: number, out: number, room: number): number;
  xxh3Reset(): void;
  xxh3Update(at: number, length: number): void;
  xxh3Digest(wide: number): void;
  xxh3Block(at: number, length: number, seed: number, wide: number): void;
  xxh64Reset(): void;
  xxh64Update(at: number, length: number): void;
  xxh64Digest(): void;
  xxh64Block(at: number, length: number, seed: number): void;
}

let compiled: WebAssembly.Module | null = null;

function compileKernel(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(decodeBase64(KERNEL_WASM));
  return compiled;
}

/** Which kernel a buffer is the memory of. */
const kernels = new WeakMap<ArrayBufferLike, WasmKernel>();

/** The kernel in whose memory `bytes` lie, or `null`. */
export function kernelOf(bytes: Uint8Array): WasmKernel | null {
  return kernels.get(bytes.buffer) ?? null;
}

export class WasmKernel implements Kernel {
  memory: Uint8Array = new Uint8Array(0);
  /** Hash functions on this kernel's memory. A stream's functions work on the one state in it. */
  readonly xxh: Readonly<Record<XxhName, XxhFunctions>>;
  /** Whose state is in the kernel. */
  hashOwner: HashState | null = null;
  readonly #exports: KernelExports;
  readonly #result: number;
  readonly #state: number;

  /** @throws CompileError where SIMD is not known, ReferenceError where there is no WebAssembly. */
  constructor() {
    const kernel = new WebAssembly.Instance(compileKernel()).exports as KernelExports;
    this.#exports = kernel;
    this.#result = kernel.getResult();
    this.#state = kernel.getState();
    this.xxh = createXxhFunctions(kernel);
    this.#renewMemory();
    this.reserve(FREE_FROM);
  }

  #renewMemory(): void {
    this.memory = new Uint8Array(this.#exports.memory.buffer);
    kernels.set(this.memory.buffer, this);
  }

  /** @throws RsyncError with exit code 22 when the memory can not grow that far. */
  reserve(bytes: number): void {
    const missing = bytes - this.memory.length;
    if (missing <= 0) return;
    try {
      this.#exports.memory.grow(Math.ceil(missing / PAGE));
    } catch (cause) {
      throw new RsyncError(ExitCode.OutOfMemory, `kernel memory: no room for ${bytes} bytes`, {
        cause,
      });
    }
    this.#renewMemory();
  }

  /** Stores the first `length` bytes of the last digest at `offset` of `into`. */
  storeResult(into: Uint8Array, offset: number, length: number): void {
    const { memory } = this;
    const start = this.#result;
    for (let i = 0; i < length; i++) into[offset + i] = memory[start + i]!;
  }

  /** A copy of the state of the stream under way. */
  saveHashState(): Uint8Array {
    return this.memory.slice(this.#state, this.#state + STATE_BYTES);
  }

  loadHashState(state: Uint8Array): void {
    this.memory.set(state, this.#state);
  }

  /** Makes an LZ4 block; see assembly/lz4.ts for what lies where. */
  lz4Compress(at: number, length: number, out: number, room: number, table: number): number {
    return this.#exports.lz4Compress(at, length, out, room, table);
  }

  /** Expands an LZ4 block: its length, -1 for a damaged one, -2 for one longer than `room`. */
  lz4Expand(at: number, length: number, out: number, room: number): number {
    return this.#exports.lz4Expand(at, length, out, room);
  }

  weakSum(at: number, length: number): number {
    return this.#exports.weakSum(at, length);
  }

  weakSums(at: number, length: number, blockLength: number, out: number): void {
    this.#exports.weakSums(at, length, blockLength, out);
  }

  buildIndex(layout: IndexLayout, count: number): void {
    const { sieve, sieveBits, filter, filterBits, table, tableBits, weak, next } = layout;
    this.#exports.setIndex(
      randomOdd(),
      randomOdd(),
      sieve,
      sieveBits,
      filter,
      filterBits,
      table,
      tableBits,
      weak,
      next,
    );
    this.#exports.buildIndex(count);
  }

  lookUp(sum: number): number {
    return this.#exports.lookUp(sum);
  }

  search(at: number, last: number, length: number, sum: number, skip: boolean): number {
    return this.#exports.search(at, last, length, sum, skip ? 1 : 0) >>> 0;
  }

  get foundSum(): number {
    return this.#exports.getFoundSum();
  }

  get probes(): number {
    return this.#exports.getProbes();
  }
}

/** Unknown to the peer, so that it can not choose sums that meet in one place of an index. */
function randomOdd(): number {
  return Math.floor(Math.random() * 0x1_0000_0000) | 1;
}

function createXxhFunctions(kernel: KernelExports): Record<XxhName, XxhFunctions> {
  const { xxh3Reset, xxh3Update, xxh3Digest, xxh3Block } = kernel;
  return {
    xxh64: {
      reset: kernel.xxh64Reset,
      update: kernel.xxh64Update,
      digest: kernel.xxh64Digest,
      block: kernel.xxh64Block,
    },
    xxh3: {
      reset: xxh3Reset,
      update: xxh3Update,
      digest: () => xxh3Digest(0),
      block: (at, length, seed) => xxh3Block(at, length, seed, 0),
    },
    xxh128: {
      reset: xxh3Reset,
      update: xxh3Update,
      digest: () => xxh3Digest(1),
      block: (at, length, seed) => xxh3Block(at, length, seed, 1),
    },
  };
}
