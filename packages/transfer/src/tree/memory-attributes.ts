/**
 * Extended attributes of an item in memory, with what Linux does about permissions and ACLs: the access ACL is the mode's
 * group bits' mask, and one that says no more than the mode is not kept.
 * @module
 */
import {
  ACCESS_ACL,
  asModeLeaves,
  DEFAULT_ACL,
  decodePosixAcl,
  encodePosixAcl,
  isMinimalAcl,
  modeOfAcl,
} from "@tsrsync/protocol/attributes";
import type { ByteString } from "@tsrsync/protocol/wire";
import { isDirectoryMode, isLinkMode, isRegularMode } from "./item-type.js";
import { treeError } from "./system-error.js";

/** The item that has the attributes. */
interface Owner {
  mode: number;
}

export class MemoryAttributes {
  readonly #owner: Owner;
  readonly #values: Map<ByteString, Uint8Array> = new Map();

  constructor(owner: Owner) {
    this.#owner = owner;
  }

  list(): ByteString[] {
    return [...this.#values.keys()];
  }

  get(name: ByteString): Uint8Array | null {
    this.#assertAllowed("get attribute", name);
    return this.#values.get(name)?.slice() ?? null;
  }

  set(name: ByteString, value: Uint8Array): void {
    this.#assertAllowed("set attribute", name);
    if (name === ACCESS_ACL) this.#setAccessAcl(value);
    else {
      if (name === DEFAULT_ACL && decodePosixAcl(value) === null) {
        throw treeError("EINVAL", "set attribute", name);
      }
      this.#values.set(name, value.slice());
    }
  }

  #setAccessAcl(value: Uint8Array): void {
    const acl = decodePosixAcl(value);
    if (acl === null) throw treeError("EINVAL", "set attribute", ACCESS_ACL);
    this.#owner.mode = (this.#owner.mode & ~0o777) | modeOfAcl(acl);
    if (isMinimalAcl(acl)) this.#values.delete(ACCESS_ACL);
    else this.#values.set(ACCESS_ACL, value.slice());
  }

  remove(name: ByteString): void {
    this.#assertAllowed("remove attribute", name);
    this.#values.delete(name);
  }

  /** The permission bits were changed: the access ACL follows. */
  followMode(): void {
    const value = this.#values.get(ACCESS_ACL);
    if (value === undefined) return;
    const acl = asModeLeaves(decodePosixAcl(value)!, this.#owner.mode); // checked when it was set
    this.#values.set(ACCESS_ACL, encodePosixAcl(acl));
  }

  #assertAllowed(operation: string, name: ByteString): void {
    const { mode } = this.#owner;
    if (name === ACCESS_ACL || name === DEFAULT_ACL) {
      if (isLinkMode(mode)) throw treeError("ENOTSUP", operation, name);
      if (name === DEFAULT_ACL && !isDirectoryMode(mode) && operation === "set attribute") {
        throw treeError("EACCES", operation, name);
      }
      return;
    }
    if (!/^(user|trusted|security)\../s.test(name)) throw treeError("ENOTSUP", operation, name);
    if (name.startsWith("user.") && !isDirectoryMode(mode) && !isRegularMode(mode)) {
      // As on Linux, where such an item's mode says nothing about who may use its space.
      if (operation === "set attribute") throw treeError("EPERM", operation, name);
    }
  }
}
