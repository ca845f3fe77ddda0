/**
 * Extended attributes of items: lgetxattr(2), llistxattr(2), lsetxattr(2), lremovexattr(2), and their forms for open
 * files. The item is named below `/proc/self/fd/N` of an open directory, so nothing on the way to it can be changed, and
 * a link at its end is not followed. Without /proc (after a chroot) the answer is ENOENT, and only open files remain.
 * @module
 */
import { type ByteString, decodeByteString } from "@tsrsync/protocol/wire";
import { bindRequired, type Library } from "./library.js";
import { PathArgument } from "./path-argument.js";

/** The kernel's limits for one value, and for the names of one item with their zeros. */
const MAX_VALUE_BYTES = 65_536;
const MAX_LIST_BYTES = 65_536;

/**
 * Calls that return 0, a length, or a negated errno. What was read last stays in a buffer, from which `attributeValue` and
 * `attributeNames` take it.
 */
export interface ExtendedAttributeCalls {
  /** The length of the value; ENODATA when there is no such attribute. */
  getAttributeAt(directory: number, path: ByteString, attribute: ByteString): number;
  getAttributeOf(descriptor: number, attribute: ByteString): number;
  /** The length of the list of names. */
  listAttributesAt(directory: number, path: ByteString): number;
  listAttributesOf(descriptor: number): number;
  setAttributeAt(
    directory: number,
    path: ByteString,
    attribute: ByteString,
    value: Uint8Array,
  ): number;
  setAttributeOf(descriptor: number, attribute: ByteString, value: Uint8Array): number;
  removeAttributeAt(directory: number, path: ByteString, attribute: ByteString): number;
  removeAttributeOf(descriptor: number, attribute: ByteString): number;
  /** The first `length` bytes of the value that was read last, owned by the caller. */
  attributeValue(length: number): Uint8Array;
  /** The names in the first `length` bytes of the list that was read last. */
  attributeNames(length: number): ByteString[];
}

/** Binds the calls of this file. */
export function bindExtendedAttributes(library: Library): ExtendedAttributeCalls {
  const bind = (name: string, args: Parameters<typeof bindRequired>[3]) =>
    bindRequired(
      library,
      name.includes("set") || name.includes("remove") ? "int" : "long",
      name,
      args,
    );
  const lgetxattr = bind("lgetxattr", ["void *", "void *", "void *", "size_t"]);
  const fgetxattr = bind("fgetxattr", ["int", "void *", "void *", "size_t"]);
  const llistxattr = bind("llistxattr", ["void *", "void *", "size_t"]);
  const flistxattr = bind("flistxattr", ["int", "void *", "size_t"]);
  const lsetxattr = bind("lsetxattr", ["void *", "void *", "void *", "size_t", "int"]);
  const fsetxattr = bind("fsetxattr", ["int", "void *", "void *", "size_t", "int"]);
  const lremovexattr = bind("lremovexattr", ["void *", "void *"]);
  const fremovexattr = bind("fremovexattr", ["int", "void *"]);
  const path = new PathArgument();
  const name = new PathArgument();
  let buffer = new Uint8Array(0);
  const room = (): Uint8Array => {
    if (buffer.length === 0) buffer = new Uint8Array(Math.max(MAX_VALUE_BYTES, MAX_LIST_BYTES));
    return buffer;
  };
  const item = (directory: number, leaf: ByteString): Uint8Array =>
    path.store(`/proc/self/fd/${directory}/${leaf}`);
  const { outcome } = library;

  return {
    getAttributeAt: (directory, leaf, attribute) =>
      outcome(lgetxattr(item(directory, leaf), name.store(attribute), room(), MAX_VALUE_BYTES)),
    getAttributeOf: (descriptor, attribute) =>
      outcome(fgetxattr(descriptor, name.store(attribute), room(), MAX_VALUE_BYTES)),
    listAttributesAt: (directory, leaf) =>
      outcome(llistxattr(item(directory, leaf), room(), MAX_LIST_BYTES)),
    listAttributesOf: (descriptor) => outcome(flistxattr(descriptor, room(), MAX_LIST_BYTES)),
    setAttributeAt: (directory, leaf, attribute, value) =>
      outcome(lsetxattr(item(directory, leaf), name.store(attribute), value, value.length, 0)),
    setAttributeOf: (descriptor, attribute, value) =>
      outcome(fsetxattr(descriptor, name.store(attribute), value, value.length, 0)),
    removeAttributeAt: (directory, leaf, attribute) =>
      outcome(lremovexattr(item(directory, leaf), name.store(attribute))),
    removeAttributeOf: (descriptor, attribute) =>
      outcome(fremovexattr(descriptor, name.store(attribute))),
    attributeValue: (length) => buffer.slice(0, length),
    attributeNames: (length) => decodeByteString(buffer, 0, length).split("\0").slice(0, -1),
  };
}
