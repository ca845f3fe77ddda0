/**
 * Links that are sent as what they point to: `--copy-links`, `--copy-unsafe-links`, `--copy-dirlinks` (spec 2-file-list,
 * 2.6).
 * @module
 */
import { isDirectoryMode } from "@tsrsync/protocol/file-list";
import type { ByteString } from "@tsrsync/protocol/wire";
import { isUnsafeTarget } from "../session/link-targets.js";
import type { TransferOptions } from "../session/options.js";
import type { FileStat, FileTree, ReadingOptions } from "../tree/file-tree.js";
import { isLinkMode } from "../tree/item-type.js";
import { errorCode } from "../tree/system-error.js";

/** A link that was to be looked through points to nothing. */
export class NoReferentError extends Error {}

/** Whether any link may have to be looked through. */
export function looksThroughLinks(options: TransferOptions): boolean {
  return options.copyLinks || options.copyUnsafeLinks || options.copyDirlinks;
}

/** How the files of a sender are opened. */
export function readingOptionsOf(options: TransferOptions): ReadingOptions {
  return {
    leavesAccessTime: options.openNoatime,
    followsLink: options.copyLinks || options.copyUnsafeLinks,
    opensDevices: options.copyDevices,
  };
}

/**
 * What is to be sent for the item at `path`: itself, or what it points to; `null` when it is not there.
 * @throws NoReferentError, or what the tree throws for an item that can not be looked at
 */
export async function statLookingThrough(
  tree: FileTree,
  path: ByteString,
  options: TransferOptions,
): Promise<FileStat | null> {
  const stat = await tree.stat(path);
  if (stat === null || !isLinkMode(stat.mode)) return stat;
  const { copyLinks, copyUnsafeLinks, copyDirlinks } = options;
  if (copyLinks || (copyUnsafeLinks && isUnsafeTarget(await tree.readLink(path), path))) {
    const referent = await tree.statFollowing(path);
    if (referent === null) throw new NoReferentError();
    return referent;
  }
  return copyDirlinks ? ((await directoryBehind(tree, path)) ?? stat) : stat;
}

async function directoryBehind(tree: FileTree, path: ByteString): Promise<FileStat | null> {
  try {
    const referent = await tree.statFollowing(path);
    return referent !== null && isDirectoryMode(referent.mode) ? referent : null;
  } catch (error) {
    if (errorCode(error) === null) throw error;
    return null; // a link that leads nowhere, or where nobody may look, is sent as a link
  }
}
