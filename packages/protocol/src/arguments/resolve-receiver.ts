/**
 * The settings of the receiving side: deletion, backups, partial files, in-place updates.
 * Spec: docs/protocol/4-command.md, 5 (steps 10 to 14) and 6.
 * @module
 */
import { OptionError } from "./option-error.js";
import type { Environment, ResolvedSettings } from "./resolve.js";
import type { FilterOption, Settings } from "./settings.js";

const MAX_PATH = 4096;
const DEFAULT_PARTIAL_DIR = ".~tmp~";

/** Deletion, missing arguments, the confinement of paths, and backups. */
export function resolveDeletion(settings: ResolvedSettings): void {
  const timings = [settings.deleteBefore, settings.deleteDuring > 0, settings.deleteAfter];
  const timingCount = timings.filter(Boolean).length;
  if (timingCount > 1) {
    throw new OptionError("You may not combine multiple --delete-WHEN options.");
  }
  if (timingCount > 0 || settings.deleteExcluded) settings.deleteMode = true;
  if (settings.deleteMode && settings.recursive === 0 && settings.dirs === 0) {
    throw new OptionError("--delete does not work without --recursive (-r) or --dirs (-d).");
  }
  if (settings.maxDelete !== null) settings.maxDelete = Math.max(settings.maxDelete, 0);
  if (settings.missingArgs === 3) settings.missingArgs = 2;
  checkConfinement(settings);
  resolveBackup(settings);
}

function checkConfinement({ confineRoot, insecureLinks, tempDir }: Settings): void {
  if (confineRoot !== null && insecureLinks) {
    throw new OptionError("--insecure-links cannot be combined with --confine-root");
  }
  if (confineRoot !== null && !confineRoot.startsWith("/")) {
    throw new OptionError("--confine-root must be an absolute path");
  }
  if ((tempDir?.length ?? 0) >= MAX_PATH) {
    throw new OptionError("the --temp-dir path is WAY too long.");
  }
}

function resolveBackup(settings: ResolvedSettings): void {
  const suffix: string | null = settings.suffix;
  settings.suffix = suffix ?? (settings.backupDir === null ? "~" : "");
  if (settings.suffix.includes("/")) {
    throw new OptionError(`--suffix cannot contain slashes: ${settings.suffix}`);
  }
  if (settings.backupDir === null) {
    if (settings.suffix === "") {
      throw new OptionError("--suffix cannot be empty without a --backup-dir");
    }
  } else {
    resolveBackupDir(settings, settings.backupDir);
  }
  if (!settings.backup || settings.backupDir !== null) return;
  settings.omitDirTimes = "implied";
  if (!settings.deleteMode || settings.deleteExcluded) return;
  const rule: FilterOption = {
    kind: "filter",
    text: `P *${settings.suffix}`,
    from0: settings.from0,
  };
  settings.filters = [...settings.filters, rule];
}

function resolveBackupDir(settings: ResolvedSettings, given: string): void {
  if (given.length >= MAX_PATH) throw new OptionError("the --backup-dir path is WAY too long.");
  const dir = given.replace(/^(?:\.\/+)+/, "").replace(/^\.$/, "");
  if (dir === "" && settings.suffix === "") {
    throw new OptionError("--suffix cannot be empty when --backup-dir is the same as the dest dir");
  }
  settings.backup = true;
  settings.backupDir = dir === "" ? null : dir;
}

/** In-place updates and partial files. */
export function resolveWriting(settings: ResolvedSettings, env: Environment): void {
  if (settings.append > 0) {
    if (settings.wholeFile === true) {
      throw new OptionError("--append cannot be used with --whole-file");
    }
    settings.inplace = true;
  }
  if (settings.writeDevices) settings.inplace = true;
  if (settings.delayUpdates) settings.partialDir ??= DEFAULT_PARTIAL_DIR;
  if (settings.inplace) {
    if (settings.partialDir !== null) {
      const option = settings.append > 0 ? "append" : "inplace";
      const other = settings.delayUpdates ? "delay-updates" : "partial-dir";
      throw new OptionError(`--${option} cannot be used with --${other}`);
    }
    settings.partial = false;
    return;
  }
  if (settings.partial) settings.partialDir ??= env.RSYNC_PARTIAL_DIR || null;
  if (settings.partialDir === null) return;
  settings.partial = true;
  settings.partialDir = cleanPath(settings.partialDir) || null;
}

/** The path without empty, `.` and `NAME/..` components and without a slash at its end; empty for `.`. */
function cleanPath(path: string): string {
  const absolute = path.startsWith("/");
  const kept: string[] = [];
  for (const component of path.split("/")) {
    if (component === "" || component === ".") continue;
    const parent = kept.at(-1);
    if (component !== ".." || parent === ".." || (parent === undefined && !absolute))
      kept.push(component);
    else kept.pop();
  }
  return (absolute ? "/" : "") + kept.join("/");
}

/** When files are deleted on the receiver; null when they are not. Known once the protocol is. */
export function deletionTiming(
  settings: Settings,
  protocol: number,
): "before" | "during" | "delay" | "after" | null {
  if (!settings.deleteMode) return null;
  if (settings.deleteBefore) return "before";
  if (settings.deleteAfter) return "after";
  if (settings.deleteDuring > 0) return settings.deleteDuring === 2 ? "delay" : "during";
  return protocol >= 30 ? "during" : "before";
}

/**
 * Whether a side's settings allow incremental recursion (both sides must).
 * @param receives whether that side is the receiver.
 */
export function allowsIncrementalRecursion(settings: Settings, receives: boolean): boolean {
  if (settings.recursive === 0 || !settings.incRecursive || settings.qsort) return false;
  if (!receives) return true;
  const { deleteBefore, deleteAfter, delayUpdates, pruneEmptyDirs } = settings;
  return !(deleteBefore || deleteAfter || delayUpdates || pruneEmptyDirs);
}

/** The rule that keeps a relative partial dir out of the transfer: a client appends it to its filters; else null. */
export function partialDirRule(
  { partialDir }: Pick<Settings, "partialDir">,
  protocol: number,
): FilterOption | null {
  if (partialDir === null || partialDir.startsWith("/")) return null;
  // Older peers do not know perishable rules.
  return { kind: "filter", text: `${protocol >= 30 ? "-p" : "-"} ${partialDir}/`, from0: false };
}
