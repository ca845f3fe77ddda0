/**
 * The settings that options make. Names, values and start values are those of docs/protocol/options.json and
 * docs/protocol/4-command.md, 5.
 * @module
 */
import type { ByteString } from "../wire/index.js";

/** A filter option, in the order given. `from0`: whether `-0` was in effect, for the files among them. */
export interface FilterOption {
  readonly kind: "filter" | "include" | "exclude" | "include-from" | "exclude-from";
  readonly text: ByteString;
  readonly from0: boolean;
}

/** When to stop: the option and its argument as typed (`parseStopTime` reads it). */
export interface StopOption {
  readonly option: "stop-at" | "stop-after";
  readonly text: string;
}

/**
 * Every setting, as parsing leaves it. Null: not given, to be decided later. Counters count how often an option was
 * given; sizes are bytes, `bwlimit` is KiB per second, `timeout` and `contimeout` are seconds, `modifyWindow` seconds.
 * Bytes are `ByteString`s.
 */
export interface Settings {
  help: boolean;
  version: number;
  verbose: number;
  /** The arguments of `--info` and `--debug` in order. */
  info: readonly string[];
  debug: readonly string[];
  stderr: "errors" | "all" | "client";
  quiet: number;
  motd: boolean;
  stats: boolean;
  humanReadable: number;
  eightBitOutput: boolean;
  outbuf: string | null;
  progress: boolean;
  itemize: number;
  outFormat: ByteString | null;
  logFile: ByteString | null;
  logFileFormat: ByteString | null;
  /** 0 no, 1 implied by the paths, 2 given. */
  listOnly: number;

  checksum: boolean;
  ignoreTimes: boolean;
  sizeOnly: boolean;
  modifyWindow: number;
  modifyWindowGiven: boolean;
  checksumChoice: string | null;
  checksumSeed: number;
  update: boolean;
  ignoreNonExisting: boolean;
  ignoreExisting: boolean;
  maxSize: number | null;
  minSize: number | null;

  /** 0 no, 1 by `--archive`, 2 given. */
  recursive: number;
  incRecursive: boolean;
  /** -1 undecided, 0 no, 1 implied, 2 given, 4 `--old-dirs`. */
  dirs: number;
  relative: boolean | null;
  impliedDirs: boolean;
  mkpath: boolean;
  oneFileSystem: number;
  filesFrom: ByteString | null;
  from0: boolean;

  backup: boolean;
  backupDir: ByteString | null;
  suffix: ByteString | null;
  inplace: boolean;
  /** 0 no, 1 `--append`, 2 `--append-verify`. */
  append: number;
  wholeFile: boolean | null;
  sparse: boolean;
  preallocate: boolean;
  fsync: boolean;
  tempDir: ByteString | null;
  partial: boolean;
  partialDir: ByteString | null;
  delayUpdates: boolean;
  blockSize: number;
  /** After resolution: 0, 1, or the number of alternate directories plus 1. */
  fuzzy: number;
  altDestKind: "compare" | "copy" | "link" | null;
  altDest: readonly ByteString[];
  dryRun: boolean;

  links: boolean;
  copyLinks: boolean;
  copyUnsafeLinks: boolean;
  safeLinks: boolean;
  mungeLinks: boolean;
  copyDirlinks: boolean;
  keepDirlinks: boolean;
  hardLinks: number;
  insecureLinks: boolean;
  confineRoot: ByteString | null;
  trustSender: boolean;
  copyAs: ByteString | null;

  perms: boolean;
  executability: boolean;
  chmod: readonly ByteString[];
  acls: boolean;
  xattrs: number;
  times: boolean;
  atimes: number;
  openNoatime: boolean;
  crtimes: boolean;
  /** `implied`: by `--backup` without a backup dir; not sent to the server. */
  omitDirTimes: boolean | "implied";
  omitLinkTimes: boolean;
  owner: boolean;
  group: boolean;
  devices: boolean;
  specials: boolean;
  dropDevices: boolean;
  copyDevices: boolean;
  writeDevices: boolean;
  superUser: "auto" | "on" | "off" | "fake";
  numericIds: boolean;
  usermap: ByteString | null;
  groupmap: ByteString | null;

  deleteMode: boolean;
  deleteBefore: boolean;
  /** 0 no, 1 `--delete-during`, 2 `--delete-delay`. */
  deleteDuring: number;
  deleteAfter: boolean;
  deleteExcluded: boolean;
  /** Bit 1 ignore, bit 2 delete; after resolution 0, 1 or 2. */
  missingArgs: number;
  ignoreErrors: boolean;
  force: boolean;
  maxDelete: number | null;
  /** 0 no, 1 `--remove-source-files`, 2 `--remove-sent-files`. */
  removeSource: number;
  pruneEmptyDirs: boolean;
  filters: readonly FilterOption[];
  filterShorthand: number;
  cvsExclude: boolean;

  compress: number;
  compressChoice: string | null;
  compressLevel: number | null;
  compressThreads: number;
  skipCompress: ByteString | null;

  /** For a server this is the client's capability string. */
  rsh: ByteString | null;
  rsyncPath: ByteString | null;
  remoteOption: readonly ByteString[];
  /** -1 undecided, else the level. */
  oldArgs: number;
  secludedArgs: boolean | null;
  blockingIo: boolean | null;
  timeout: number;
  contimeout: number;
  address: string | null;
  port: number | null;
  sockopts: string | null;
  addressFamily: 4 | 6 | null;
  passwordFile: ByteString | null;
  earlyInput: ByteString | null;
  bwlimit: number;
  stopAt: StopOption | null;
  protocol: number;
  iconv: string | null;
  /** As typed; the number is `maxAllocBytes` of the resolved settings. */
  maxAlloc: string | null;
  batchFile: ByteString | null;
  batchMode: "write" | "only-write" | "read" | null;
  qsort: boolean;

  server: boolean;
  serverIsSender: boolean;
  daemon: boolean;
  config: ByteString | null;
  dparam: readonly ByteString[];
  detach: boolean;
}

/** The settings before any option was seen. */
export function startSettings(): Settings {
  return {
    help: false,
    version: 0,
    verbose: 0,
    info: [],
    debug: [],
    stderr: "errors",
    quiet: 0,
    motd: true,
    stats: false,
    humanReadable: 1,
    eightBitOutput: false,
    outbuf: null,
    progress: false,
    itemize: 0,
    outFormat: null,
    logFile: null,
    logFileFormat: null,
    listOnly: 0,
    checksum: false,
    ignoreTimes: false,
    sizeOnly: false,
    modifyWindow: 0,
    modifyWindowGiven: false,
    checksumChoice: null,
    checksumSeed: 0,
    update: false,
    ignoreNonExisting: false,
    ignoreExisting: false,
    maxSize: null,
    minSize: null,
    recursive: 0,
    incRecursive: true,
    dirs: -1,
    relative: null,
    impliedDirs: true,
    mkpath: false,
    oneFileSystem: 0,
    filesFrom: null,
    from0: false,
    backup: false,
    backupDir: null,
    suffix: null,
    inplace: false,
    append: 0,
    wholeFile: null,
    sparse: false,
    preallocate: false,
    fsync: false,
    tempDir: null,
    partial: false,
    partialDir: null,
    delayUpdates: false,
    blockSize: 0,
    fuzzy: 0,
    altDestKind: null,
    altDest: [],
    dryRun: false,
    links: false,
    copyLinks: false,
    copyUnsafeLinks: false,
    safeLinks: false,
    mungeLinks: false,
    copyDirlinks: false,
    keepDirlinks: false,
    hardLinks: 0,
    insecureLinks: false,
    confineRoot: null,
    trustSender: false,
    copyAs: null,
    perms: false,
    executability: false,
    chmod: [],
    acls: false,
    xattrs: 0,
    times: false,
    atimes: 0,
    openNoatime: false,
    crtimes: false,
    omitDirTimes: false,
    omitLinkTimes: false,
    owner: false,
    group: false,
    devices: false,
    specials: false,
    dropDevices: false,
    copyDevices: false,
    writeDevices: false,
    superUser: "auto",
    numericIds: false,
    usermap: null,
    groupmap: null,
    deleteMode: false,
    deleteBefore: false,
    deleteDuring: 0,
    deleteAfter: false,
    deleteExcluded: false,
    missingArgs: 0,
    ignoreErrors: false,
    force: false,
    maxDelete: null,
    removeSource: 0,
    pruneEmptyDirs: false,
    filters: [],
    filterShorthand: 0,
    cvsExclude: false,
    compress: 0,
    compressChoice: null,
    compressLevel: null,
    compressThreads: 0,
    skipCompress: null,
    rsh: null,
    rsyncPath: null,
    remoteOption: [],
    oldArgs: -1,
    secludedArgs: null,
    blockingIo: null,
    timeout: 0,
    contimeout: 0,
    address: null,
    port: null,
    sockopts: null,
    addressFamily: null,
    passwordFile: null,
    earlyInput: null,
    bwlimit: 0,
    stopAt: null,
    protocol: 32,
    iconv: null,
    maxAlloc: null,
    batchFile: null,
    batchMode: null,
    qsort: false,
    server: false,
    serverIsSender: false,
    daemon: false,
    config: null,
    dparam: [],
    detach: true,
  };
}
