/**
 * The generator's work on a directory (spec 3-transfer, 3.3).
 * @module
 */
import type { FileEntry } from "@tsrsync/protocol/file-list";
import { ItemFlag } from "@tsrsync/protocol/item";
import type { ByteString } from "@tsrsync/protocol/wire";
import { umaskFor } from "../receiver/directory-umask.js";
import { countKind } from "../session/statistics.js";
import type { FileStat } from "../tree/file-tree.js";
import { reason } from "../tree/system-error.js";
import { differencesOfNewDirectory } from "./alternate-item.js";
import { applyAttributes, pathTarget } from "./apply-attributes.js";
import type { GeneratorContext } from "./context.js";
import { wantedPermissions } from "./differences.js";
import { itemDifferences } from "./item-differences.js";
import type { Remover } from "./remove.js";
import { reportItem } from "./report-item.js";

const S_IFMT = 0o170000;
const S_IFDIR = 0o040000;

/** Makes or adjusts a directory; false when it could not be made, and nothing below it is to be touched. */
export async function generateDirectory(
  context: GeneratorContext,
  remover: Remover,
  ndx: number,
  entry: FileEntry,
  path: ByteString,
  present: FileStat | null,
): Promise<boolean> {
  let stat = present;
  if (stat !== null && (stat.mode & S_IFMT) !== S_IFDIR) {
    if (!(await remover.clearWay(path, stat.mode))) {
      return failed(context, entry, `could not make way for new directory: ${path}`);
    }
    stat = null;
  }
  if (stat === null) return makeDirectory(context, ndx, entry, path);
  const { session, destination } = context;
  const isRoot = path === "." && destination.isNew === true;
  const isNew = isRoot || (entry.flags & MADE_BEFORE) !== 0;
  if (isNew) await reportNew(context, ndx, entry, path);
  else {
    const candidate = { tree: destination.tree, path, stat };
    const { flags, request } = await itemDifferences(context, entry, candidate, false);
    reportItem(session, { ndx, entry }, flags, null, request);
  }
  const replacedMode = isNew && !isRoot ? null : stat.mode;
  if (!session.options.dryRun) await setAttributes(context, entry, path, stat, replacedMode);
  return true;
}

/** An entry flag of the receiving side: the directory was made when its parent's list was worked on. */
const MADE_BEFORE = 0x10000;

/** Makes a directory whose turn is yet to come, if it is missing. A failure shows again, and is told, when it comes. */
export async function prepareDirectory(
  context: GeneratorContext,
  entry: FileEntry,
  path: ByteString,
): Promise<void> {
  const { tree } = context.destination;
  try {
    if ((await tree.stat(path)) !== null) return;
    await tree.makeDirectory(path, (entry.mode & 0o700) | 0o700);
    entry.flags |= MADE_BEFORE;
  } catch {
    // the turn of the directory is the moment to say why
  }
}

async function makeDirectory(
  context: GeneratorContext,
  ndx: number,
  entry: FileEntry,
  path: ByteString,
): Promise<boolean> {
  const { session, destination } = context;
  const { tree, privileges } = destination;
  if (session.options.dryRun) {
    context.imaginedDirectories.add(entry.name);
    await reportNew(context, ndx, entry, path);
    return true;
  }
  try {
    const umask = session.options.perms ? privileges.umask : await umaskFor(destination, path);
    await tree.makeDirectory(path, wantedPermissions(entry, null, session.options, umask));
  } catch (error) {
    const text = `recv_generator: mkdir ${destination.describe(path)} failed: ${reason(error)}`;
    return failed(context, entry, `rsync: [generator] ${text}`);
  }
  await reportNew(context, ndx, entry, path);
  const stat = await tree.stat(path);
  if (stat !== null) await setAttributes(context, entry, path, stat, null);
  return true;
}

async function reportNew(
  context: GeneratorContext,
  ndx: number,
  entry: FileEntry,
  path: ByteString,
): Promise<void> {
  const { session } = context;
  const { flags, request } = await differencesOfNewDirectory(context, entry, path);
  if (flags & ItemFlag.IsNew) countKind(session.statistics.created, entry.mode);
  reportItem(session, { ndx, entry }, flags, null, request);
}

async function setAttributes(
  context: GeneratorContext,
  entry: FileEntry,
  path: ByteString,
  stat: FileStat,
  replacedMode: number | null,
): Promise<void> {
  const { session, destination } = context;
  const { privileges, tree } = destination;
  const isFresh = replacedMode === null && !session.options.perms;
  try {
    await applyAttributes(pathTarget(tree, path), entry, {
      options: session.options,
      privileges,
      stat,
      replacedMode,
      exactTimes: false,
      extended: destination.extended?.planFor("generator", path) ?? null,
      ...(isFresh && { umask: await umaskFor(destination, path) }),
      // Without -p a directory that was there keeps its mode, which nothing could bring back at the end.
      lendsOwnerAccess: !privileges.superUser && (session.options.perms || replacedMode === null),
    });
  } catch (error) {
    session.notice(
      "transfer-error",
      `rsync: [generator] failed to set attributes on ${destination.describe(path)}: ${reason(error)}`,
    );
  }
}

function failed(context: GeneratorContext, entry: FileEntry, text: ByteString): false {
  const { session } = context;
  session.notice("transfer-error", text);
  session.notice("error", "*** Skipping any contents from this failed directory ***");
  context.failedDirectories.add(entry.name);
  return false;
}

/** Sets times and mode of the directories again, now that nothing changes in them any more; deepest first. */
export async function finishDirectories(
  context: GeneratorContext,
  directories: readonly { entry: FileEntry; path: ByteString }[],
): Promise<void> {
  const { session, destination } = context;
  for (const { entry, path } of directories.toReversed()) {
    try {
      const stat = await destination.tree.stat(path);
      if (stat === null || (stat.mode & S_IFMT) !== S_IFDIR) continue;
      await applyAttributes(pathTarget(destination.tree, path), entry, {
        options: session.options,
        privileges: destination.privileges,
        stat,
        replacedMode: stat.mode,
        exactTimes: true,
        extended: destination.extended?.planFor("generator", path) ?? null,
      });
    } catch (error) {
      session.notice(
        "transfer-error",
        `rsync: [generator] failed to set times on ${destination.describe(path)}: ${reason(error)}`,
      );
    }
  }
}
