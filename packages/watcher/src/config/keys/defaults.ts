/**
 * Keys that a root and its targets inherit: what `defaults` may hold.
 * @module
 */
import type { BatchSettings, DeleteSettings, FilterSettings } from "../settings.js";
import { list, nullable } from "../shape/composites.js";
import {
  ABSOLUTE_PATH,
  BOOLEAN,
  choice,
  DURATION,
  integer,
  number,
  SIZE,
  TEXT,
} from "../shape/scalars.js";
import { key, part, type Section, section } from "../shape/section.js";
import { FILTER_RULE, REGEX } from "../shape/special.js";
import { LIVE, type LiveKeys } from "./live.js";
import {
  AUTH,
  type AuthKeys,
  BANDWIDTH,
  type BandwidthKeys,
  CONNECT,
  type ConnectKeys,
  FULL_SYNC,
  type FullSyncKeys,
  RSYNC,
  type RsyncKeys,
  VERIFY,
  type VerifyKeys,
  WINDOWS,
  type WindowKeys,
} from "./transfer.js";

const BATCH: Section<BatchSettings> = section("when changes are sent", {
  quiet: key(DURATION, 0, "Wait for that much silence before a push when nothing runs"),
  maxGap: key(DURATION, 50, "Least time between two pushes to one target under load"),
  maxWait: key(DURATION, 1000, "A path is never held longer than this"),
  maxPaths: key(integer(1, 1_000_000), 20_000, "Paths in one push"),
  maxBytes: key(SIZE, 1024 ** 3, "Bytes of files in one push"),
  atomic: key(BOOLEAN, false, "All files of a push appear together (`--delay-updates`)"),
});

const FILTER: Section<FilterSettings> = section("what is left out", {
  rules: key(
    list(FILTER_RULE),
    [],
    'Filter rules of rsync, the first that fits decides: `["- *.tmp", "+ /keep/***"]`',
  ),
  excludeRegex: key(
    list(REGEX),
    [],
    "Expressions in JavaScript's syntax that must fit the whole path below the root. They are tried on `path`, on `/path`, and on `path/` for directories",
  ),
  tempFiles: key(
    choice("none", "sersync", "editors", "all"),
    "none",
    "Presets: `sersync` leaves out files whose names begin with `.` or end in `~`, and `4913`; `editors` leaves out swap and backup files; `all` both",
  ),
  protect: key(list(TEXT), [], "Patterns of rsync for what is never deleted in a target"),
});

const DELETE: Section<DeleteSettings> = section("deletions in targets", {
  mode: key(
    choice("live", "fullSync", "never"),
    "live",
    "As files go, with full syncs only, or never",
  ),
  maxFiles: key(
    integer(0),
    10_000,
    "More deletions than this within a minute are held back until they are released",
  ),
  maxPercent: key(
    number(0, 100),
    30,
    "The same, in percent of what the root has; 100 for no limit",
  ),
  emptyRoot: key(
    choice("halt", "delete"),
    "halt",
    "What to do when a root is empty all of a sudden",
  ),
});

/** Keys that say something about a root, and are the same for all of its targets. */
export interface RootKeys {
  live: LiveKeys;
  guard: { requireMount: boolean; marker: string | null };
  snapshot: "all" | "dirs" | "off";
}

/** Keys that every target may have in its own way. */
export interface TargetKeys {
  batch: BatchSettings;
  filter: FilterSettings;
  auth: AuthKeys;
  rsync: RsyncKeys;
  delete: DeleteSettings;
  fullSync: FullSyncKeys;
  retry: { first: number; min: number; max: number; factor: number; jitter: number };
  failLog: { path: string | null; retryEvery: number };
  timeout: number;
  connect: ConnectKeys;
  bandwidth: BandwidthKeys;
  window: WindowKeys;
  history: { dir: string | null; keep: number };
  verify: VerifyKeys;
  adopt: boolean;
}

const DAY = 86_400_000;

/** Of a root. */
export const ROOT_SETTINGS: Section<RootKeys> = section("settings of a root", {
  live: part(LIVE, "How changes are found"),
  guard: part(
    section("when a root is taken for broken", {
      requireMount: key(BOOLEAN, false, "The root must be a mount point"),
      marker: key(nullable(TEXT), null, "Name of a file that must exist in the root"),
    }),
    "When nothing is deleted because the root looks wrong",
  ),
  snapshot: key(
    choice("all", "dirs", "off"),
    "all",
    "What is remembered of a root, so that a restart finds changes by itself: everything, directories only (very large trees), nothing",
  ),
});

/** Of a target. */
export const TARGET_SETTINGS: Section<TargetKeys> = section("settings of a target", {
  batch: part(BATCH, "When changes are sent"),
  filter: part(FILTER, "What is left out"),
  auth: part(AUTH, "The login"),
  rsync: part(RSYNC, "What is mirrored of each file, and how"),
  delete: part(DELETE, "Deletions in targets"),
  fullSync: part(FULL_SYNC, "Comparisons of everything"),
  retry: part(
    section("attempts after a failure", {
      first: key(DURATION, 0, "Wait before the first new attempt"),
      min: key(DURATION, 1000, "Wait before the second"),
      max: key(DURATION, 300_000, "Longest wait"),
      factor: key(number(1, 100), 2, "Each wait is so many times the one before"),
      jitter: key(
        number(0, 1),
        0.2,
        "Part of a wait that is left to chance, so that targets do not come back all at once",
      ),
    }),
    "Attempts after a failure",
  ),
  failLog: part(
    section("the list of what did not arrive", {
      path: key(
        nullable(ABSOLUTE_PATH),
        null,
        "Where it is written, in the form of sersync's. Never executed, never readable by others",
        "`rsync_fail_log.sh` in the state directory",
      ),
      retryEvery: key(DURATION, 3_600_000, "When a path that failed is tried again at the latest"),
    }),
    "The list of what did not arrive",
  ),
  timeout: key(DURATION, 60_000, "A target that says nothing for so long counts as unreachable"),
  connect: part(CONNECT, "Connections"),
  bandwidth: part(BANDWIDTH, "Bytes per second"),
  window: part(WINDOWS, "Times of day at which anything is sent"),
  history: part(
    section("what is kept of files that are replaced or deleted", {
      dir: key(
        nullable(TEXT),
        null,
        "Directory below the module that gets them, in a directory for each day: `/history-backup`",
      ),
      keep: key(DURATION, 7 * DAY, "When they are removed"),
    }),
    "What is kept of files that are replaced or deleted",
  ),
  verify: part(VERIFY, "Comparisons in the background"),
  adopt: key(
    BOOLEAN,
    false,
    "A target that holds other files at first contact is made equal without asking",
  ),
});

/** All that `defaults` may hold. */
export const DEFAULTS: Section<RootKeys & TargetKeys> = section("what roots and targets inherit", {
  ...ROOT_SETTINGS.keys,
  ...TARGET_SETTINGS.keys,
});
