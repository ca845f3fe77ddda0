/**
 * Where the plain, unseeded hashes come from: the platform where it offers them, else `hash-wasm`.
 * @module
 */
import type { IHasher } from "hash-wasm";
import type { HashProviders, HashStream } from "./hash-stream.js";
import { SharedHasher } from "./shared-hasher.js";

export type CryptoHashName = "md4" | "md5" | "sha1";

const sharedHashers = new Map<CryptoHashName, Promise<SharedHasher>>();

/** Makes the hash ready; the result makes independent streams at once. */
export async function loadHash(
  name: CryptoHashName,
  providers: HashProviders = {},
): Promise<() => HashStream> {
  const provided = providers[name];
  if (provided !== undefined) return provided;
  let pending = sharedHashers.get(name);
  if (pending === undefined) {
    pending = createHasher(name).then((hasher) => new SharedHasher(hasher));
    sharedHashers.set(name, pending);
  }
  const shared = await pending;
  return () => shared.createStream();
}

async function createHasher(name: CryptoHashName): Promise<IHasher> {
  const library = await import("hash-wasm");
  switch (name) {
    case "md4":
      return library.createMD4();
    case "md5":
      return library.createMD5();
    case "sha1":
      return library.createSHA1();
  }
}
