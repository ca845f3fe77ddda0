/**
 * What a program says to a `RemoteDirectory`, and what it gets.
 * @module
 */
import type { ExitCode } from "@tsrsync/protocol";
import type { FileEntry } from "@tsrsync/protocol/file-list";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { Hides, SourcePlace, TransferObserver, TransferStatistics } from "@tsrsync/transfer";
import type { DaemonConnection } from "./daemon-connection.js";
import type { ConnectionOptions } from "./options.js";

/** What a request to a `RemoteDirectory` may say. Paths and names are bytes, one per character (latin1). */
export interface RemoteRequestOptions {
  /** Words of rsync's command line, after those of the directory. */
  args?: readonly string[] | undefined;
  /** A connection from `connect`, which the request uses up; without one it opens its own. */
  connection?: DaemonConnection | undefined;
  /** Further filter rules, after those of the words. */
  rules?: readonly ByteString[] | undefined;
  /** KiB per second; 0 is no limit. Default: what the words say. */
  bandwidth?: number | undefined;
  /** Told of items, deletions and problems as they come. */
  observer?: TransferObserver | undefined;
  /** Ends the request with exit code 20. */
  signal?: AbortSignal | undefined;
}

export interface RemotePushOptions extends RemoteRequestOptions {
  /** Where `root` lies; on this machine if nothing else is said. */
  place?: SourcePlace | undefined;
}

/** Where new files are looked for before they are sent: as `--link-dest` or `--copy-dest` does. */
export interface AlternateDirectory {
  kind: "link" | "copy";
  /** Relative to the directory that is written to. */
  path: ByteString;
}

export interface RemoteSelectionOptions extends RemotePushOptions {
  /** The directory to write to, below the address. It must be there, and wildcards in it are ones. Default: the address. */
  directory?: ByteString | undefined;
  alternate?: AlternateDirectory | undefined;
}

export interface RemoteTreeOptions extends RemotePushOptions {
  /** What these directories have not is deleted at the other end. */
  deletes?: boolean | undefined;
  /** Leaves out items, and what is in them, by their paths below `root`. */
  hides?: Hides | undefined;
}

/** How a request ended that came to its end: see `SyncResult`. */
export interface RemoteResult {
  exitCode: ExitCode;
  statistics: TransferStatistics;
  /** The protocol that was spoken. */
  protocol: number;
}

/** A connection that was opened before it was needed. */
export interface ConnectionAhead {
  /** See `connectAhead`. */
  readonly isTold: boolean;
  /** Ends the login; called once. */
  logIn(): Promise<DaemonConnection>;
}

/** What the other end has. */
export interface RemoteListing extends RemoteResult {
  /** Their names are relative to the directory. */
  entries: FileEntry[];
}

export interface RemoteDirectoryOptions extends ConnectionOptions {
  /** Words of rsync's command line. */
  args?: readonly string[];
  /**
   * The process has nothing better to do than to stand still for up to 25 ms at a time while a daemon answers, which costs it
   * less than to be told of each answer. Default false.
   */
  mayStandStill?: boolean;
}
