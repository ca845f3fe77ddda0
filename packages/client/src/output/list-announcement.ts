/**
 * What is said while the file list is built or received. Spec: docs/protocol/4-command.md, 13.3.
 * @module
 */

/** How the list travels. */
export interface ListTravel {
  /** We are the sender, also in a local copy. */
  sending: boolean;
  incremental: boolean;
  /** `-r` or `-d`: without them nothing is announced. */
  descending: boolean;
  /** Level of the info flag FLIST. */
  listLevel: number;
}

const REPORT_EVERY = 100;

/** What goes out before the list; the line stays open until `listEnd` unless the list is incremental. */
export function listStart({ sending, incremental, descending, listLevel }: ListTravel): string {
  if (listLevel < 1 || !descending) return "";
  if (incremental) return `${sending ? "sending" : "receiving"} incremental file list\n`;
  const start = `${sending ? "building" : "receiving"} file list ... `;
  return listLevel >= 2 ? `${start}\n` : start;
}

/** The running count of level 2, due at each hundred files, for a sender also at none; else empty. */
export function listCount(travel: ListTravel, fileCount: number): string {
  const { sending, incremental, descending, listLevel } = travel;
  if (listLevel < 2 || incremental || !descending || fileCount % REPORT_EVERY !== 0) return "";
  if (fileCount === 0 && !sending) return "";
  return ` ${fileCount} files...\r`;
}

/** What ends a list of `fileCount` entries. */
export function listEnd(travel: ListTravel, fileCount: number): string {
  const { incremental, descending, listLevel } = travel;
  if (listLevel < 1 || incremental || !descending) return "";
  if (listLevel === 1) return "done\n";
  return fileCount === 1 ? "1 file to consider\n" : `${fileCount} files to consider\n`;
}
