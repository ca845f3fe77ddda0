/**
 * Symbolic links that are mirrored as the directories that they lead to (`live.followSymlinkDirs`). Whoever looks at the source
 * asks here, so that all see the same: the watches, the plans of pushes, what is sent, and the snapshot.
 * @module
 */
import { type BigIntStats, realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { ByteString } from "@tsrsync/protocol/wire";
import { parentOf } from "../state/tree-paths.js";

const S_IFMT = 0o170000;
const S_IFLNK = 0o120000;
const ASCII = /^[\x00-\x7f]*$/;

/** Whether these type bits are those of a symbolic link. */
export function isLinkMode(mode: number): boolean {
  return (mode & S_IFMT) === S_IFLNK;
}

/** A path as Node takes it. */
export function nodePath(path: ByteString): string | Buffer {
  return ASCII.test(path) ? path : Buffer.from(path, "latin1");
}

/** The links below one root. Paths are relative to it. */
export class DirectoryLinks {
  readonly #root: ByteString;

  /** @param root the directory, absolute; links on the way to it are followed */
  constructor(root: ByteString) {
    this.#root = root === "/" ? "" : root;
  }

  absolute(path: ByteString): ByteString {
    return path === "" ? this.#root || "/" : `${this.#root}/${path}`;
  }

  /** The directory that the link at `path` stands for; `null` for one that stays a link: it leads elsewhere, or in a circle. */
  behind(path: ByteString): BigIntStats | null {
    const found = this.#directory(path);
    return found === null || this.#isCircle(path, found) ? null : found;
  }

  /** Whether the link at `path` leads to a directory that it lies in, by whatever ways. */
  isCircle(path: ByteString): boolean {
    const found = this.#directory(path);
    return found !== null && this.#isCircle(path, found);
  }

  #directory(path: ByteString): BigIntStats | null {
    const found = statOrNull(this.absolute(path));
    return found?.isDirectory() === true ? found : null;
  }

  /**
   * Each directory on the way to the link lies somewhere, links on the way resolved; the one that it leads to must be none of these,
   * nor one that any of these lies in.
   */
  #isCircle(path: ByteString, { dev, ino }: BigIntStats): boolean {
    const seen = new Set<ByteString>();
    for (let directory = parentOf(path); ; directory = parentOf(directory)) {
      let place = realOrNull(this.absolute(directory));
      while (place !== null && !seen.has(place)) {
        seen.add(place);
        const stats = statOrNull(place);
        if (stats?.dev === dev && stats.ino === ino) return true;
        place = place === "/" ? null : dirname(place);
      }
      if (directory === "") return false;
    }
  }
}

function statOrNull(path: ByteString): BigIntStats | null {
  try {
    return statSync(nodePath(path), { bigint: true, throwIfNoEntry: false }) ?? null;
  } catch {
    return null; // where nobody may look there is nothing to follow
  }
}

function realOrNull(path: ByteString): ByteString | null {
  try {
    return realpathSync.native(nodePath(path), "latin1");
  } catch {
    return null;
  }
}
