/**
 * An xxHash stream that runs in a kernel.
 *
 * The kernel has one state. A stream that needs it puts the state of the one before aside; while one stream works alone,
 * nothing is copied. Data that lies in the memory of a kernel is hashed there, so the state follows it.
 * @module
 */
import {
  type HashState,
  kernelOf,
  STAGING,
  STAGING_BYTES,
  type WasmKernel,
  type XxhName,
} from "../kernel/index.js";
import type { HashStream } from "./hash-stream.js";

/** Shorter pieces are copied without asking where they lie. */
const COPY_BYTES = 256;

export class XxhStream implements HashStream, HashState {
  readonly #name: XxhName;
  readonly #digestLength: number;
  readonly #shared: WasmKernel;
  /** The kernel that holds the state, unless it is in `saved`. */
  #home: WasmKernel | null = null;
  #saved: Uint8Array | null = null;

  constructor(name: XxhName, digestLength: number, shared: WasmKernel) {
    this.#name = name;
    this.#digestLength = digestLength;
    this.#shared = shared;
  }

  reset(): void {
    this.#drop();
    this.#settle(this.#shared);
  }

  update(bytes: Uint8Array): void {
    const { length } = bytes;
    if (length <= COPY_BYTES) {
      if (length > 0) this.#updateCopied(this.#home ?? this.#shared, bytes);
      return;
    }
    const kernel = kernelOf(bytes);
    if (kernel === null) {
      this.#updateCopied(this.#shared, bytes);
    } else {
      this.#settle(kernel);
      kernel.xxh[this.#name].update(bytes.byteOffset, length);
    }
  }

  digest(): Uint8Array {
    const kernel = this.#home ?? this.#shared;
    this.#settle(kernel);
    kernel.xxh[this.#name].digest();
    const digest = new Uint8Array(this.#digestLength);
    kernel.storeResult(digest, 0, digest.length);
    this.#drop();
    return digest;
  }

  putAside(): void {
    this.#saved = this.#home!.saveHashState();
    this.#home = null;
  }

  #updateCopied(kernel: WasmKernel, bytes: Uint8Array): void {
    this.#settle(kernel);
    const { update } = kernel.xxh[this.#name];
    if (bytes.length <= STAGING_BYTES) {
      kernel.memory.set(bytes, STAGING);
      update(STAGING, bytes.length);
      return;
    }
    for (let at = 0; at < bytes.length; at += STAGING_BYTES) {
      const piece = bytes.subarray(at, at + STAGING_BYTES);
      kernel.memory.set(piece, STAGING);
      update(STAGING, piece.length);
    }
  }

  /** Brings the state into `kernel`. */
  #settle(kernel: WasmKernel): void {
    if (kernel.hashOwner === this) return;
    if (this.#home !== null) {
      const home = this.#home;
      this.putAside();
      home.hashOwner = null;
    }
    kernel.hashOwner?.putAside();
    if (this.#saved === null) kernel.xxh[this.#name].reset();
    else kernel.loadHashState(this.#saved);
    this.#saved = null;
    this.#home = kernel;
    kernel.hashOwner = this;
  }

  /** The state is of no more use. */
  #drop(): void {
    this.#saved = null;
    if (this.#home !== null) this.#home.hashOwner = null;
    this.#home = null;
  }
}
