/**
 * Keys of how a target is reached and what is sent.
 * @module
 */

import type { MirrorOptions } from "../rsync-options.js";
import type { FullSyncSettings, PasswordSource, RsyncSettings, Schedule } from "../settings.js";
import { list, mapOf, nonEmptyList, nullable } from "../shape/composites.js";
import {
  BOOLEAN,
  choice,
  DURATION,
  integer,
  POSITIVE_DURATION,
  SIZE,
  TEXT,
} from "../shape/scalars.js";
import { key, type Section, section } from "../shape/section.js";
import type { Shape } from "../shape/shape.js";
import { CRON, PASSWORD, PER_HOUR, RSYNC_OPTIONS, SCHEDULE, WINDOW } from "../shape/special.js";

export interface AuthKeys {
  user: string | null;
  password: PasswordSource | null;
  passwordEnv: string | null;
  passwordCommand: readonly string[] | null;
  identity: string | null;
}

/** `auth`. */
export const AUTH: Section<AuthKeys> = section(
  "the login",
  {
    user: key(nullable(TEXT), null, "Name, where the address has none"),
    password: key(
      nullable(PASSWORD),
      null,
      "The password. A file is read at each login; others must not be able to read it",
    ),
    passwordEnv: key(nullable(TEXT), null, "Name of the environment variable that holds it"),
    passwordCommand: key(
      nullable(nonEmptyList(TEXT)),
      null,
      "Program, with its arguments, whose first line of output it is",
    ),
    identity: key(nullable(TEXT), null, "Key file for ssh"),
  },
  { exclusive: [["password", "passwordEnv", "passwordCommand"]] },
);

export type RsyncKeys = Omit<RsyncSettings, "options"> & { options: MirrorOptions };

/** What a mirror keeps of each file unless told otherwise: `-a`, without `-r`, which it does itself. */
export const DEFAULT_OPTIONS: MirrorOptions = { words: ["-lptgoD"], dropped: [] };

/** `true`, `false` or `auto`. */
export const COMPRESS: Shape<boolean | "auto"> = {
  label: "`true`, `false`, `auto`",
  schema: { enum: [true, false, "auto"] },
  read(node, reader) {
    const isAuto = node.kind === "scalar" && node.text === "auto";
    return isAuto ? "auto" : BOOLEAN.read(node, reader);
  },
  show: String,
};

/** `rsync`. */
export const RSYNC: Section<RsyncKeys> = section("what is mirrored, and how", {
  options: key(
    RSYNC_OPTIONS,
    DEFAULT_OPTIONS,
    "Options of rsync. What the keys below or the mirror itself decide is taken out of them",
  ),
  hardLinks: key(BOOLEAN, true, "Hard links stay together (`-H`)"),
  acls: key(BOOLEAN, false, "Access control lists (`-A`)"),
  xattrs: key(BOOLEAN, false, "Extended attributes (`-X`)"),
  compress: key(COMPRESS, "auto", "`auto`: not to this machine or over fast links"),
  chmod: key(nullable(TEXT), null, "Changes of permissions, as for `--chmod`"),
  chown: key(nullable(TEXT), null, "`user:group` for everything, as for `--chown`"),
  owner: key(
    choice("auto", "names", "numeric"),
    "auto",
    "Owners by name or by number (`auto`, too)",
  ),
  partialDir: key(
    nullable(TEXT),
    ".tsrsync-partial",
    "Where a target keeps what it got of a file before a connection broke",
  ),
  inplace: key(list(TEXT), [], "Patterns of big files that are changed in place"),
  append: key(list(TEXT), [], "Patterns of files that only grow"),
});

export type FullSyncKeys = FullSyncSettings;

/** `fullSync`. */
export const FULL_SYNC: Section<FullSyncKeys> = section(
  "comparisons of everything",
  {
    onStart: key(
      choice("auto", "always", "never"),
      "auto",
      "`auto`: only when it is not known what the target has",
    ),
    every: key(nullable(POSITIVE_DURATION), 86_400_000, "In intervals"),
    cron: key(nullable(CRON), null, "At these times, instead of intervals: `0 0 3 * * *`"),
    exclude: key(list(TEXT), [], "Patterns of rsync that full syncs leave alone"),
    compare: key(choice("metadata", "checksum"), "metadata", "By size and time, or by contents"),
    parallel: key(integer(1, 64), 2, "Full syncs at the same time, over all targets"),
    timeout: key(
      POSITIVE_DURATION,
      12 * 3_600_000,
      "A full sync that takes longer is stopped and goes on later",
    ),
  },
  { exclusive: [["every", "cron"]] },
);

export interface ConnectKeys {
  timeout: number;
  keepAlive: number;
  nodelay: boolean;
}

/** `connect`. */
export const CONNECT: Section<ConnectKeys> = section("connections", {
  timeout: key(POSITIVE_DURATION, 10_000, "How long to wait for a connection"),
  keepAlive: key(
    DURATION,
    30_000,
    "How long a logged-in connection is kept for the next push, two seconds at most once its daemon has begun with that; 0 for not at all",
  ),
  nodelay: key(BOOLEAN, true, "Small messages go at once (TCP_NODELAY)"),
});

export interface BandwidthKeys {
  limit: number;
  at: readonly (readonly [string, number])[];
}

/** `bandwidth`. */
export const BANDWIDTH: Section<BandwidthKeys> = section("bytes per second", {
  limit: key(SIZE, 0, "Bytes per second, 0 for no limit"),
  at: key(
    mapOf("times of day", SIZE, windowComplaint),
    [],
    'Limits for times of day: `{ "08:00-20:00": 5M }`',
  ),
});

function windowComplaint(text: string): string | null {
  return /^([01]?\d|2[0-3]):[0-5]\d-(([01]?\d|2[0-3]):[0-5]\d|24:00)$/.test(text)
    ? null
    : `expected times of day like 08:00-20:00, got ${JSON.stringify(text)}`;
}

export interface WindowKeys {
  push: string | null;
  fullSync: string | null;
}

/** `window`. */
export const WINDOWS: Section<WindowKeys> = section("times of day at which anything is sent", {
  push: key(WINDOW, null, "For changes", "`always`"),
  fullSync: key(
    WINDOW,
    null,
    "For full syncs that `fullSync.every` or `fullSync.cron` ask for; others run when they are needed",
    "`always`",
  ),
});

export interface VerifyKeys {
  sample: number;
  full: Schedule | null;
}

/** `verify`. */
export const VERIFY: Section<VerifyKeys> = section("comparisons in the background", {
  sample: key(PER_HOUR, 0, "Paths that are compared by contents, picked at random; 0 for none"),
  full: key(
    nullable(SCHEDULE),
    null,
    "When everything is compared by contents: `0 0 4 * * 0`, `7d`",
  ),
});
