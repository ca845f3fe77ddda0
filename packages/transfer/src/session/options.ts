/**
 * What both roles of a transfer are told to do. The names are those of the settings in the option table
 * (docs/protocol/options.json); here they are resolved: nothing is undecided any more.
 * @module
 */
import type { ModeChange } from "@tsrsync/protocol/arguments";
import type { ByteString } from "@tsrsync/protocol/wire";
import { type FilterSetup, NO_FILTERS } from "../filter/filter-setup.js";
import type { NameList } from "./name-list.js";

/** `--compare-dest`, `--copy-dest` and `--link-dest`. */
export type AlternateKind = "compare" | "copy" | "link";

/** When items that the source does not have are deleted. */
export type DeleteTiming = "none" | "before" | "during" | "delay" | "after";

export interface TransferOptions {
  filters: FilterSetup;
  /** `-C`. */
  cvsExclude: boolean;
  /** Directories that hold no files are not made. */
  pruneEmptyDirs: boolean;
  recursive: boolean;
  /** Directories are sent even without recursion. */
  dirs: boolean;
  relative: boolean;
  impliedDirs: boolean;
  /** `--files-from`: names that are sent, below the one source argument; `null` without. */
  filesFrom: NameList | null;
  /** What becomes of an argument that names nothing: an error, nothing, or an entry that has the receiver delete its own. */
  missingArgs: "report" | "ignore" | "delete";
  links: boolean;
  /** Links are sent as what they point to: all, those that may lead out of the transfer, those to directories. */
  copyLinks: boolean;
  copyUnsafeLinks: boolean;
  copyDirlinks: boolean;
  /** Links that may lead out of the transfer are not made. */
  safeLinks: boolean;
  /** A link to a directory stands for it where a directory is received. */
  keepDirlinks: boolean;
  /** 1: other file systems are not entered; 2: their mount points are not even listed. */
  oneFileSystem: number;
  /** Link targets are stored with a prefix that makes them lead nowhere, and sent without it. */
  mungeLinks: boolean;
  /** Link targets that would leave the transfer are changed so that they do not. */
  sanitizeLinks: boolean;
  perms: boolean;
  /** Changes of the permission bits of what is sent, or received. */
  modeChanges: readonly ModeChange[];
  /** `incoming chmod` of a daemon: the changes are made to the final permission bits as well, kept or not. */
  changesFinalModes: boolean;
  executability: boolean;
  /** Protocol 30 and later. */
  acls: boolean;
  /** 0: none; 1: extended attributes; 2: rsync's own ones as well. Protocol 30 and later. */
  xattrs: number;
  times: boolean;
  atimes: boolean;
  /** Files are read without a trace in their access time, where the system allows it. */
  openNoatime: boolean;
  owner: boolean;
  group: boolean;
  devices: boolean;
  specials: boolean;
  /** The receiver makes no devices, FIFOs and sockets, whatever is sent. */
  dropDevices: boolean;
  /** The contents of devices are sent as those of regular files. */
  copyDevices: boolean;
  /** Data for a device is written to it; goes with writing in place. */
  writeDevices: boolean;
  /**
   * Whether owners, devices and the like can be set: as the process's uid says, by order, or never; "fake" keeps in
   * attributes what can not be set.
   */
  superUser: "auto" | "on" | "off" | "fake";
  numericIds: boolean;
  /** The charset of our names, when those on the wire are UTF-8. */
  iconv: string | null;
  /** Whose files become whose, as the options say it. */
  usermap: ByteString | null;
  groupmap: ByteString | null;
  /** `numeric ids` of a daemon: the names of ids are neither sent nor used, though the list has room for them. */
  ignoresIdNames: boolean;
  omitDirTimes: boolean;
  omitLinkTimes: boolean;

  /** Compare by checksum instead of size and time. */
  checksum: boolean;
  ignoreTimes: boolean;
  sizeOnly: boolean;
  /** Seconds by which times may differ and still count as equal; negative: nanoseconds count too. */
  modifyWindow: number;
  /** Skip files that are newer at the destination. */
  update: boolean;
  /** Create nothing that is not there yet. */
  ignoreNonExisting: boolean;
  /** Touch nothing that is there already. */
  ignoreExisting: boolean;
  /** Bytes; `null` is no limit. */
  maxSize: number | null;
  minSize: number | null;

  /** Write into the file that is there. */
  inplace: boolean;
  /** Only send what files lack at their end; `verify`: and check that the rest is equal. Goes with `inplace`. */
  append: "none" | "append" | "verify";
  /** What becomes of files that an alternate directory has already; `null` without such directories. */
  alternateKind: AlternateKind | null;
  /** The alternate directories as the user names them; relative ones start at the destination. */
  alternateDirs: readonly ByteString[];
  /** In how many directories a file of a similar name is looked for: the file's own, then the alternate ones. */
  fuzzy: number;
  /** Items with several names keep them. */
  hardLinks: boolean;

  /** Keep what came of a file whose transfer was cut. */
  partial: boolean;
  /** Where that is kept: an absolute path, or the name of a directory beside each file. */
  partialDir: ByteString | null;
  /** All files get into their places at the end. */
  delayUpdates: boolean;
  /** Where files are written before they get into their places; relative to the destination. */
  tempDir: ByteString | null;
  /** Links of strangers are followed on the way to directories that options name. */
  insecureLinks: boolean;
  /** Directories that options name must lie in this one. */
  confineRoot: ByteString | null;
  /** Say what would have become of files that are left alone. */
  explainSkips: boolean;
  /** Block sums of one file may take so many bytes. */
  maxAlloc: number;
  /** Zeros are left out on the disk. */
  sparse: boolean;
  /** Space is reserved before a file is written. */
  preallocate: boolean;
  /** Each file is brought to the disk before it counts as written. */
  fsync: boolean;
  /** Keep what is replaced or deleted, with `suffix` behind its name, in `backupDir` if there is one. */
  backup: boolean;
  backupDir: ByteString | null;
  suffix: ByteString;
  /** The sender removes what has arrived: of `all` regular files and other items, or only what was `sent`. */
  removeSource: "none" | "all" | "sent";
  wholeFile: boolean;
  /** Bytes; 0 chooses by the size of the file. */
  blockSize: number;

  delete: DeleteTiming;
  deleteExcluded: boolean;
  /** Deletions allowed; negative is no limit. */
  maxDelete: number;
  /** Delete non-empty directories that stand in the way. */
  force: boolean;
  /** Delete even after errors at the sender. */
  ignoreErrors: boolean;

  dryRun: boolean;
  /** The data goes into a batch file at the client, and nowhere else. */
  onlyWriteBatch: boolean;
  /** Nothing is requested: the list is all that is wanted. */
  listOnly: boolean;
  /** The destination's missing parents are made. */
  mkpath: boolean;
  /** Report items that are up to date as well (`-ii`, `-vv`). */
  reportUnchanged: boolean;
  /** The generator tells of items of which it wants no data. */
  tellsUnchanged: boolean;
  /** A server before protocol 29 tells the names of what it made. */
  tellsNames: boolean;
  /** A server before protocol 29 tells what it deletes. */
  tellsDeletions: boolean;
  /** The checksum chosen by option, or `null` to negotiate. */
  checksumChoice: string | null;
  /** 0 lets the server choose. */
  checksumSeed: number;
  /** File data is compressed, by what the two sides agree on. */
  compress: boolean;
  /** The compression chosen by option, or `null` to negotiate. */
  compressChoice: string | null;
  /** `null` is the usual level of the compression. */
  compressLevel: number | null;
  /** The sender of deflate streams does not spend time on making them small. */
  storeOnly: boolean;
  /** How much a client tells about what was negotiated: 0 to 2. */
  debugNegotiation: number;
  /** A client that receives tells whether it takes differences. */
  debugLists: boolean;
  /** The sender tells in the end how its searches went. */
  debugDeltas: boolean;
  /** The generator tells which file it takes for an older one under another name. */
  debugFuzzy: boolean;
  /** Each rule that decides about an item is told. */
  debugFilters: boolean;
  /** Seconds without a byte after which the session ends; 0 is never. */
  timeout: number;
  /** KiB per second that may be sent; 0 is no limit. */
  bwlimit: number;
}

/** The options of a run that asks for nothing special. */
export function defaultTransferOptions(): TransferOptions {
  return {
    filters: NO_FILTERS,
    cvsExclude: false,
    pruneEmptyDirs: false,
    recursive: false,
    dirs: false,
    relative: false,
    impliedDirs: false,
    filesFrom: null,
    missingArgs: "report",
    links: false,
    copyLinks: false,
    copyUnsafeLinks: false,
    copyDirlinks: false,
    safeLinks: false,
    keepDirlinks: false,
    oneFileSystem: 0,
    mungeLinks: false,
    sanitizeLinks: false,
    perms: false,
    modeChanges: [],
    changesFinalModes: false,
    executability: false,
    acls: false,
    xattrs: 0,
    times: false,
    atimes: false,
    openNoatime: false,
    owner: false,
    group: false,
    devices: false,
    specials: false,
    dropDevices: false,
    copyDevices: false,
    writeDevices: false,
    superUser: "auto",
    numericIds: false,
    iconv: null,
    usermap: null,
    groupmap: null,
    ignoresIdNames: false,
    omitDirTimes: false,
    omitLinkTimes: false,
    checksum: false,
    ignoreTimes: false,
    sizeOnly: false,
    modifyWindow: 0,
    update: false,
    ignoreNonExisting: false,
    ignoreExisting: false,
    maxSize: null,
    minSize: null,
    inplace: false,
    append: "none",
    alternateKind: null,
    alternateDirs: [],
    fuzzy: 0,
    hardLinks: false,
    partial: false,
    partialDir: null,
    delayUpdates: false,
    tempDir: null,
    insecureLinks: false,
    confineRoot: null,
    maxAlloc: 1 << 30,
    explainSkips: false,
    sparse: false,
    preallocate: false,
    fsync: false,
    backup: false,
    backupDir: null,
    suffix: "~",
    removeSource: "none",
    wholeFile: false,
    blockSize: 0,
    delete: "none",
    deleteExcluded: false,
    maxDelete: -1,
    force: false,
    ignoreErrors: false,
    dryRun: false,
    onlyWriteBatch: false,
    listOnly: false,
    mkpath: false,
    reportUnchanged: false,
    tellsUnchanged: false,
    tellsNames: false,
    tellsDeletions: false,
    checksumChoice: null,
    checksumSeed: 0,
    compress: false,
    compressChoice: null,
    compressLevel: null,
    storeOnly: false,
    debugNegotiation: 0,
    debugLists: false,
    debugDeltas: false,
    debugFuzzy: false,
    debugFilters: false,
    timeout: 0,
    bwlimit: 0,
  };
}
