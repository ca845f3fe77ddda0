/**
 * The paths that trees take: relative, without `..`, so that as text they can not leave the root.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { treeError } from "./system-error.js";

/** A zero byte or a character that is no byte (which would be cut to one: U+012F to a slash). */
const NOT_BYTES = /[\0\u0100-\uffff]/;
const SPECIAL_COMPONENT = /(?:^|\/)\.{0,2}(?:\/|$)/;
const SPECIAL_NAME = /^\.{0,2}$|[\0\u0100-\uffff]/;

/**
 * `path` without `.` components; `""` is the root.
 * @throws TreeError EINVAL when it is absolute, or has `..`, an empty component (a slash at the end included), a zero
 *   byte, or a character that is no byte.
 */
export function canonicalPath(path: ByteString): ByteString {
  if (path === "" || path === ".") return "";
  if (NOT_BYTES.test(path)) throw treeError("EINVAL", "resolve", path);
  if (!SPECIAL_COMPONENT.test(path)) return path;
  const names = path.split("/");
  if (names.includes("") || names.includes("..")) throw treeError("EINVAL", "resolve", path);
  return names.filter((name) => name !== ".").join("/");
}

/** Whether `name` can be used as it is: not empty, neither `.` nor `..`, all bytes. It has no slash. */
export function isPlainName(name: ByteString): boolean {
  return !SPECIAL_NAME.test(name);
}

/** The directory part of a canonical path, `""` for an item in the root. */
export function directoryOf(path: ByteString): ByteString {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "" : path.slice(0, slash);
}

/** The last component of a path. */
export function leafOf(path: ByteString): ByteString {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The path of `name` in a directory; `""` is the root. */
export function joinPath(directory: ByteString, name: ByteString): ByteString {
  return directory === "" ? name : `${directory}/${name}`;
}
