/**
 * The facts that the line of an item is made of. They are plain values, so that lines can be formatted and tested without a
 * transfer.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { ItemEvent, ShownChecksum } from "../session/observer.js";

/** One item that was handled: sent, received, changed in place, found unchanged or deleted. */
export interface PrintedItem {
  /** The record's item flags (spec 3-transfer, 2.2); 0 for a deletion. */
  itemFlags: number;
  /** The name as it is in the file list: relative, no trailing slash, `.` for the root. */
  name: ByteString;
  /** Type and permission bits. A deletion has only type bits. */
  mode: number;
  /** Length in bytes; 0 for a deletion. */
  size: number;
  /** Modification time in seconds since 1970; 0 for a deletion. */
  mtime: number;
  uid: number;
  /** `null` when the list carries no groups. */
  gid: number | null;
  /** Where a symlink points to. */
  linkTarget: ByteString | null;
  /** What a hard link was made from, or an empty string when it came from a link-dest directory. */
  xname: ByteString | null;
  /** True when we are the sender, also in a local copy. */
  outgoing: boolean;
  deleted: boolean;
  /** True when a peer below protocol 29 can not tell what differs in a file that exists. */
  changesUnknown: boolean;
  /** What `%f` shows: on a sender the name with the directory of its source, without a slash at either end. */
  path: ByteString;
  /** Bytes that the transfer of this file put on the connection in its direction. */
  transferBytes: number;
  /** Bytes that went the other way for it (block sums). */
  sumBytes: number;
  /** The file's checksum in lower-case hex, when one is known. */
  checksum: string | null;
  /** Length of the checksums of this run, for the blanks where an item has none. */
  checksumDigits: number;
}

/** What the facts of an item depend on besides its event. */
export interface PrintedItemOptions {
  /** The list carries groups. */
  groups: boolean;
  /** What `%f` shows; by default the name with the directory of its source. */
  pathOf?: (event: ItemEvent) => ByteString;
}

/** The facts of an item that a transfer tells of. */
export function printedItem(
  event: ItemEvent,
  { groups, pathOf = pathOfItem }: PrintedItemOptions,
): PrintedItem {
  const { entry, flags, xname, outgoing, changesUnknown, cost } = event;
  return {
    itemFlags: flags,
    name: entry.name,
    mode: entry.mode,
    size: entry.size,
    mtime: entry.mtime,
    uid: entry.uid,
    gid: groups ? entry.gid : null,
    linkTarget: entry.extra?.linkTarget ?? null,
    xname,
    outgoing,
    deleted: false,
    changesUnknown,
    path: pathOf(event),
    transferBytes: cost?.transferBytes ?? 0,
    sumBytes: cost?.sumBytes ?? 0,
    checksum: checksumDigits(event.checksum),
    checksumDigits: 2 * event.checksum.length,
  };
}

/** Hashes of the xxh family are shown as numbers are, most significant digit first; on the wire the last byte is first. */
function checksumDigits({ name, bytes }: ShownChecksum): string | null {
  if (bytes === null || name === "none") return null;
  const digest = Buffer.from(bytes, "latin1");
  if (name.startsWith("xxh")) digest.reverse();
  return digest.toString("hex");
}

function pathOfItem({ directory, entry: { name } }: ItemEvent): ByteString {
  return (directory === "" ? name : `${directory.replace(/\/+$/, "")}/${name}`).replace(/^\/+/, "");
}
