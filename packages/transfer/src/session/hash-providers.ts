/**
 * Node's own hashes for the strong sums that OpenSSL does faster than WebAssembly.
 * @module
 */
import { createHash, type Hash } from "node:crypto";
import type { HashProviders, HashStream } from "@tsrsync/protocol/checksum";

function nodeHash(algorithm: string): () => HashStream {
  return () => {
    let hash: Hash = createHash(algorithm);
    return {
      reset() {
        hash = createHash(algorithm);
      },
      update(bytes) {
        hash.update(bytes);
      },
      digest() {
        return hash.copy().digest();
      },
    };
  };
}

/** Some systems forbid MD5 (FIPS), and OpenSSL 3 offers MD4 no more: what is not there comes from the registry. */
function available(algorithm: string): boolean {
  try {
    createHash(algorithm);
    return true;
  } catch {
    return false;
  }
}

let providers: HashProviders | null = null;

/** The accelerators that this Node has: what they are does not change while it runs. */
export function nodeHashProviders(): HashProviders {
  if (providers !== null) return providers;
  providers = {};
  if (available("md5")) providers.md5 = nodeHash("md5");
  if (available("sha1")) providers.sha1 = nodeHash("sha1");
  return providers;
}
