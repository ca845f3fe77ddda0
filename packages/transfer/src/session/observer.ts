/**
 * What a transfer tells the program around it: items, deletions, texts, progress. All of it is optional, and none of it
 * may take long: the calls come from the middle of the work.
 * @module
 */
import type { ChecksumName } from "@tsrsync/protocol/checksum";
import type { FileEntry, FileList, FileListSet } from "@tsrsync/protocol/file-list";
import type { ByteString } from "@tsrsync/protocol/wire";

/** One entry was dealt with: transferred, changed or (if asked for) found up to date. */
export interface ItemEvent {
  entry: FileEntry;
  ndx: number;
  /** Item flags of the record (spec 3-transfer, 2.2). */
  flags: number;
  xname: ByteString | null;
  /** The protocol (28) does not tell what has changed. */
  changesUnknown: boolean;
  /** True at the sender. */
  outgoing: boolean;
  /** On the sender: the directory that the name is relative to, as it was given; empty where that is where we are. */
  directory: ByteString;
  checksum: ShownChecksum;
  /** Only where `needsCost` asks for it, and for a file that was transferred. */
  cost: ItemCost | null;
}

/** What the transfer of a file cost, and gave. */
export interface ItemCost {
  /** Bytes of its reply on the connection. */
  transferBytes: number;
  /** Bytes of the request: block sums. */
  sumBytes: number;
  /** The checksum of the file's data; `null` when they were not right. */
  digest: Uint8Array | null;
}

/** The checksum of a file: that of the list, else that of its transfer. */
export interface ShownChecksum {
  name: ChecksumName;
  /** Its length, in bytes. */
  length: number;
  /** Its bytes as they are on the wire; `null` when it is not known. */
  bytes: ByteString | null;
}

export interface DeletionEvent {
  /** Relative to the destination. */
  path: ByteString;
  isDirectory: boolean;
  /** Its permissions; 0 when the peer has deleted it. */
  permissions: number;
}

/** How serious a text is. `error` does not by itself change the exit code, `transfer-error` makes it 23. */
export type NoticeLevel = "info" | "warning" | "error" | "transfer-error";

export interface NoticeEvent {
  level: NoticeLevel;
  /** One or more lines; bytes, because names are. Ends with a newline unless the peer left it out. */
  text: ByteString;
  /** True when the peer said it. */
  remote: boolean;
  /** It names an item, of which a log has its own line or none. */
  isName?: boolean;
}

export interface ProgressEvent {
  entry: FileEntry;
  /** Bytes of the file dealt with so far. */
  position: number;
  /** True for the last event of the file. */
  done: boolean;
  /** Files transferred so far, this one included. */
  transferredFiles: number;
  /** Entries not looked at yet, and all entries known. */
  entriesLeft: number;
  entriesTotal: number;
  /** No further entries will become known. */
  listComplete: boolean;
}

/** What would have become of a file that is left alone because it is there. */
export type ExistingReason =
  | "type change"
  | "sum change"
  | "file change"
  | "attr change"
  | "uptodate";

/** A transfer rule left a file alone; `target` is that of an unsafe link. */
export interface SkipEvent {
  path: ByteString;
  why:
    | "newer"
    | "exists"
    | ExistingReason
    | "not there"
    | "no such directory"
    | "over max-size"
    | "under min-size"
    | "unsafe link"
    | "unsafe backup";
  target?: ByteString;
}

/** A batch has a file that is not wanted. */
export interface NotBatchedEvent {
  path: ByteString;
}

export interface TransferObserver {
  /** Items that are transferred are told of when that is over, with what it has cost; else before. */
  readonly needsCost?: boolean;
  notBatched?(event: NotBatchedEvent): void;
  skipped?(event: SkipEvent): void;
  item?(event: ItemEvent): void;
  deleted?(event: DeletionEvent): void;
  notice?(event: NoticeEvent): void;
  progress?(event: ProgressEvent): void;
  /** An entry of a list that is all that is wanted (`--list-only`). */
  listed?(entry: FileEntry): void;
  /** The list is about to be sent or received: in one piece, or directory by directory. */
  begin?(incremental: boolean): void;
  /** A list is complete: the only one, or that of one directory. */
  list?(list: FileList): void;
  /** The (first) file list is complete; the transfer begins. */
  fileList?(lists: FileListSet): void;
  /** What is replaced or deleted was kept. `path` is relative to the destination, `backup` is shown as it is. */
  backedUp?(event: { path: ByteString; backup: ByteString }): void;
  /** Where backups go to; `isNew`: it will have to be made. */
  backupDirectory?(event: { path: ByteString; isNew: boolean }): void;
  /** A push is all but over: what is left is the other end's goodbye. */
  closing?(): void;
  /** The sender removed what has arrived. */
  removedSource?(path: ByteString): void;
  /** The destination directory was made. */
  createdDestination?(path: ByteString): void;
}
