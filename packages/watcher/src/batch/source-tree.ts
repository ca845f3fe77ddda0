/**
 * How a push looks at the source when it starts.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { type DirectoryLinks, isLinkMode } from "../links/directory-links.js";
import { displayPath } from "../log/display-path.js";
import { Disk, type DiskEntry, fromStats, isGone } from "../watch/disk.js";

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

/** The root by a name that is looked through when it is a link. */
const ROOT = ".";

/**
 * @param root the directory, absolute; links on the way to it are followed
 * @param links says which links in it look like directories; `null` for none
 * @throws Error when it cannot be looked at.
 */
export function openSourceTree(root: ByteString, links: DirectoryLinks | null = null): SourceTree {
  const disk = new Disk(root, { follow: links !== null });
  const opened = disk.look(ROOT);
  if (typeof opened === "number") throw new Error(`${displayPath(root)}: errno ${-opened}`);
  return {
    lstat(path) {
      const entry = disk.look(path === "" ? ROOT : path);
      if (typeof entry === "number") return isGone(entry) ? null : "unreadable";
      return links === null ? entry : through(links, path, entry);
    },
    list(path) {
      const names = disk.list(path);
      if (typeof names === "number") return isGone(names) ? [] : null;
      return names;
    },
    isIntact() {
      const now = disk.look(ROOT);
      return typeof now !== "number" && now.device === opened.device && now.inode === opened.inode;
    },
  };
}

/** What a link stands for, where that is a directory. */
function through(links: DirectoryLinks, path: ByteString, entry: DiskEntry): Look {
  if (!isLinkMode(entry.mode)) return entry;
  const directory = links.behind(path);
  return directory === null ? entry : fromStats(directory);
}
