/**
 * What a session tells of an item.
 * @module
 */
import { type FileEntry, isSymlink } from "@tsrsync/protocol/file-list";
import { ItemFlag, type ItemRecord } from "@tsrsync/protocol/item";
import { type ByteString, decodeByteString } from "@tsrsync/protocol/wire";
import type { ItemCost, ItemEvent, ShownChecksum } from "./observer.js";
import type { Session } from "./session.js";

/** The first protocol whose file checksums can be shown: those before are not what their name says. */
const COMMON_CHECKSUMS = 30;

/** The event for a record about `entry`. `directory`: that of its source; empty on the receiving side. */
export function itemEvent(
  session: Session,
  { ndx, flags, xname }: ItemRecord,
  entry: FileEntry,
  directory: ByteString,
  cost: ItemCost | null,
): ItemEvent {
  return {
    entry,
    ndx,
    flags: knowsLinkTimes(session) ? flags : withUnsetLinkTime(entry, flags),
    xname,
    // Before protocol 29 only requests have records; all else is told by the side that made it.
    changesUnknown: session.protocol < 29 && (flags & ItemFlag.Transfer) !== 0,
    outgoing: session.isSender,
    directory: directory === "." ? "" : directory,
    checksum: checksumOf(session, entry, cost?.digest ?? null),
    cost,
  };
}

/** Whether it is known here that the receiving side sets times of symbolic links, if it does. */
function knowsLinkTimes({ protocol, isSender }: Session): boolean {
  return protocol >= 30 || (protocol === 29 && !isSender);
}

/** Of a link, the bit that stands for another size with files says that its time could not be set (spec 3-transfer, 2.2). */
function withUnsetLinkTime(entry: FileEntry, flags: number): number {
  const isAffected = isSymlink(entry) && (flags & ItemFlag.ReportTime) !== 0;
  return isAffected ? flags | ItemFlag.ReportSize : flags;
}

function checksumOf(
  { listHashName, listHashLength, strong, protocol }: Session,
  entry: FileEntry,
  digest: Uint8Array | null,
): ShownChecksum {
  const isCommon = protocol >= COMMON_CHECKSUMS;
  if (listHashName !== null) {
    const bytes = isCommon ? (entry.extra?.checksum ?? null) : null;
    return { name: listHashName, length: listHashLength, bytes };
  }
  const bytes = isCommon && digest !== null ? decodeByteString(digest) : null;
  return { name: strong.name, length: strong.digestLength, bytes };
}
