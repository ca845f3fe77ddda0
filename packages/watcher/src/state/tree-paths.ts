/**
 * Paths as text: relative to a root, which is the empty string.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";

/** The directory part of a path, `""` for an item in the root. */
export function parentOf(path: ByteString): ByteString {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 0));
}

/** Whether `path` is `top` or lies below it. */
export function isWithin(path: ByteString, top: ByteString): boolean {
  return path === top || top === "" || path.startsWith(`${top}/`);
}

/** The outermost of `tops` that `path` lies in, or that it is; `null` for none. */
export function outermost(path: ByteString, tops: ReadonlySet<ByteString>): ByteString | null {
  return tops.has("") ? "" : outermostBelowRoot(path, tops);
}

/** The same, without the root. */
export function outermostBelowRoot(
  path: ByteString,
  tops: ReadonlySet<ByteString>,
): ByteString | null {
  for (let slash = path.indexOf("/"); slash > 0; slash = path.indexOf("/", slash + 1)) {
    const directory = path.slice(0, slash);
    if (tops.has(directory)) return directory;
  }
  return path !== "" && tops.has(path) ? path : null;
}
