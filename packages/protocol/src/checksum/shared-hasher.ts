/**
 * Many hash streams over one WebAssembly hasher.
 *
 * A hasher of `hash-wasm` can only be made asynchronously, a stream must be there at once. So the streams of an algorithm
 * share one hasher; whoever uses it next puts the state of the one before aside.
 * @module
 */
import type { IHasher } from "hash-wasm";
import type { HashStream } from "./hash-stream.js";

export class SharedHasher {
  readonly #hasher: IHasher;
  #owner: SharedHashStream | null = null;

  constructor(hasher: IHasher) {
    this.#hasher = hasher;
  }

  createStream(): HashStream {
    return new SharedHashStream(this);
  }

  /** The hasher, holding the state of `stream`. */
  ownedBy(stream: SharedHashStream): IHasher {
    if (this.#owner === stream) return this.#hasher;
    if (this.#owner !== null) this.#owner.saved = this.#hasher.save();
    if (stream.saved === null) this.#hasher.init();
    else this.#hasher.load(stream.saved);
    stream.saved = null;
    this.#owner = stream;
    return this.#hasher;
  }

  /** The hasher's state is of no use to its owner any more. */
  disown(): void {
    this.#owner = null;
  }
}

class SharedHashStream implements HashStream {
  /** The state while another stream has the hasher; `null` at the start. */
  saved: Uint8Array | null = null;
  readonly #shared: SharedHasher;

  constructor(shared: SharedHasher) {
    this.#shared = shared;
  }

  reset(): void {
    this.saved = null;
    this.#shared.ownedBy(this).init();
  }

  update(bytes: Uint8Array): void {
    this.#shared.ownedBy(this).update(bytes);
  }

  digest(): Uint8Array {
    const digest = this.#shared.ownedBy(this).digest("binary");
    this.#shared.disown();
    return digest.slice();
  }
}
