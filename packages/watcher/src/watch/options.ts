/**
 * What a root's watcher is told.
 * @module
 */
import { type ByteString, byteStringFromText } from "@tsrsync/protocol/wire";
import type { LiveSettings, RootSettings } from "../config/settings.js";

/** Whether a path is none of our business. Asked about entries of directories that are not hidden themselves. */
export type IsHidden = (path: ByteString, isDirectory: boolean) => boolean;

export interface RootWatchOptions {
  /** Absolute, or relative to the working directory; without a slash at its end. */
  path: ByteString;
  backend: LiveSettings["backend"];
  pollIntervalMs: number;
  events: LiveSettings["events"];
  whileOpen: LiveSettings["whileOpen"];
  oneFileSystem: boolean;
  /** Links to directories are these. */
  followSymlinkDirs: boolean;
  guard: {
    requireMount: boolean;
    marker: string | null;
    /** Whether a root that is suddenly empty halts. */
    haltWhenEmpty: boolean;
  };
  snapshot: RootSettings["snapshot"];
  /** Whether the other names of a file with several are marked with it. */
  hardLinks: boolean;
  /** `null` when nothing is hidden. */
  isHidden: IsHidden | null;
  /** Whether what is hidden depends on more than names: then a directory that moves needs a second look. */
  hidesByPath: boolean;
  /** After so many directories a root gets another inotify instance. */
  shardDirectories: number;
}

/** So many directories are walked in about two seconds when events are lost. */
const SHARD_DIRECTORIES = 100_000;
/** For tests, which do not make so many. */
const SHARD_VARIABLE = "TSRSYNC_WATCH_SHARD";

/** The options for a root as it is configured. */
export function rootWatchOptions(
  settings: RootSettings,
  isHidden: IsHidden | null,
): RootWatchOptions {
  const { live, guard, targets } = settings;
  const path = byteStringFromText(settings.path);
  return {
    path: path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path,
    backend: live.backend,
    pollIntervalMs: live.pollInterval,
    events: live.events,
    whileOpen: live.whileOpen,
    oneFileSystem: live.oneFileSystem,
    followSymlinkDirs: live.followSymlinkDirs,
    guard: {
      requireMount: guard.requireMount,
      marker: guard.marker,
      haltWhenEmpty: targets.some((target) => target.delete.emptyRoot === "halt"),
    },
    snapshot: settings.snapshot,
    hardLinks: targets.some((target) => target.rsync.hardLinks),
    isHidden,
    hidesByPath: settings.filter.rules.length > 0 || settings.filter.excludeRegex.length > 0,
    shardDirectories: Number(process.env[SHARD_VARIABLE]) || SHARD_DIRECTORIES,
  };
}
