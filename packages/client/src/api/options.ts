/**
 * The options of the library, and how they become words of the command line: the one place where options are understood.
 * @module
 */
import type { FileStat } from "@tsrsync/transfer";

/** When to delete what the source does not have. */
export type DeleteOption = boolean | "before" | "during" | "delay" | "after";

/** What all calls take. */
export interface ConnectionOptions {
  /** For the daemon's login, or a function that is called when it asks for one. */
  password?: string | (() => string | Promise<string>);
  /** TCP port, when the address names none. Default 873. */
  port?: number;
  /** Seconds to wait for the connection. Default: as long as the system does. */
  connectTimeout?: number;
  /** Seconds without a byte after which a run ends. Default: never. */
  timeout?: number;
  /** Ends the run with exit code 20. */
  signal?: AbortSignal;
  /** A line of the daemon's message of the day. */
  onMessageOfTheDay?: (line: string) => void;
}

/** One item that was transferred or changed. */
export interface SyncedItem {
  /** Relative to the transfer's root, as text; bytes that are not UTF-8 become U+FFFD. */
  name: string;
  /** The name's bytes as they are, one per character (latin1). */
  nameBytes: string;
  /** Type and permission bits. */
  mode: number;
  size: number;
  /** Milliseconds since 1970. */
  mtimeMs: number;
  /** Its data is transferred; otherwise only attributes changed. */
  isTransfer: boolean;
  isNew: boolean;
}

/** How far a run has come. */
export interface SyncProgress {
  /** The file that is being transferred. */
  name: string;
  /** Bytes of it dealt with, and its size. */
  position: number;
  size: number;
  transferredFiles: number;
  /** Entries not looked at yet, and all. */
  entriesLeft: number;
  entriesTotal: number;
}

/** What `push` and `pull` take. */
export interface SyncOptions extends ConnectionOptions {
  /** Recursion, links, permissions, times, group, owner, devices (`-a`). Default true. */
  archive?: boolean;
  recursive?: boolean;
  links?: boolean;
  perms?: boolean;
  times?: boolean;
  owner?: boolean;
  group?: boolean;
  devices?: boolean;
  specials?: boolean;
  numericIds?: boolean;
  delete?: DeleteOption;
  /** At most so many deletions. */
  maxDelete?: number;
  /** Change nothing; tell what would be done. */
  dryRun?: boolean;
  /** Compare by checksum instead of size and time. */
  checksum?: boolean;
  /** Leave files alone that are newer at the destination. */
  update?: boolean;
  /** Send whole files, no differences. */
  wholeFile?: boolean;
  /** Make the destination's missing parents. */
  mkpath?: boolean;
  /** Further words of rsync's command line, for example `["--max-size=1m"]`. */
  args?: readonly string[];
  onItem?: (item: SyncedItem) => void;
  /** `path` as text. */
  onDelete?: (path: string, isDirectory: boolean) => void;
  onProgress?: (progress: SyncProgress) => void;
}

/** An entry of a listing. */
export interface ListedItem extends Pick<FileStat, "mode" | "size"> {
  name: string;
  nameBytes: string;
  mtimeMs: number;
  linkTarget: string | null;
}

const SWITCHES = {
  recursive: "recursive",
  links: "links",
  perms: "perms",
  times: "times",
  owner: "owner",
  group: "group",
  devices: "devices",
  specials: "specials",
  numericIds: "numeric-ids",
} as const;

const FLAGS = {
  dryRun: "--dry-run",
  checksum: "--checksum",
  update: "--update",
  wholeFile: "--whole-file",
  mkpath: "--mkpath",
} as const;

/** The words of the command line that say the same. */
export function optionWords(options: SyncOptions): string[] {
  const words = options.archive === false ? [] : ["--archive"];
  for (const [key, name] of Object.entries(SWITCHES)) {
    const value = options[key as keyof typeof SWITCHES];
    if (value !== undefined) words.push(value ? `--${name}` : `--no-${name}`);
  }
  for (const [key, word] of Object.entries(FLAGS)) {
    if (options[key as keyof typeof FLAGS]) words.push(word);
  }
  if (options.delete)
    words.push(options.delete === true ? "--delete" : `--delete-${options.delete}`);
  if (options.maxDelete !== undefined) words.push(`--max-delete=${options.maxDelete}`);
  return [...words, ...connectionWords(options), ...(options.args ?? [])];
}

/** The words for what all calls take. */
export function connectionWords(options: ConnectionOptions): string[] {
  const words: string[] = [];
  if (options.port !== undefined) words.push(`--port=${options.port}`);
  if (options.timeout !== undefined) words.push(`--timeout=${options.timeout}`);
  if (options.connectTimeout !== undefined) words.push(`--contimeout=${options.connectTimeout}`);
  return words;
}
