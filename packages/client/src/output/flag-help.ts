/**
 * The tables that `--info=help` and `--debug=help` print. Spec: docs/protocol/4-command.md, 12.
 * @module
 */
import {
  DEBUG_BY_VERBOSITY,
  DEBUG_FLAGS,
  type DebugFlag,
  INFO_BY_VERBOSITY,
  INFO_FLAGS,
  type InfoFlag,
} from "@tsrsync/protocol/arguments";

/** What each flag of `--info` tells. */
const INFO_SUMMARIES: Readonly<Record<InfoFlag, string>> = {
  BACKUP: "Files that were backed up, and where to",
  COPY: "Local copies on the receiving side that failed",
  DEL: "Deletions",
  FLIST: "1 the file list being sent or received, 2 counts as well",
  MISC: "1 other things worth knowing, 2 adjusted settings",
  MOUNT: "Mount points that were met",
  NAME: "1 names of updated items, 2 also of unchanged ones",
  NONREG: "Skipped items that are no regular files (on by default)",
  PROGRESS: "1 progress of each file, 2 of the whole transfer",
  REMOVE: "Files removed on the sending side",
  SKIP: "1 files skipped by an option, 2 also why",
  STATS: "1 a summary at the end, 2 statistics, 3 memory as well",
  SYMSAFE: "Unsafe symlinks",
};

/** What each flag of `--debug` tells. */
const DEBUG_SUMMARIES: Readonly<Record<DebugFlag, string>> = {
  ACL: "Access control lists",
  BACKUP: "Making of backups (levels 1-2)",
  BIND: "Binding of sockets",
  CHDIR: "Changes of the working directory",
  CONNECT: "Connections (levels 1-2)",
  CMD: "Commands and arguments sent (levels 1-2)",
  DEL: "Deletions (levels 1-3)",
  DELTASUM: "Block sums and matches (levels 1-4)",
  DUP: "Duplicate names in the list",
  EXIT: "The end of the run (levels 1-3)",
  FILTER: "Filter rules at work (levels 1-3)",
  FLIST: "The file list (levels 1-4)",
  FUZZY: "Search for a fuzzy basis (levels 1-2)",
  GENR: "The generator",
  HASH: "Hash tables",
  HLINK: "Hard links (levels 1-3)",
  ICONV: "Conversion of names (levels 1-2)",
  IO: "Input and output (levels 1-4)",
  NSTR: "Negotiated names (levels 1-3)",
  OWN: "Users and groups (levels 1-2)",
  PROTO: "Protocol versions",
  RECV: "The receiver",
  SEND: "The sender",
  TIME: "Setting of times (levels 1-2)",
};

/** The table of `--info=help`, without a final LF. */
export function infoHelp(): string {
  return flagHelp(INFO_FLAGS, INFO_SUMMARIES, INFO_BY_VERBOSITY);
}

/** The table of `--debug=help`, without a final LF. */
export function debugHelp(): string {
  return flagHelp(DEBUG_FLAGS, DEBUG_SUMMARIES, DEBUG_BY_VERBOSITY);
}

function flagHelp<Flag extends string>(
  flags: readonly Flag[],
  summaries: Readonly<Record<Flag, string>>,
  byVerbosity: readonly string[],
): string {
  const row = (name: string, summary: string) => `${name.padEnd(10)} ${summary}`;
  return [
    "NAME or NAME1 is level 1, NAME2 level 2 and so on; NAME0 is silent.",
    "",
    ...flags.map((flag) => row(flag, summaries[flag])),
    "",
    row("ALL", "All of them (ALL2: all at level 2)"),
    row("NONE", "None of them, the same as ALL0"),
    row("HELP", "This table"),
    "",
    "Added by each -v:",
    ...byVerbosity.flatMap((words, count) => (words === "" ? [] : [`${count}) ${words}`])),
  ].join("\n");
}
