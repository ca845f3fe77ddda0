/**
 * Directories that only lead to an item, under `--no-implied-dirs`: they are made where they are missing, and otherwise left as
 * they are, even if they are links to directories (spec 4-command, 7.1).
 * @module
 */
import { EntryFlag, type FileEntry } from "@tsrsync/protocol/file-list";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { TransferOptions } from "../session/options.js";
import { isDirectoryMode } from "../tree/item-type.js";
import { reason } from "../tree/system-error.js";
import type { GeneratorContext } from "./context.js";

/** Whether an entry stands for such a directory. */
export function isBareParent(options: TransferOptions, entry: FileEntry): boolean {
  return (entry.flags & EntryFlag.ImpliedDir) !== 0 && options.relative && !options.impliedDirs;
}

/** Makes the directory if there is none. What is in the way of one shows when something is to be put into it. */
export async function makeBareParent(
  context: GeneratorContext,
  entry: FileEntry,
  path: ByteString,
): Promise<void> {
  const { session, destination, imaginedDirectories, failedDirectories } = context;
  const { tree, privileges } = destination;
  try {
    const stat = await tree.statFollowing(path);
    if (stat !== null && isDirectoryMode(stat.mode)) return;
    if (session.options.dryRun) imaginedDirectories.add(entry.name);
    else await tree.makeDirectory(path, 0o777 & ~privileges.umask);
  } catch (error) {
    const text = `recv_generator: mkdir ${destination.describe(path)} failed: ${reason(error)}`;
    session.notice("transfer-error", `rsync: [generator] ${text}`);
    session.notice("error", "*** Skipping any contents from this failed directory ***");
    failedDirectories.add(entry.name);
  }
}

/** Makes the directories that lead to a path, which no entry stands for. What can not be made shows when the path is. */
export async function makeMissingParents(
  { session, destination }: GeneratorContext,
  path: ByteString,
): Promise<void> {
  if (session.options.dryRun) return;
  const { tree, privileges } = destination;
  try {
    for (let slash = path.indexOf("/"); slash > 0; slash = path.indexOf("/", slash + 1)) {
      const parent = path.slice(0, slash);
      if ((await tree.statFollowing(parent)) !== null) continue;
      await tree.makeDirectory(parent, 0o777 & ~privileges.umask);
    }
  } catch {
    // the item itself will fail
  }
}
