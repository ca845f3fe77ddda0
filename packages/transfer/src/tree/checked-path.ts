/**
 * Paths of the real file system for systems without descriptor-relative calls: every component is looked at before the
 * path is used. Between look and use somebody else may put a link in; see {@link NodeTree.confinement}.
 * @module
 */
import { lstatSync, type PathLike, readlinkSync } from "node:fs";
import { type ByteString, encodeByteString } from "@tsrsync/protocol/wire";
import { type Found, type WalkOptions, walk } from "./walk.js";

const ASCII = /^[\x00-\x7f]*$/;

/** `path` as Node takes it: as it is when that means the same bytes, else those bytes. */
export function toNodePath(path: ByteString): PathLike {
  return ASCII.test(path) ? path : Buffer.from(encodeByteString(path).buffer);
}

/** The full path, without links, of what the canonical `path` leads to below `root`. */
export function checkedPath(root: ByteString, path: ByteString, options: WalkOptions): ByteString {
  return path === "" ? root : walk({ root, look, release: () => {} }, path, options);
}

function look(directory: ByteString, name: ByteString): Found<ByteString> {
  const item = `${directory}/${name}`;
  const stats = lstatSync(toNodePath(item));
  if (stats.isDirectory()) return { kind: "directory", item };
  if (!stats.isSymbolicLink()) return { kind: "other", item };
  return { kind: "link", target: readlinkSync(toNodePath(item), "latin1") };
}
