/**
 * How a push looks at the source when it starts.
 * @module
 */
import { type BigIntStats, lstatSync, readdirSync, statSync } from "node:fs";
import type { ByteString } from "@tsrsync/protocol/wire";
import { errorCode, pathBytes } from "@tsrsync/transfer";
import { type DirectoryLinks, isLinkMode } from "../links/directory-links.js";

/** What one path is now. */
export interface Look {
  /** Type and permission bits. */
  readonly mode: number;
  readonly size: number;
  readonly links: number;
  readonly inode: bigint;
  readonly device: bigint;
  readonly ctimeNs: bigint;
}

/** A root, looked at synchronously. Who asks has made sure that the directories on the way are directories here. */
export interface SourceTree {
  /** `null` when there is nothing; `"unreadable"` when that cannot be told. The root itself may be a link. */
  lstat(path: ByteString): Look | null | "unreadable";
  /** The names in a directory, none where it is gone; `null` when it cannot be read. */
  list(path: ByteString): readonly ByteString[] | null;
  /** Whether the root is the directory that it was when the tree was opened. */
  isIntact(): boolean;
}

const GONE = new Set(["ENOENT", "ENOTDIR"]);
const ASCII = /^[\x00-\x7f]*$/;

/**
 * @param root the directory, absolute; links on the way to it are followed
 * @param links says which links in it look like directories; `null` for none
 * @throws the system's error when it is no directory, or not there.
 */
export function openSourceTree(root: ByteString, links: DirectoryLinks | null = null): SourceTree {
  const place = (path: ByteString) => {
    const full = `${root}/${path}`;
    return ASCII.test(full) ? full : pathBytes(full);
  };
  const { dev, ino } = statSync(place("."), { bigint: true });
  return {
    lstat: links === null ? (path) => lookAt(place(path)) : (path) => through(links, path, place),
    list: (path) => namesIn(place(path)),
    isIntact: () => {
      const now = statSync(place("."), { bigint: true, throwIfNoEntry: false });
      return now !== undefined && now.dev === dev && now.ino === ino;
    },
  };
}

function lookAt(place: string | Buffer): Look | null | "unreadable" {
  try {
    const stats = lstatSync(place, { bigint: true, throwIfNoEntry: false });
    return stats === undefined ? null : toLook(stats);
  } catch (thrown) {
    return GONE.has(errorCode(thrown) ?? "") ? null : "unreadable";
  }
}

/** What a link stands for, where that is a directory. */
function through(
  links: DirectoryLinks,
  path: ByteString,
  place: (path: ByteString) => string | Buffer,
): Look | null | "unreadable" {
  const look = lookAt(place(path));
  if (look === null || look === "unreadable" || !isLinkMode(look.mode)) return look;
  const directory = links.behind(path);
  return directory === null ? look : toLook(directory);
}

function toLook({ mode, size, nlink, ino, dev, ctimeNs }: BigIntStats): Look {
  return {
    mode: Number(mode),
    size: Number(size),
    links: Number(nlink),
    inode: ino,
    device: dev,
    ctimeNs,
  };
}

function namesIn(place: string | Buffer): readonly ByteString[] | null {
  try {
    return readdirSync(place, "latin1");
  } catch (thrown) {
    return GONE.has(errorCode(thrown) ?? "") ? [] : null;
  }
}
