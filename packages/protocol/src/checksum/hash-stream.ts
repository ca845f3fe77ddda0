/**
 * Hashes that take their data in pieces.
 * @module
 */

/** A digest under construction. A new one is ready for `update`. */
export interface HashStream {
  /** Starts anew. */
  reset(): void;
  /** Takes in `bytes`, which are borrowed for the call. */
  update(bytes: Uint8Array): void;
  /** The digest of all bytes since the last reset, owned by the caller. `reset` must follow before the next update. */
  digest(): Uint8Array;
}

/** Faster hashes of the platform, used instead of our own. Each call makes an independent, unseeded stream. */
export interface HashProviders {
  md4?: () => HashStream;
  md5?: () => HashStream;
  sha1?: () => HashStream;
}
