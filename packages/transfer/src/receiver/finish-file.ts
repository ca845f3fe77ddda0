/**
 * The last steps of a received file: its attributes, the backup of what it replaces, and its place (spec 3-transfer, 8.6).
 * @module
 */
import type { FileEntry } from "@tsrsync/protocol/file-list";
import type { ByteString } from "@tsrsync/protocol/wire";
import { applyAttributes } from "../generator/apply-attributes.js";
import { andThen } from "../tree/awaitable.js";
import { moveItem } from "../tree/copy-item.js";
import type { Awaitable, FileStat, TreeFile } from "../tree/file-tree.js";
import { isDirectoryMode, isRegularMode } from "../tree/item-type.js";
import { errorCode, reason } from "../tree/system-error.js";
import { umaskFor } from "./directory-umask.js";
import type { FilePlace } from "./partial-files.js";
import type { Workspace } from "./workspace.js";

/** What is in the file's place, as far as permissions depend on it: nobody looks when they do not. */
export function replacedFile(
  { session, destination }: Workspace,
  path: ByteString,
): Awaitable<FileStat | null> {
  if (session.options.perms) return null;
  return andThen(destination.tree.stat(path), (stat) =>
    stat !== null && isRegularMode(stat.mode) ? stat : null,
  );
}

/** A file that was written, and its place. */
export interface WrittenFile {
  file: TreeFile;
  entry: FileEntry;
  path: ByteString;
  /** What is in its place. */
  replaced: FileStat | null;
}

/** Sets what the entry says on a file that was written. Wrong data does not get the right time. */
export async function giveAttributes(
  { session, destination }: Workspace,
  { file, entry, path, replaced }: WrittenFile,
  times: "set" | "leave",
): Promise<void> {
  const isFresh = !session.options.perms && replaced === null;
  const stat = file.stat();
  await applyAttributes(file, entry, {
    options: session.options,
    privileges: destination.privileges,
    stat: stat instanceof Promise ? await stat : stat,
    replacedMode: replaced?.mode ?? null,
    exactTimes: true,
    skipTimes: times === "leave",
    extended: destination.extended?.planFor("receiver", path, path) ?? null,
    umask: isFresh ? await umaskFor(destination, path) : destination.privileges.umask,
  });
}

/** Moves a finished file to its place in the destination, after a backup of what is there. False when that failed. */
export async function putInPlace(
  workspace: Workspace,
  from: FilePlace,
  path: ByteString,
): Promise<boolean> {
  const { backups, destination } = workspace;
  try {
    if (backups !== null && !(await backUp(workspace, path))) return false;
    const { extended } = destination;
    const moved = moveItem(
      from.tree,
      from.path,
      destination.tree,
      path,
      extended && ((source, copy) => extended.copyAttributes("receiver", source, copy, path)),
    );
    if (moved instanceof Promise) await moved;
    return true;
  } catch (error) {
    const target = destination.describe(path);
    const text =
      errorCode(error) === "EISDIR"
        ? `recv_files: ${target} is a directory`
        : `rsync: [receiver] rename ${destination.describe(from.path)} -> "${path}" failed: ${reason(error)}`;
    workspace.session.notice("transfer-error", text);
    return false;
  }
}

async function backUp({ backups, destination }: Workspace, path: ByteString): Promise<boolean> {
  const present = await destination.tree.stat(path);
  if (present === null || isDirectoryMode(present.mode)) return true;
  return backups === null || (await backups.keep(path, "link"));
}

/** Closes and removes what is not wanted. */
export async function discard(
  workspace: Workspace,
  file: TreeFile,
  { tree, path }: FilePlace,
): Promise<void> {
  try {
    await file.close();
  } catch {
    // it may be closed already; what matters is that it goes away
  }
  try {
    await tree.removeFile(path);
  } catch (error) {
    workspace.session.notice(
      "transfer-error",
      `rsync: [receiver] unlink "${path}" failed: ${reason(error)}`,
    );
  }
}

/** A file is in its place: names of it can be linked, and the sender may remove its own. */
export function tellSuccess({ session, phases }: Workspace, ndx: number): void {
  phases.placed(ndx);
  if (session.options.removeSource !== "none" && !session.options.dryRun) session.sendSuccess(ndx);
}
