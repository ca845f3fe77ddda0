/**
 * The facts that output is made of. Everything here is a plain value, so that lines can be formatted and tested without
 * a transfer; whoever runs the transfer fills these in.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";

/** One item that was handled: sent, received, changed in place, found unchanged or deleted. */
export interface ItemEvent {
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
  /** On the sender: the directory that `name` is relative to, as the user gave it; else empty. */
  directory: ByteString;
  /** Bytes that the transfer of this file put on the connection in its direction. */
  transferBytes: number;
  /** Bytes that went the other way for it (block sums). */
  sumBytes: number;
  /** The file's checksum in lower-case hex, when one is known. */
  checksum: string | null;
}

/** How many items there are of each kind. */
export interface KindCounts {
  regular: number;
  directories: number;
  symlinks: number;
  devices: number;
  specials: number;
}

/** The totals of a run. Sizes are bytes, times milliseconds. */
export interface TransferStatistics {
  files: KindCounts;
  /** `null` when the protocol (below 29) does not tell. */
  created: KindCounts | null;
  /** `null` when the protocol (below 31) does not tell. */
  deleted: KindCounts | null;
  transferredCount: number;
  /** Sizes of all files in the list, lengths of symlinks included. */
  totalSize: number;
  transferredSize: number;
  literalData: number;
  matchedData: number;
  listSize: number;
  /** 0 when unknown: then neither of the two times is printed. */
  listBuildMs: number;
  listTransferMs: number;
  bytesSent: number;
  bytesReceived: number;
  /** Since the start of the run; the rate counts whole seconds of it. */
  elapsedMs: number;
}
