/**
 * Whether an item is, but for its attributes, what an entry describes (spec 3-transfer, 3.1).
 * @module
 */
import { type FileEntry, isDevice, isRegular, isSymlink } from "@tsrsync/protocol/file-list";
import type { ByteString } from "@tsrsync/protocol/wire";
import { munge, sanitizeTarget } from "../session/link-targets.js";
import type { Session } from "../session/session.js";
import type { FileStat, FileTree } from "../tree/file-tree.js";
import { sameTime } from "./differences.js";
import { hashFile } from "./list-hash.js";

const S_IFMT = 0o170000;

/** An item somewhere, which an entry is compared with. */
export interface Candidate {
  tree: FileTree;
  path: ByteString;
  stat: FileStat;
}

/** Whether `stat` describes an item of the same type as the entry. */
export function isSameType(entry: FileEntry, stat: FileStat): boolean {
  return (stat.mode & S_IFMT) === (entry.mode & S_IFMT);
}

/** The quick check, for any type but of directories, which are always the same. */
export async function passesQuickCheck(
  session: Session,
  entry: FileEntry,
  candidate: Candidate,
): Promise<boolean> {
  if (!isSameType(entry, candidate.stat)) return false;
  if (isRegular(entry)) return hasSameContent(session, entry, candidate);
  const { tree, path, stat } = candidate;
  if (isSymlink(entry)) return (await tree.readLink(path)) === localTarget(session, entry);
  if (!isDevice(entry)) return true;
  const { extra } = entry;
  return stat.rdevMajor === extra?.rdevMajor && stat.rdevMinor === extra.rdevMinor;
}

async function hasSameContent(
  session: Session,
  entry: FileEntry,
  { tree, path, stat }: Candidate,
): Promise<boolean> {
  const { options } = session;
  if (entry.size !== stat.size) return false;
  if (options.checksum) {
    const expected = entry.extra?.checksum ?? null;
    return expected !== null && expected === (await hashFile(session, tree, path, stat.size));
  }
  if (options.sizeOnly) return true;
  if (options.ignoreTimes) return false;
  return sameTime(entry, stat.mtime, stat.mtimeNs, options.modifyWindow);
}

/** The target of a link as it is stored here. */
export function localTarget({ options }: Session, entry: FileEntry): ByteString {
  const target = entry.extra?.linkTarget ?? "";
  if (options.mungeLinks) return munge(target);
  if (!options.sanitizeLinks) return target;
  return sanitizeTarget(target, entry.name.split("/").length - 1);
}
