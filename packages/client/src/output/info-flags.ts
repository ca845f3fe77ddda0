/**
 * The flags of `--info`. Spec: docs/protocol/4-command.md, 12.
 * @module
 */
import { type FlagFamily, type FlagLevels, resolveFlagLevels } from "./flag-levels.js";

/** The names of the info flags. */
export type InfoFlag =
  | "BACKUP"
  | "COPY"
  | "DEL"
  | "FLIST"
  | "MISC"
  | "MOUNT"
  | "NAME"
  | "NONREG"
  | "PROGRESS"
  | "REMOVE"
  | "SKIP"
  | "STATS"
  | "SYMSAFE";

/** A level for each info flag. */
export type InfoLevels = FlagLevels<InfoFlag>;

/** The options that decide the info levels. */
export interface InfoOptions {
  /** Count of `-v`. */
  verbose: number;
  /** What `--info` set, from `parseFlagWords`. */
  userLevels: ReadonlyMap<InfoFlag, number>;
  progress: boolean;
  stats: boolean;
}

/** `--info`. */
export const INFO_FLAGS: FlagFamily<InfoFlag> = {
  option: "info",
  summaries: {
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
  },
  verbosity: [
    { NONREG: 1 },
    { COPY: 1, DEL: 1, FLIST: 1, MISC: 1, NAME: 1, STATS: 1, SYMSAFE: 1 },
    { BACKUP: 1, MISC: 2, MOUNT: 1, NAME: 2, REMOVE: 1, SKIP: 1 },
  ],
};

/** The info levels of a run. `--progress` and `--stats` raise theirs, but not over what the user set. */
export function infoLevels(options: InfoOptions): InfoLevels {
  const implied: Partial<InfoLevels> = {
    ...(options.progress && { FLIST: 2, PROGRESS: 1, NAME: 1 }),
    ...(options.stats && { STATS: options.verbose >= 2 ? 3 : 2 }),
  };
  return resolveFlagLevels(INFO_FLAGS, options.verbose, options.userLevels, implied);
}
