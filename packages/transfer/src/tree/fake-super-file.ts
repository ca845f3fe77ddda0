/**
 * An open file of a tree under `--fake-super`.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { andThen } from "./awaitable.js";
import { FakeSuperItem } from "./fake-super-item.js";
import type { Awaitable, FileStat, FileTime, TreeFile } from "./file-tree.js";

export class FakeSuperFile implements TreeFile {
  readonly #file: TreeFile;
  readonly #item: FakeSuperItem;

  constructor(file: TreeFile, path: ByteString) {
    this.#file = file;
    this.#item = new FakeSuperItem(file, path);
  }

  stat(): Awaitable<FileStat> {
    return andThen(this.#item.stat(), (stat) => stat!); // an open file is always there
  }

  setOwner(uid: number, gid: number): Awaitable<void> {
    return this.#item.setOwner(uid, gid);
  }

  setMode(mode: number): Awaitable<void> {
    return this.#item.setMode(mode);
  }

  listAttributes(): Awaitable<ByteString[]> {
    return this.#item.listAttributes();
  }

  getAttribute(name: ByteString): Awaitable<Uint8Array | null> {
    return this.#item.getAttribute(name);
  }

  setAttribute(name: ByteString, value: Uint8Array): Awaitable<void> {
    return this.#item.setAttribute(name, value);
  }

  removeAttribute(name: ByteString): Awaitable<void> {
    return this.#item.removeAttribute(name);
  }

  read(into: Uint8Array): Awaitable<number> {
    return this.#file.read(into);
  }

  readv(views: readonly Uint8Array[]): Awaitable<number> {
    return this.#file.readv(views);
  }

  readAt(into: Uint8Array, position: number): Awaitable<number> {
    return this.#file.readAt(into, position);
  }

  write(bytes: Uint8Array): Awaitable<void> {
    return this.#file.write(bytes);
  }

  writev(views: readonly Uint8Array[]): Awaitable<void> {
    return this.#file.writev(views);
  }

  writeAt(bytes: Uint8Array, position: number): Awaitable<void> {
    return this.#file.writeAt(bytes, position);
  }

  truncate(length: number): Awaitable<void> {
    return this.#file.truncate(length);
  }

  allocate(length: number): Awaitable<void> {
    return this.#file.allocate(length);
  }

  punchHole(position: number, length: number): Awaitable<void> {
    return this.#file.punchHole(position, length);
  }

  setTimes(atime: FileTime | null, mtime: FileTime): Awaitable<void> {
    return this.#file.setTimes(atime, mtime);
  }

  sync(): Awaitable<void> {
    return this.#file.sync();
  }

  close(): Awaitable<void> {
    return this.#file.close();
  }
}
