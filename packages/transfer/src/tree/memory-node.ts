/**
 * The items of a tree in memory.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { FileStat, FileTime } from "./file-tree.js";
import { isDirectoryMode } from "./item-type.js";
import { MemoryAttributes } from "./memory-attributes.js";
import { MemoryContent } from "./memory-content.js";

/** An item; two names of one item are a hard link. Which of the parts it has follows from the type bits of `mode`. */
export class MemoryNode {
  mode: number;
  uid = 0;
  gid = 0;
  atime: FileTime;
  mtime: FileTime;
  /** How many names it has; 0 when it was removed. */
  names = 1;
  readonly ino: bigint;
  /** A regular file's bytes. */
  readonly content: MemoryContent = new MemoryContent();
  /** A directory's items. */
  readonly entries: Map<ByteString, MemoryNode> = new Map();
  /** A link's target. */
  target: ByteString = "";
  readonly attributes: MemoryAttributes = new MemoryAttributes(this);
  rdevMajor = 0;
  rdevMinor = 0;

  constructor(ino: bigint, mode: number, now: FileTime) {
    this.ino = ino;
    this.mode = mode;
    this.atime = now;
    this.mtime = now;
  }

  get isDirectory(): boolean {
    return isDirectoryMode(this.mode);
  }

  setPermissions(mode: number): void {
    this.mode = (this.mode & ~0o7777) | (mode & 0o7777);
    this.attributes.followMode();
  }

  /** -1 leaves one as it is. */
  setOwner(uid: number, gid: number): void {
    if (uid !== -1) this.uid = uid;
    if (gid !== -1) this.gid = gid;
  }

  setTimes(atime: FileTime | null, mtime: FileTime): void {
    if (atime !== null) this.atime = { ...atime };
    this.mtime = { ...mtime };
  }

  stat(): FileStat {
    return {
      mode: this.mode,
      size: this.content.length + this.target.length,
      mtime: this.mtime.seconds,
      mtimeNs: this.mtime.nanoseconds,
      atime: this.atime.seconds,
      atimeNs: this.atime.nanoseconds,
      uid: this.uid,
      gid: this.gid,
      nlink: this.isDirectory ? this.#directoryLinks() : this.names,
      dev: 1n,
      ino: this.ino,
      rdevMajor: this.rdevMajor,
      rdevMinor: this.rdevMinor,
    };
  }

  /** The name above, its own `.`, and the `..` of each directory below. */
  #directoryLinks(): number {
    if (this.names === 0) return 0;
    let count = 2;
    for (const node of this.entries.values()) if (node.isDirectory) count++;
    return count;
  }
}
