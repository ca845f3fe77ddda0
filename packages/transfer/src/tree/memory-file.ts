/**
 * An open file of a tree in memory.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { FileStat, FileTime, TreeFile } from "./file-tree.js";
import type { MemoryNode } from "./memory-node.js";
import { treeError } from "./system-error.js";

/** What a file was opened for. */
export interface MemoryAccess {
  read: boolean;
  write: boolean;
}

/** A position in a node's content. The node may lose all its names and still be read and written. */
export class MemoryFile implements TreeFile {
  readonly #node: MemoryNode;
  readonly #access: MemoryAccess;
  readonly #clock: () => FileTime;
  #position = 0;
  #open = true;

  constructor(node: MemoryNode, access: MemoryAccess, clock: () => FileTime) {
    this.#node = node;
    this.#access = access;
    this.#clock = clock;
  }

  /** @throws TreeError EBADF when the file is closed or was not opened for that. */
  #require(operation: keyof MemoryAccess | "any"): MemoryNode {
    const allowed = this.#open && (operation === "any" || this.#access[operation]);
    if (!allowed) throw treeError("EBADF", operation, "");
    return this.#node;
  }

  stat(): FileStat {
    return this.#require("any").stat();
  }

  read(into: Uint8Array): number {
    const count = this.readAt(into, this.#position);
    this.#position += count;
    return count;
  }

  readv(views: readonly Uint8Array[]): number {
    return views.reduce((sum, view) => sum + this.read(view), 0);
  }

  readAt(into: Uint8Array, position: number): number {
    return this.#require("read").content.readAt(into, position);
  }

  write(bytes: Uint8Array): void {
    this.writeAt(bytes, this.#position);
    this.#position += bytes.length;
  }

  writev(views: readonly Uint8Array[]): void {
    for (const view of views) this.write(view);
  }

  writeAt(bytes: Uint8Array, position: number): void {
    const node = this.#require("write");
    node.content.writeAt(bytes, position);
    node.mtime = this.#clock();
  }

  truncate(length: number): void {
    const node = this.#require("write");
    node.content.resize(length);
    node.mtime = this.#clock();
  }

  allocate(length: number): void {
    if (length > this.#require("write").content.length) this.truncate(length);
  }

  punchHole(position: number, length: number): void {
    const { content } = this.#require("write");
    const count = Math.max(0, Math.min(length, content.length - position));
    this.writeAt(new Uint8Array(count), position);
  }

  setOwner(uid: number, gid: number): void {
    this.#require("any").setOwner(uid, gid);
  }

  setMode(mode: number): void {
    this.#require("any").setPermissions(mode);
  }

  setTimes(atime: FileTime | null, mtime: FileTime): void {
    this.#require("any").setTimes(atime, mtime);
  }

  listAttributes(): ByteString[] {
    return this.#require("any").attributes.list();
  }

  getAttribute(name: ByteString): Uint8Array | null {
    return this.#require("any").attributes.get(name);
  }

  setAttribute(name: ByteString, value: Uint8Array): void {
    this.#require("any").attributes.set(name, value);
  }

  removeAttribute(name: ByteString): void {
    this.#require("any").attributes.remove(name);
  }

  /** There is nothing to wait for. */
  sync(): void {
    this.#require("any");
  }

  close(): void {
    this.#open = false;
  }
}
