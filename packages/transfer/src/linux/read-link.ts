/**
 * readlinkat(2): where a link points to.
 * @module
 */
import { type ByteString, decodeByteString } from "@tsrsync/protocol/wire";
import { bindRequired, type Library } from "./library.js";
import { PathArgument } from "./path-argument.js";

/** Longer than any target (4095 bytes), so that none is cut. */
const MAX_TARGET_BYTES = 4096;

/** A call with a result in two steps, so that success makes no object. */
export interface ReadLinkCalls {
  /** Returns the length of the target, or a negated errno: EINVAL when the item is no link. */
  readLinkAt(directory: number, path: ByteString): number;
  /** The first `length` bytes of the last target read. */
  linkTarget(length: number): ByteString;
}

/** Binds the calls of this file. */
export function bindReadLink(library: Library): ReadLinkCalls {
  const readlinkat = bindRequired(library, "long", "readlinkat", [
    "int",
    "void *",
    "void *",
    "size_t",
  ]);
  const argument = new PathArgument();
  const target = new Uint8Array(MAX_TARGET_BYTES);

  return {
    readLinkAt: (directory, path) =>
      library.outcome(readlinkat(directory, argument.store(path), target, MAX_TARGET_BYTES)),
    linkTarget: (length) => decodeByteString(target, 0, length),
  };
}
