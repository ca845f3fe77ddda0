/**
 * From the settings that a command line makes to the options of a transfer.
 * @module
 */
import {
  parseModeChanges,
  type ResolvedSettings,
  type Settings,
} from "@tsrsync/protocol/arguments";
import { type FilterSetup, NO_FILTERS } from "../filter/filter-setup.js";
import { ownCharset } from "./charset.js";
import type { DeleteTiming, TransferOptions } from "./options.js";

function deleteTiming(settings: Settings, protocol: number): DeleteTiming {
  if (settings.deleteBefore) return "before";
  if (settings.deleteAfter) return "after";
  if (settings.deleteDuring === 2) return "delay";
  if (settings.deleteDuring === 1) return "during";
  if (!settings.deleteMode && !settings.deleteExcluded) return "none";
  return protocol >= 30 ? "during" : "before";
}

const MISSING_ARGS = ["report", "ignore", "delete"] as const;

/** A format that a client passes to its server, so that unchanged items are reported as well. */
function asksForUnchanged(settings: Settings): boolean {
  const level = settings.verbose > 1 || settings.itemize > 1;
  return level || (settings.outFormat?.includes("%I") ?? false);
}

/** No format shows what changes: with a server before protocol 29 none does, whatever the client was given. */
function showsNoChanges(settings: ResolvedSettings, protocol: number): boolean {
  return settings.formatHasI === 0 || (settings.server && protocol < 29);
}

/**
 * What `settings` (resolved) ask the roles for, once the protocol is known.
 * @param filters what became of the filter options, which name files
 */
export function transferOptionsFrom(
  settings: ResolvedSettings,
  protocol: number,
  filters: FilterSetup = NO_FILTERS,
): TransferOptions {
  return {
    filters,
    cvsExclude: settings.cvsExclude,
    pruneEmptyDirs: settings.pruneEmptyDirs,
    recursive: settings.recursive > 0,
    dirs: settings.dirs > 0,
    relative: settings.relative === true,
    impliedDirs: settings.impliedDirs,
    filesFrom: null,
    missingArgs: MISSING_ARGS[settings.missingArgs] ?? "report",
    links: settings.links,
    copyLinks: settings.copyLinks,
    copyUnsafeLinks: settings.copyUnsafeLinks,
    copyDirlinks: settings.copyDirlinks,
    safeLinks: settings.safeLinks,
    keepDirlinks: settings.keepDirlinks,
    oneFileSystem: settings.oneFileSystem,
    mungeLinks: settings.mungeLinks,
    sanitizeLinks: false,
    perms: settings.perms,
    modeChanges: settings.chmod.flatMap((text) => parseModeChanges(text, process.umask())),
    changesFinalModes: false,
    executability: settings.executability,
    acls: settings.acls,
    xattrs: settings.xattrs,
    times: settings.times,
    atimes: settings.atimes > 0,
    openNoatime: settings.openNoatime,
    owner: settings.owner,
    group: settings.group,
    devices: settings.devices,
    specials: settings.specials,
    dropDevices: settings.dropDevices,
    copyDevices: settings.copyDevices,
    writeDevices: settings.writeDevices,
    superUser: settings.superUser,
    numericIds: settings.numericIds,
    iconv: ownCharset(settings.iconv, settings.server, process.env),
    usermap: settings.usermap,
    groupmap: settings.groupmap,
    ignoresIdNames: settings.numericIds,
    omitDirTimes: settings.omitDirTimes !== false,
    omitLinkTimes: settings.omitLinkTimes,
    checksum: settings.checksum,
    ignoreTimes: settings.ignoreTimes,
    sizeOnly: settings.sizeOnly,
    modifyWindow: settings.modifyWindow,
    update: settings.update,
    ignoreNonExisting: settings.ignoreNonExisting,
    ignoreExisting: settings.ignoreExisting,
    maxSize: settings.maxSize,
    minSize: settings.minSize,
    inplace: settings.inplace,
    append: (["none", "append", "verify"] as const)[settings.append] ?? "verify",
    partial: settings.partial,
    partialDir: settings.partialDir,
    delayUpdates: settings.delayUpdates,
    tempDir: settings.tempDir,
    insecureLinks: settings.insecureLinks,
    confineRoot: settings.confineRoot,
    maxAlloc: settings.maxAllocBytes,
    explainSkips: settings.infoLevels.levels.SKIP > 1,
    sparse: settings.sparse,
    preallocate: settings.preallocate,
    fsync: settings.fsync,
    backup: settings.backup,
    backupDir: settings.backupDir,
    suffix: settings.suffix ?? "~",
    removeSource: (["none", "all", "sent"] as const)[settings.removeSource] ?? "all",
    alternateKind: settings.altDest.length > 0 ? settings.altDestKind : null,
    alternateDirs: settings.altDest,
    fuzzy: settings.fuzzy,
    hardLinks: settings.hardLinks > 0,
    wholeFile: settings.wholeFile === true,
    blockSize: settings.blockSize,
    delete: deleteTiming(settings, protocol),
    deleteExcluded: settings.deleteExcluded,
    maxDelete: settings.maxDelete === null ? -1 : Math.max(0, settings.maxDelete),
    force: settings.force,
    ignoreErrors: settings.ignoreErrors,
    dryRun: settings.dryRun || settings.batchMode === "only-write",
    onlyWriteBatch: settings.batchMode === "only-write",
    listOnly: settings.listOnly > 0,
    mkpath: settings.mkpath,
    tellsUnchanged: settings.infoLevels.levels.NAME > 1 && showsNoChanges(settings, protocol),
    tellsNames: settings.infoLevels.levels.NAME > 0,
    tellsDeletions: settings.infoLevels.levels.DEL > 0 || settings.formatHasI > 0,
    reportUnchanged: asksForUnchanged(settings),
    checksumChoice: settings.checksumChoice,
    checksumSeed: settings.checksumSeed,
    compress: settings.compressMethod !== "none",
    compressChoice: settings.compressChoice,
    compressLevel: settings.compressLevel,
    storeOnly: false,
    debugNegotiation: settings.debugLevels.levels.NSTR,
    debugLists: settings.debugLevels.levels.FLIST > 0,
    debugDeltas: settings.debugLevels.levels.DELTASUM > 0,
    debugFilters: settings.debugLevels.levels.FILTER > 0,
    debugFuzzy: settings.debugLevels.levels.FUZZY > 0,
    timeout: settings.timeout,
    bwlimit: settings.bwlimit,
  };
}
