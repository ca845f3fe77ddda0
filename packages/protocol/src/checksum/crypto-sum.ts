/**
 * md4, md5 and sha1 as strong sums: the seed is hashed before or after the data, or not at all.
 * @module
 */
import { storeInt } from "../wire/index.js";
import { digestLengthOf } from "./checksum-name.js";
import type { HashStream } from "./hash-stream.js";
import type { CryptoHashName } from "./load-hash.js";
import type { ChecksumContext, StrongSum } from "./strong-sum.js";

export class CryptoSum implements StrongSum {
  readonly name: CryptoHashName;
  readonly digestLength: number;
  readonly #createHash: () => HashStream;
  readonly #block: HashStream;
  readonly #seed = new Uint8Array(4);
  readonly #blockSeed: "first" | "last" | "none";
  readonly #fileSeed: boolean;

  constructor(name: CryptoHashName, createHash: () => HashStream, context: ChecksumContext) {
    this.name = name;
    this.digestLength = digestLengthOf(name);
    this.#createHash = createHash;
    this.#block = createHash();
    storeInt(this.#seed, context.seed, 0);
    const seedFirst = name === "sha1" || (name === "md5" && context.seedFix);
    this.#blockSeed = context.seed === 0 ? "none" : seedFirst ? "first" : "last";
    // Below protocol 30 the default md4 seeds the file checksum too, even with a seed of 0.
    this.#fileSeed = name === "md4" && !context.byName && context.protocol < 30;
  }

  createFileHash(): HashStream {
    const hash = this.#createHash();
    return this.#fileSeed ? new SeededHashStream(hash, this.#seed) : hash;
  }

  blockSum(bytes: Uint8Array, into: Uint8Array, offset: number, length: number): void {
    const hash = this.#block;
    hash.reset();
    if (this.#blockSeed === "first") hash.update(this.#seed);
    hash.update(bytes);
    if (this.#blockSeed === "last") hash.update(this.#seed);
    const digest = hash.digest();
    for (let i = 0; i < length; i++) into[offset + i] = digest[i]!;
  }
}

/** A hash that begins with four bytes of seed. */
class SeededHashStream implements HashStream {
  readonly #hash: HashStream;
  readonly #seed: Uint8Array;

  constructor(hash: HashStream, seed: Uint8Array) {
    this.#hash = hash;
    this.#seed = seed;
    this.reset();
  }

  reset(): void {
    this.#hash.reset();
    this.#hash.update(this.#seed);
  }

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  digest(): Uint8Array {
    return this.#hash.digest();
  }
}
