/**
 * An open file of the real file system.
 * @module
 */
import {
  closeSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  futimesSync,
  readSync,
  readvSync,
  writeSync,
  writevSync,
} from "node:fs";
import { constants as system } from "node:os";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { LinuxCalls } from "../linux/index.js";
import type { FileStat, FileTime, TreeFile } from "./file-tree.js";
import { isDeviceMode, S_IFBLK, S_IFMT } from "./item-type.js";
import { accessTime, fromNodeStat, toNodeTime } from "./node-stat.js";
import { errorCode, treeError } from "./system-error.js";

/** Permission bits, set-id and sticky bits included. */
const MODE_BITS = 0o7777;
const ENODATA = -system.errno.ENODATA;

/** A file behind a descriptor. Every method answers at once and throws Node's system errors. */
export class NodeFile implements TreeFile {
  #descriptor: number;
  readonly #calls: LinuxCalls | null;
  readonly #size: number;
  /** How far the file was read in its order. */
  #position = 0;

  /**
   * Takes over `descriptor`. Without `calls`, times lose what lies below a microsecond.
   * @param size - its length in bytes, if it is known: a read that ends there needs no second one to know that it is the end.
   */
  constructor(descriptor: number, calls: LinuxCalls | null, size = -1) {
    this.#descriptor = descriptor;
    this.#calls = calls;
    this.#size = size;
  }

  stat(): FileStat {
    if (this.#calls === null) return fromNodeStat(fstatSync(this.#descriptor, { bigint: true }));
    const outcome = this.#calls.statDescriptor(this.#descriptor);
    if (outcome < 0) throw treeError(-outcome, "stat", "");
    const stat = this.#calls.result();
    if ((stat.mode & S_IFMT) === S_IFBLK)
      stat.size = Math.max(0, this.#calls.endOf(this.#descriptor));
    return stat;
  }

  read(into: Uint8Array): number {
    const count = this.#readAll(into, null, this.#position);
    this.#position += count;
    return count;
  }

  readAt(into: Uint8Array, position: number): number {
    return this.#readAll(into, position, position);
  }

  /** `start`: where in the file that is. */
  #readAll(into: Uint8Array, position: number | null, start: number): number {
    let done = 0;
    while (done < into.length) {
      const at = position === null ? null : position + done;
      const count = readSync(this.#descriptor, into, done, into.length - done, at);
      done += count;
      if (count === 0 || start + done === this.#size) break;
    }
    return done;
  }

  readv(views: readonly Uint8Array[]): number {
    let pending = views;
    let done = 0;
    while (pending.length > 0) {
      const count = readvSync(this.#descriptor, pending);
      if (count === 0) break;
      done += count;
      pending = remaining(pending, count);
    }
    this.#position += done;
    return done;
  }

  write(bytes: Uint8Array): void {
    this.#writeAll(bytes, null);
  }

  writeAt(bytes: Uint8Array, position: number): void {
    this.#writeAll(bytes, position);
  }

  #writeAll(bytes: Uint8Array, position: number | null): void {
    for (let done = 0; done < bytes.length; ) {
      const at = position === null ? null : position + done;
      done += writeSync(this.#descriptor, bytes, done, bytes.length - done, at);
    }
  }

  writev(views: readonly Uint8Array[]): void {
    let pending = remaining(views, 0);
    while (pending.length > 0) pending = remaining(pending, writevSync(this.#descriptor, pending));
  }

  truncate(length: number): void {
    try {
      ftruncateSync(this.#descriptor, length);
    } catch (error) {
      if (errorCode(error) !== "EINVAL" || !isDeviceMode(this.stat().mode)) throw error;
    }
  }

  allocate(length: number): void {
    this.#changeSpace("allocate", (calls) => calls.allocate(this.#descriptor, length));
  }

  punchHole(position: number, length: number): void {
    this.#changeSpace("punch hole", (calls) => calls.punchHole(this.#descriptor, position, length));
  }

  #changeSpace(operation: string, call: (calls: LinuxCalls) => number): void {
    if (this.#calls === null) throw treeError("ENOSYS", operation, "");
    const outcome = call(this.#calls);
    if (outcome < 0) throw treeError(-outcome, operation, "");
  }

  setOwner(uid: number, gid: number): void {
    fchownSync(this.#descriptor, uid, gid);
  }

  setMode(mode: number): void {
    fchmodSync(this.#descriptor, mode & MODE_BITS);
  }

  setTimes(atime: FileTime | null, mtime: FileTime): void {
    if (this.#calls === null) {
      futimesSync(
        this.#descriptor,
        toNodeTime(atime ?? accessTime(this.stat())),
        toNodeTime(mtime),
      );
      return;
    }
    const outcome = this.#calls.setTimesOf(this.#descriptor, atime, mtime);
    if (outcome < 0) throw treeError(-outcome, "set times", "");
  }

  listAttributes(): ByteString[] {
    const calls = this.#attributeCalls("list attributes");
    const outcome = calls.listAttributesOf(this.#descriptor);
    if (outcome < 0) throw treeError(-outcome, "list attributes", "");
    return calls.attributeNames(outcome);
  }

  getAttribute(name: ByteString): Uint8Array | null {
    const calls = this.#attributeCalls("get attribute");
    const outcome = calls.getAttributeOf(this.#descriptor, name);
    if (outcome >= 0) return calls.attributeValue(outcome);
    if (outcome === ENODATA) return null;
    throw treeError(-outcome, `get attribute ${name}`, "");
  }

  setAttribute(name: ByteString, value: Uint8Array): void {
    const calls = this.#attributeCalls("set attribute");
    const outcome = calls.setAttributeOf(this.#descriptor, name, value);
    if (outcome < 0) throw treeError(-outcome, `set attribute ${name}`, "");
  }

  removeAttribute(name: ByteString): void {
    const calls = this.#attributeCalls("remove attribute");
    const outcome = calls.removeAttributeOf(this.#descriptor, name);
    if (outcome < 0 && outcome !== ENODATA)
      throw treeError(-outcome, `remove attribute ${name}`, "");
  }

  #attributeCalls(operation: string): LinuxCalls {
    if (this.#calls === null) throw treeError("ENOSYS", operation, "");
    return this.#calls;
  }

  sync(): void {
    fsyncSync(this.#descriptor);
  }

  /** Closing twice does nothing: by then the number may be another file's. */
  close(): void {
    if (this.#descriptor < 0) return;
    const descriptor = this.#descriptor;
    this.#descriptor = -1;
    closeSync(descriptor);
  }
}

/** The views without their first `count` bytes, and without empty ones in front. */
function remaining(views: readonly Uint8Array[], count: number): readonly Uint8Array[] {
  let left = count;
  for (const [index, view] of views.entries()) {
    if (left < view.length) return [view.subarray(left), ...views.slice(index + 1)];
    left -= view.length;
  }
  return [];
}
