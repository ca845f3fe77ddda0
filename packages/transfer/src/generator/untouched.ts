/**
 * Telling at a glance that an item is up to date (spec 3-transfer, 3.7).
 * @module
 */
import { type FileEntry, isRegular } from "@tsrsync/protocol/file-list";
import { type Destination, localPath } from "../receiver/destination.js";
import type { Session } from "../session/session.js";
import type { FileStat } from "../tree/file-tree.js";
import { isLinkedToAlternate } from "./alternate-match.js";
import type { GeneratorContext } from "./context.js";
import { attributeDifferences, sameTime } from "./differences.js";
import { hashAtOnce } from "./list-hash.js";

const S_IFMT = 0o170000;
const S_IFREG = 0o100000;

/** The common case of a run in which nothing changed, decided without a promise: there is nothing at all to do for `entry`. */
export function isUntouched(
  { session, destination }: GeneratorContext,
  entry: FileEntry,
  stat: FileStat,
): boolean {
  const { options } = session;
  if (options.ignoreTimes || options.sizeOnly || options.reportUnchanged) return false;
  if (options.tellsUnchanged) return false;
  if (options.acls || options.xattrs > 0) return false;
  if (options.changesFinalModes) return false;
  if (options.partialDir !== null || options.removeSource === "all") return false;
  if (options.ignoreExisting) return false;
  if (!isRegular(entry) || (stat.mode & S_IFMT) !== S_IFREG || entry.size !== stat.size)
    return false;
  if (!sameTime(entry, stat.mtime, stat.mtimeNs, options.modifyWindow)) return false;
  if (attributeDifferences(entry, stat, options, destination.privileges, false) !== 0) return false;
  const isInPlace =
    options.alternateKind === null ||
    options.alternateKind === "copy" ||
    (options.alternateKind === "link" &&
      isLinkedToAlternate(destination, localPath(destination, entry), stat));
  return isInPlace && (!options.checksum || hasKnownContent(session, destination, entry));
}

/** `--checksum`: what is not small enough to be read at once is left to those who can wait. */
function hasKnownContent(session: Session, destination: Destination, entry: FileEntry): boolean {
  const expected = entry.extra?.checksum ?? null;
  if (expected === null) return false;
  const path = localPath(destination, entry);
  return hashAtOnce(session, destination.tree, path, entry.size) === expected;
}
