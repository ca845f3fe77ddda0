/**
 * Telling at a glance that an item is up to date (spec 3-transfer, 3.7).
 * @module
 */
import { type FileEntry, isRegular } from "@tsrsync/protocol/file-list";
import { localPath } from "../receiver/destination.js";
import type { FileStat } from "../tree/file-tree.js";
import { isLinkedToAlternate } from "./alternate-match.js";
import type { GeneratorContext } from "./context.js";
import { attributeDifferences, sameTime } from "./differences.js";

const S_IFMT = 0o170000;
const S_IFREG = 0o100000;

/** The common case of a run in which nothing changed, decided without a promise: there is nothing at all to do for `entry`. */
export function isUntouched(
  { session, destination }: GeneratorContext,
  entry: FileEntry,
  stat: FileStat,
): boolean {
  const { options } = session;
  if (options.checksum || options.ignoreTimes || options.sizeOnly || options.reportUnchanged)
    return false;
  if (options.acls || options.xattrs > 0) return false;
  if (options.changesFinalModes) return false;
  if (options.partialDir !== null || options.removeSource === "all") return false;
  if (options.ignoreExisting) return false;
  if (!isRegular(entry) || (stat.mode & S_IFMT) !== S_IFREG || entry.size !== stat.size)
    return false;
  if (!sameTime(entry, stat.mtime, stat.mtimeNs, options.modifyWindow)) return false;
  if (attributeDifferences(entry, stat, options, destination.privileges, false) !== 0) return false;
  if (options.alternateKind === null || options.alternateKind === "copy") return true;
  if (options.alternateKind === "compare") return false;
  return isLinkedToAlternate(destination, localPath(destination, entry), stat);
}
