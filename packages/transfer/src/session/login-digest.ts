/**
 * The hashes of daemon logins, from Node where OpenSSL offers them: OpenSSL 3 has no MD4, and some systems forbid MD5.
 * @module
 */
import { createHash } from "node:crypto";
import { loadListHash } from "@tsrsync/protocol/checksum";
import type { DigestFunction, DigestName } from "@tsrsync/protocol/handshake";

/** Makes the hash called `name` ready. The result knows only that one. */
export async function loadLoginDigest(name: DigestName): Promise<DigestFunction> {
  try {
    createHash(name);
    return (_name, bytes) => createHash(name).update(bytes).digest();
  } catch {
    const hash = await loadListHash(name === "md4" ? "md4" : "md5", 32);
    return (_name, bytes) => {
      hash.reset();
      hash.update(bytes);
      return hash.digest();
    };
  }
}
