/**
 * `--chmod` on the receiving side: the sender is taken to have said so (spec 4-command, 12).
 * @module
 */
import { changeMode } from "@tsrsync/protocol/arguments";
import {
  type FileEntry,
  isDirectory,
  isMissingArgument,
  isSymlink,
} from "@tsrsync/protocol/file-list";
import type { TransferOptions } from "../session/options.js";

/** Changes the permission bits of `entries` in place. To be called once per list, when it is complete. */
export function changeModes(entries: readonly FileEntry[], { modeChanges }: TransferOptions): void {
  if (modeChanges.length === 0) return;
  for (const entry of entries) {
    if (isSymlink(entry) || isMissingArgument(entry)) continue;
    entry.mode = changeMode(modeChanges, entry.mode, isDirectory(entry));
  }
}
