/**
 * xxh64, xxh3 and xxh128 from `hash-wasm`, where the kernel can not run (WebAssembly without SIMD).
 * @module
 */
import type { IHasher } from "hash-wasm";
import type { XxhName } from "../kernel/index.js";
import { digestLengthOf } from "./checksum-name.js";
import type { HashStream } from "./hash-stream.js";
import { SharedHasher } from "./shared-hasher.js";
import type { StrongSum } from "./strong-sum.js";

/** Makes the sum ready. */
export async function loadFallbackXxhSum(name: XxhName, seed: number): Promise<StrongSum> {
  return new FallbackXxhSum(
    name,
    await createHasher(name, seed),
    new SharedHasher(await createHasher(name, 0)),
  );
}

async function createHasher(name: XxhName, seed: number): Promise<IHasher> {
  const library = await import("hash-wasm");
  const low = seed >>> 0;
  const high = seed < 0 ? 0xffff_ffff : 0;
  switch (name) {
    case "xxh64":
      return library.createXXHash64(low, high);
    case "xxh3":
      return library.createXXHash3(low, high);
    case "xxh128":
      return library.createXXHash128(low, high);
  }
}

class FallbackXxhSum implements StrongSum {
  readonly name: XxhName;
  readonly digestLength: number;
  readonly #block: IHasher;
  readonly #file: SharedHasher;

  constructor(name: XxhName, block: IHasher, file: SharedHasher) {
    this.name = name;
    this.digestLength = digestLengthOf(name);
    this.#block = block;
    this.#file = file;
  }

  createFileHash(): HashStream {
    const stream = this.#file.createStream();
    return {
      reset: () => stream.reset(),
      update: (bytes) => stream.update(bytes),
      // The canonical form has the highest byte first, the wire the lowest.
      digest: () => stream.digest().reverse(),
    };
  }

  blockSum(bytes: Uint8Array, into: Uint8Array, offset: number, length: number): void {
    const digest = this.#block.init().update(bytes).digest("binary");
    for (let i = 0; i < length; i++) into[offset + i] = digest[digest.length - 1 - i]!;
  }
}
