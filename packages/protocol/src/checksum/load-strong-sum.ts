/**
 * Making the strong sums of a session ready.
 * @module
 */
import { sharedKernel, WasmKernel } from "../kernel/index.js";
import type { ChecksumName } from "./checksum-name.js";
import { CryptoSum } from "./crypto-sum.js";
import type { HashProviders, HashStream } from "./hash-stream.js";
import { type CryptoHashName, loadHash } from "./load-hash.js";
import { NO_HASH, NO_SUM } from "./no-sum.js";
import { OldMd4 } from "./old-md4.js";
import type { ChecksumContext, StrongSum } from "./strong-sum.js";
import { XxhSum } from "./xxh-sum.js";

/**
 * The strong sum for block sums and file checksums. Only what `name` needs is loaded.
 * @param providers - faster hashes of the platform, where it has some.
 */
export async function loadStrongSum(
  name: ChecksumName,
  context: ChecksumContext,
  providers: HashProviders = {},
): Promise<StrongSum> {
  switch (name) {
    case "none":
      return NO_SUM;
    case "md4":
    case "md5":
    case "sha1":
      return new CryptoSum(name, await loadCryptoHash(name, context.protocol, providers), context);
    case "xxh64":
    case "xxh3":
    case "xxh128": {
      const kernel = sharedKernel();
      if (kernel instanceof WasmKernel) return new XxhSum(name, context.seed, kernel);
      const { loadFallbackXxhSum } = await import("./fallback-xxh-sum.js");
      return loadFallbackXxhSum(name, context.seed);
    }
  }
}

/**
 * The hash of whole files that `--checksum` puts into the file list: never seeded (spec 3-transfer, 4.6).
 */
export async function loadListHash(
  name: ChecksumName,
  protocol: number,
  providers: HashProviders = {},
): Promise<HashStream> {
  switch (name) {
    case "none":
      return NO_HASH;
    case "md4":
    case "md5":
    case "sha1":
      return (await loadCryptoHash(name, protocol, providers))();
    case "xxh64":
    case "xxh3":
    case "xxh128": {
      const context = { protocol, seed: 0, seedFix: true, byName: true };
      return (await loadStrongSum(name, context)).createFileHash();
    }
  }
}

async function loadCryptoHash(
  name: CryptoHashName,
  protocol: number,
  providers: HashProviders,
): Promise<() => HashStream> {
  if (name === "md4" && protocol < 27) return () => new OldMd4();
  return loadHash(name, providers);
}
