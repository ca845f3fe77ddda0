/**
 * Looks at the directories of one root.
 * @module
 */
import { type BigIntStats, lstatSync, readdirSync, statSync } from "node:fs";
import { constants as errors } from "node:os";
import type { ByteString } from "@tsrsync/protocol/wire";
import { loadNativeDisk, type NativeDisk } from "./native-disk.js";

const S_IFMT = 0o170000;
const S_IFDIR = 0o040000;
const S_IFREG = 0o100000;

/** One entry, as far as the watcher cares. */
export interface DiskEntry {
  /** Type and permission bits. */
  mode: number;
  device: bigint;
  inode: bigint;
  links: number;
  size: number;
  mtimeNs: bigint;
  ctimeNs: bigint;
}

export function isDirectory(entry: DiskEntry): boolean {
  return (entry.mode & S_IFMT) === S_IFDIR;
}

export function isRegular(entry: DiskEntry): boolean {
  return (entry.mode & S_IFMT) === S_IFREG;
}

/** How a root is looked at. */
export interface DiskOptions {
  /** `null`: by what Node has. Default: the best there is. */
  native?: NativeDisk | null;
  /** Directories that are listed may be links. */
  follow?: boolean;
}

/** The root on the disk. Paths are relative to it. */
export class Disk {
  readonly #root: ByteString;
  readonly #native: NativeDisk | null;
  /** Directories may be links. */
  readonly #follow: boolean;

  constructor(root: ByteString, options: DiskOptions = {}) {
    this.#root = root;
    this.#native = options.native === undefined ? loadNativeDisk() : options.native;
    this.#follow = options.follow === true;
  }

  /** The path for system calls. */
  absolute(path: ByteString): ByteString {
    if (path === "") return this.#root;
    return this.#root === "/" ? `/${path}` : `${this.#root}/${path}`;
  }

  /** The entry itself, not what a link leads to, or a negated errno. */
  look(path: ByteString): DiskEntry | number {
    if (this.#native !== null) return this.#native.look(this.absolute(path));
    try {
      const found = lstatSync(toNodePath(this.absolute(path)), {
        bigint: true,
        throwIfNoEntry: false,
      });
      return found === undefined ? -errors.errno.ENOENT : fromStats(found);
    } catch (error) {
      return negatedErrno(error);
    }
  }

  /** The root, through links. */
  lookAtRoot(): DiskEntry | null {
    try {
      const found = statSync(toNodePath(this.#root), { bigint: true, throwIfNoEntry: false });
      return found === undefined ? null : fromStats(found);
    } catch {
      return null;
    }
  }

  /** The names in a directory in byte order, or a negated errno. */
  list(path: ByteString): ByteString[] | number {
    if (this.#native !== null) {
      const names = this.#native.list(this.absolute(path), this.#follow || path === "");
      return typeof names === "number" ? names : names.sort();
    }
    try {
      return readdirSync(toNodePath(this.absolute(path)), { encoding: "latin1" }).sort();
    } catch (error) {
      return negatedErrno(error);
    }
  }
}

/** Whether a negated errno says that there is nothing (of that kind) at a path. */
export function isGone(outcome: number): boolean {
  const { ENOENT, ENOTDIR, ELOOP } = errors.errno;
  return outcome === -ENOENT || outcome === -ENOTDIR || outcome === -ELOOP;
}

function negatedErrno(error: unknown): number {
  const code = (error as NodeJS.ErrnoException).code ?? "EIO";
  return -(errors.errno[code as keyof typeof errors.errno] ?? errors.errno.EIO);
}

/** Bytes as Node takes them. */
export function toNodePath(path: ByteString): string | Buffer {
  return /^[\x00-\x7f]*$/.test(path) ? path : Buffer.from(path, "latin1");
}

/** An entry out of what Node tells. */
export function fromStats(stats: BigIntStats): DiskEntry {
  return {
    mode: Number(stats.mode),
    device: stats.dev,
    inode: stats.ino,
    links: Number(stats.nlink),
    size: Number(stats.size),
    mtimeNs: stats.mtimeNs,
    ctimeNs: stats.ctimeNs,
  };
}
