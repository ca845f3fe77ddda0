/**
 * The generator's work on symbolic links, devices, FIFOs and sockets (spec 3-transfer, 3.5).
 * @module
 */
import { type FileEntry, isDevice, isSymlink } from "@tsrsync/protocol/file-list";
import { ItemFlag } from "@tsrsync/protocol/item";
import type { ByteString } from "@tsrsync/protocol/wire";
import { munge, sanitizeTarget } from "../session/link-targets.js";
import { countKind } from "../session/statistics.js";
import type { FileStat } from "../tree/file-tree.js";
import { reason } from "../tree/system-error.js";
import { temporaryPath } from "../tree/temporary-name.js";
import { applyAttributes, pathTarget } from "./apply-attributes.js";
import type { GeneratorContext } from "./context.js";
import { attributeDifferences } from "./differences.js";
import type { Remover } from "./remove.js";
import { reportItem } from "./report-item.js";

const S_IFMT = 0o170000;
const S_IFDIR = 0o040000;

/** Makes, replaces or adjusts an item that has no content of its own. */
export async function generateSpecialItem(
  context: GeneratorContext,
  remover: Remover,
  ndx: number,
  entry: FileEntry,
  path: ByteString,
  present: FileStat | null,
): Promise<void> {
  const { session, destination } = context;
  const { options } = session;
  if (!wanted(context, entry)) {
    session.notice("info", `skipping non-regular file "${path}"`);
    return;
  }
  try {
    if (present !== null && (await isSame(context, entry, path, present))) {
      const flags = attributeDifferences(entry, present, options, destination.privileges, false);
      reportItem(session, ndx, flags);
      if (!options.dryRun) await setAttributes(context, entry, path, present);
      return;
    }
    await makeItem(context, remover, ndx, entry, path, present);
  } catch (error) {
    const call = isSymlink(entry) ? "symlink" : "mknod";
    session.notice(
      "transfer-error",
      `rsync: [generator] ${call} ${destination.describe(path)} failed: ${reason(error)}`,
    );
  }
}

function wanted({ session, destination }: GeneratorContext, entry: FileEntry): boolean {
  const { options } = session;
  if (!isSymlink(entry) && options.dropDevices) return false;
  if (isSymlink(entry)) return options.links && entry.extra?.linkTarget != null;
  if (isDevice(entry)) return options.devices && destination.privileges.superUser;
  return options.specials;
}

/** The target as it is stored here. */
function localTarget({ session }: GeneratorContext, entry: FileEntry): ByteString {
  const target = entry.extra?.linkTarget ?? "";
  if (session.options.mungeLinks) return munge(target);
  if (!session.options.sanitizeLinks) return target;
  return sanitizeTarget(target, entry.name.split("/").length - 1);
}

async function isSame(
  context: GeneratorContext,
  entry: FileEntry,
  path: ByteString,
  stat: FileStat,
): Promise<boolean> {
  if ((stat.mode & S_IFMT) !== (entry.mode & S_IFMT)) return false;
  if (isSymlink(entry)) {
    return (await context.destination.tree.readLink(path)) === localTarget(context, entry);
  }
  if (isDevice(entry)) {
    const { extra } = entry;
    return stat.rdevMajor === extra?.rdevMajor && stat.rdevMinor === extra.rdevMinor;
  }
  return true;
}

async function makeItem(
  context: GeneratorContext,
  remover: Remover,
  ndx: number,
  entry: FileEntry,
  path: ByteString,
  present: FileStat | null,
): Promise<void> {
  const { session, destination } = context;
  const { options } = session;
  const kind = isSymlink(entry) ? "symlink" : isDevice(entry) ? "device file" : "special file";
  const replaced = present !== null && (present.mode & S_IFMT) === (entry.mode & S_IFMT);
  let flags: number = ItemFlag.LocalChange | ItemFlag.ReportChange;
  if (replaced) {
    flags |= attributeDifferences(entry, present, options, destination.privileges, true);
  } else {
    flags |= ItemFlag.IsNew;
  }
  if (present === null) countKind(session.statistics.created, entry.mode);
  if (!options.dryRun) {
    if (present !== null && (present.mode & S_IFMT) === S_IFDIR) {
      if (!(await remover.clearWay(path, present.mode))) {
        session.notice("transfer-error", `could not make way for new ${kind}: ${path}`);
        return;
      }
    }
    await makeBeside(context, entry, path);
  }
  reportItem(session, ndx, flags);
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
    if (stat !== null) await setAttributes(context, entry, temporary, stat);
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
  if (isSymlink(entry)) await tree.makeSymlink(path, localTarget(context, entry));
  else await tree.makeNode(path, entry.mode, extra?.rdevMajor ?? 0, extra?.rdevMinor ?? 0);
}

async function setAttributes(
  context: GeneratorContext,
  entry: FileEntry,
  path: ByteString,
  stat: FileStat,
): Promise<void> {
  const { session, destination } = context;
  await applyAttributes(pathTarget(destination.tree, path), entry, {
    options: session.options,
    privileges: destination.privileges,
    stat,
    replacedMode: stat.mode,
    exactTimes: false,
  });
}
