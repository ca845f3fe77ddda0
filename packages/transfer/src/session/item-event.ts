/**
 * What a session tells of an item.
 * @module
 */
import type { FileEntry } from "@tsrsync/protocol/file-list";
import type { ItemRecord } from "@tsrsync/protocol/item";
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
    flags,
    xname,
    changesUnknown: session.protocol < 29,
    outgoing: session.isSender,
    directory: directory === "." ? "" : directory,
    checksum: checksumOf(session, entry, cost?.digest ?? null),
    cost,
  };
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
