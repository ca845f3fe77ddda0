/**
 * The extended attributes of the item at a path, apart from its tree.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { FileTree, ItemAttributes } from "./file-tree.js";

/** The path is looked up anew by each call. */
export function itemAttributes(tree: FileTree, path: ByteString): ItemAttributes {
  return {
    listAttributes: () => tree.listAttributes(path),
    getAttribute: (name) => tree.getAttribute(path, name),
    setAttribute: (name, value) => tree.setAttribute(path, name, value),
    removeAttribute: (name) => tree.removeAttribute(path, name),
  };
}
