/**
 * The generator's work on symbolic links, devices, FIFOs and sockets (spec 3-transfer, 3.5).
 * @module
 */
import { type FileEntry, isDevice, isDirectoryMode, isSymlink } from "@tsrsync/protocol/file-list";
import { ItemFlag } from "@tsrsync/protocol/item";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { ExtendedDifferences } from "../attributes/extended-attributes.js";
import { isUnsafeTarget } from "../session/link-targets.js";
import { countKind } from "../session/statistics.js";
import type { FileStat } from "../tree/file-tree.js";
import { reason } from "../tree/system-error.js";
import { temporaryPath } from "../tree/temporary-name.js";
import { useAlternateItem } from "./alternate-item.js";
import { applyAttributes, pathTarget } from "./apply-attributes.js";
import type { GeneratorContext } from "./context.js";
import { attributeDifferences } from "./differences.js";
import { itemDifferences, newItemDifferences } from "./item-differences.js";
import { isSameType, localTarget, passesQuickCheck } from "./quick-check.js";
import type { ItemOutcome, ItemWork } from "./regular-file.js";
import type { Remover } from "./remove.js";
import { reportItem } from "./report-item.js";

/** Makes, replaces or adjusts an item that has no content of its own. */
export async function generateSpecialItem(
  context: GeneratorContext,
  remover: Remover,
  work: Omit<ItemWork, "mayDefer">,
): Promise<ItemOutcome> {
  const { ndx, entry, path, present } = work;
  const { session, destination } = context;
  const { options } = session;
  if (!wanted(context, entry)) {
    session.notice("info", `skipping non-regular file "${path}"`);
    return "skipped";
  }
  const target = entry.extra?.linkTarget ?? "";
  if (options.safeLinks && isSymlink(entry) && isUnsafeTarget(target, entry.name)) {
    session.observer.skipped?.({ path: entry.name, why: "unsafe link", target });
    return "skipped";
  }
  try {
    const { tree } = destination;
    const candidate = present === null ? null : { tree, path, stat: present };
    if (candidate !== null && (await passesQuickCheck(session, entry, candidate))) {
      const { flags, request } = await itemDifferences(context, entry, candidate, false);
      reportItem(session, { ndx, entry }, flags, null, request);
      if (!options.dryRun) await setAttributes(context, entry, path, candidate.stat);
      return "finished";
    }
    const differences =
      candidate === null
        ? await useAlternateItem(context, ndx, entry, path)
        : differencesOfReplaced(context, entry, candidate.stat);
    if (differences === "finished") return "finished";
    if (differences === "left out") return "skipped";
    const { flags, request } = differences;
    if (!(await makeItem(context, remover, work))) return "skipped";
    if (present === null && flags & ItemFlag.IsNew)
      countKind(session.statistics.created, entry.mode);
    reportItem(session, { ndx, entry }, flags, null, request);
    return "finished";
  } catch (error) {
    const call = isSymlink(entry) ? "symlink" : "mknod";
    session.notice(
      "transfer-error",
      `rsync: [generator] ${call} ${destination.describe(path)} failed: ${reason(error)}`,
    );
    return "skipped";
  }
}

function wanted({ session, destination }: GeneratorContext, entry: FileEntry): boolean {
  const { options } = session;
  if (!isSymlink(entry) && options.dropDevices) return false;
  if (isSymlink(entry)) return options.links && entry.extra?.linkTarget != null;
  if (isDevice(entry)) return options.devices && destination.privileges.superUser;
  return options.specials;
}

/** Of ACLs and extended attributes it counts only what the new item will have, as with rsync. */
function differencesOfReplaced(
  context: GeneratorContext,
  entry: FileEntry,
  present: FileStat,
): ExtendedDifferences {
  const { session, destination } = context;
  const { flags, request } = newItemDifferences(context, entry);
  const others = isSameType(entry, present)
    ? attributeDifferences(entry, present, session.options, destination.privileges, true)
    : ItemFlag.IsNew;
  return { flags: flags | others | ItemFlag.LocalChange | ItemFlag.ReportChange, request };
}

async function makeItem(
  context: GeneratorContext,
  remover: Remover,
  { entry, path, present }: Omit<ItemWork, "mayDefer">,
): Promise<boolean> {
  const { session } = context;
  if (session.options.dryRun) return true;
  const { backups } = context.workspace;
  if (present !== null && isDirectoryMode(present.mode)) {
    if (!(await remover.clearWay(path, present.mode))) {
      const kind = isSymlink(entry) ? "symlink" : isDevice(entry) ? "device file" : "special file";
      session.notice("transfer-error", `could not make way for new ${kind}: ${path}`);
      return false;
    }
  } else if (present !== null && backups !== null && !(await backups.keep(path, "link"))) {
    return false;
  }
  await makeBeside(context, entry, path);
  return true;
}

/** Makes the item under a temporary name and moves it into its place, so that the name is never without an item. */
async function makeBeside(
  context: GeneratorContext,
  entry: FileEntry,
  path: ByteString,
): Promise<void> {
  const { tree } = context.destination;
  const temporary = temporaryPath(path);
  await makeNode(context, entry, temporary);
  try {
    const stat = await tree.stat(temporary);
    if (stat !== null) await setAttributes(context, entry, temporary, stat, path);
    await tree.rename(temporary, path);
  } catch (error) {
    await tree.removeFile(temporary);
    throw error;
  }
}

async function makeNode(
  context: GeneratorContext,
  entry: FileEntry,
  path: ByteString,
): Promise<void> {
  const { tree } = context.destination;
  const { extra } = entry;
  if (isSymlink(entry)) await tree.makeSymlink(path, localTarget(context.session, entry));
  else await tree.makeNode(path, entry.mode, extra?.rdevMajor ?? 0, extra?.rdevMinor ?? 0);
}

async function setAttributes(
  context: GeneratorContext,
  entry: FileEntry,
  path: ByteString,
  stat: FileStat,
  place: ByteString | null = null,
): Promise<void> {
  const { session, destination } = context;
  await applyAttributes(pathTarget(destination.tree, path), entry, {
    options: session.options,
    privileges: destination.privileges,
    stat,
    replacedMode: stat.mode,
    exactTimes: false,
    extended: destination.extended?.planFor("generator", path, place) ?? null,
  });
}
