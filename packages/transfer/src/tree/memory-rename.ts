/**
 * How names come and go in a directory in memory.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { FileTime } from "./file-tree.js";
import type { MemoryNode } from "./memory-node.js";
import { treeError } from "./system-error.js";

/** Gives `node`, which counts the name already, the free name `name`. */
export function place(
  directory: MemoryNode,
  name: ByteString,
  node: MemoryNode,
  now: FileTime,
): void {
  directory.entries.set(name, node);
  directory.mtime = now;
}

/** Takes the name `name` away from what has it. */
export function take(directory: MemoryNode, name: ByteString, now: FileTime): void {
  const node = directory.entries.get(name);
  if (node === undefined) return;
  node.names--;
  directory.entries.delete(name);
  directory.mtime = now;
}

/**
 * Checks that `node` can move into `directory` in place of `present`.
 * @throws TreeError EISDIR, ENOTDIR, ENOTEMPTY; EINVAL when it would lie in itself; ENOENT when `directory` is gone.
 */
export function assertReplaceable(
  node: MemoryNode,
  directory: MemoryNode,
  present: MemoryNode | undefined,
  path: ByteString,
): void {
  if (directory.names === 0) throw treeError("ENOENT", "rename", path);
  if (contains(node, directory)) throw treeError("EINVAL", "rename", path);
  if (present === undefined) return;
  if (present.isDirectory && !node.isDirectory) throw treeError("EISDIR", "rename", path);
  if (!present.isDirectory && node.isDirectory) throw treeError("ENOTDIR", "rename", path);
  if (present.entries.size > 0) throw treeError("ENOTEMPTY", "rename", path);
}

function contains(node: MemoryNode, wanted: MemoryNode): boolean {
  if (node === wanted) return true;
  for (const entry of node.entries.values()) {
    if (entry.isDirectory && contains(entry, wanted)) return true;
  }
  return false;
}
