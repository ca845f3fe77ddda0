/**
 * What the parts of the generator share.
 * @module
 */
import type { FileEntry, FileListSet } from "@tsrsync/protocol/file-list";
import type { DestinationFilter } from "../filter/destination-filter.js";
import type { Destination } from "../receiver/destination.js";
import type { Phases } from "../receiver/phases.js";
import type { ListReceiver } from "../receiver/receive-list.js";
import type { Workspace } from "../receiver/workspace.js";
import type { Session } from "../session/session.js";
import type { FuzzySearch } from "./fuzzy-search.js";
import type { HardLinks } from "./hard-links.js";

export interface GeneratorContext {
  session: Session;
  workspace: Workspace;
  destination: Destination;
  lists: FileListSet;
  /** Where the lists come from. */
  list: ListReceiver;
  phases: Phases;
  /** `null` without `--hard-links`. */
  hardLinks: HardLinks | null;
  /** `null` without `--fuzzy`. */
  fuzzy: FuzzySearch | null;
  /** `null` when there are no rules. */
  filter: DestinationFilter | null;
  /** Directories that could not be made: nothing below them is touched. */
  failedDirectories: Set<string>;
  /** Directories that exist only in the imagination of a dry run. */
  imaginedDirectories: Set<string>;
}

/** Whether `entry` lies below one of `directories`. */
export function liesBelow(entry: FileEntry, directories: ReadonlySet<string>): boolean {
  if (directories.size === 0) return false;
  const { name } = entry;
  for (let at = name.indexOf("/"); at >= 0; at = name.indexOf("/", at + 1)) {
    if (directories.has(name.slice(0, at))) return true;
  }
  return false;
}
