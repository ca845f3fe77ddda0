/**
 * The flags of `--debug`. Spec: docs/protocol/4-command.md, 12.
 * @module
 */
import { type FlagFamily, type FlagLevels, resolveFlagLevels } from "./flag-levels.js";

/** The names of the debug flags. */
export type DebugFlag =
  | "ACL"
  | "BACKUP"
  | "BIND"
  | "CHDIR"
  | "CONNECT"
  | "CMD"
  | "DEL"
  | "DELTASUM"
  | "DUP"
  | "EXIT"
  | "FILTER"
  | "FLIST"
  | "FUZZY"
  | "GENR"
  | "HASH"
  | "HLINK"
  | "ICONV"
  | "IO"
  | "NSTR"
  | "OWN"
  | "PROTO"
  | "RECV"
  | "SEND"
  | "TIME";

/** A level for each debug flag. */
export type DebugLevels = FlagLevels<DebugFlag>;

/** `--debug`. */
export const DEBUG_FLAGS: FlagFamily<DebugFlag> = {
  option: "debug",
  summaries: {
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
  },
  verbosity: [
    {},
    {},
    { BIND: 1, CMD: 1, CONNECT: 1, DEL: 1, DELTASUM: 1, DUP: 1, FILTER: 1, FLIST: 1, ICONV: 1 },
    {
      ACL: 1,
      BACKUP: 1,
      CONNECT: 2,
      DELTASUM: 2,
      DEL: 2,
      EXIT: 1,
      FILTER: 2,
      FLIST: 2,
      FUZZY: 1,
      GENR: 1,
      OWN: 1,
      RECV: 1,
      SEND: 1,
      TIME: 1,
    },
    {
      CMD: 2,
      DELTASUM: 3,
      DEL: 3,
      EXIT: 2,
      FLIST: 3,
      ICONV: 2,
      OWN: 2,
      PROTO: 1,
      TIME: 2,
    },
    { CHDIR: 1, DELTASUM: 4, FLIST: 4, FUZZY: 2, HASH: 1, HLINK: 1 },
  ],
};

/** The debug levels of a run: `verbose` is the count of `-v`, `userLevels` what `--debug` set. */
export function debugLevels(
  verbose: number,
  userLevels: ReadonlyMap<DebugFlag, number>,
): DebugLevels {
  return resolveFlagLevels(DEBUG_FLAGS, verbose, userLevels);
}
