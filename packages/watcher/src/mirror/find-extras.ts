/**
 * Which names of a target go: without those that are none of the mirror's business, and the directories that these are in.
 * @module
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { ByteString } from "@tsrsync/protocol/wire";
import { isDirectory } from "../batch/looks.js";
import type { PathFilter } from "../filter/path-filter.js";
import type { TargetEntry } from "../target/target.js";
import type { TargetContext } from "./target-context.js";

/** Entries that are compared with the source between two turns of the loop. */
const SLICE = 1000;

/** What is looked at in one go. */
interface Candidates {
  readonly entries: readonly TargetEntry[];
  /** Names that are known to be gone. */
  readonly given: readonly ByteString[];
  /** Whether an entry of the mirror's is gone from the source. */
  isGone(path: ByteString): boolean;
  /** Whether an entry is none of the mirror's. */
  isLeftOut(path: ByteString, isDirectory: boolean): boolean;
}

/** The highest names that the target has and the source has not. That it has the others is told to the watcher. */
export function findExtras(
  { tree, filter, fullSyncFilter, brought }: TargetContext,
  entries: readonly TargetEntry[],
): Promise<ByteString[]> {
  return highestGone({
    entries,
    given: [],
    isGone: (path) => {
      if (tree.lstat(path) === null) return true;
      brought(path); // whoever walked the source for the push has told nobody what he met
      return false;
    },
    isLeftOut: (path, isDir) => keeps(filter, path, isDir) || fullSyncFilter.isHidden(path, isDir),
  });
}

/**
 * The same for names that are gone from the source with all that was in them.
 * @param entries what the target has below them
 */
export function spareLeftOut(
  filter: PathFilter,
  deletes: readonly ByteString[],
  entries: readonly TargetEntry[],
): Promise<ByteString[]> {
  return highestGone({
    entries,
    given: deletes,
    isGone: () => true,
    isLeftOut: (path, isDir) => keeps(filter, path, isDir),
  });
}

function keeps(filter: PathFilter, path: ByteString, isDir: boolean): boolean {
  return filter.isHidden(path, isDir) || filter.isProtected(path, isDir);
}

async function highestGone({
  entries,
  given,
  isGone,
  isLeftOut,
}: Candidates): Promise<ByteString[]> {
  const gone = new Set(given);
  // Directories in which something must stay, or that lie above it.
  const keeping = new Set<ByteString>();
  for (const [index, entry] of entries.entries()) {
    if (index % SLICE === SLICE - 1) await nextTurn();
    const { path } = entry;
    if (isLeftOut(path, isDirectory(entry))) addAncestors(path, keeping);
    else if (isGone(path)) gone.add(path);
  }
  return [...gone].filter((path) => !keeping.has(path) && !hasAncestor(path, gone, keeping));
}

function addAncestors(path: ByteString, into: Set<ByteString>): void {
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
    const parent = path.slice(0, end);
    if (into.has(parent)) return;
    into.add(parent);
  }
}

/** Whether a directory above goes already, and takes this with it. */
function hasAncestor(
  path: ByteString,
  gone: ReadonlySet<ByteString>,
  keeping: ReadonlySet<ByteString>,
): boolean {
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
    const parent = path.slice(0, end);
    if (gone.has(parent) && !keeping.has(parent)) return true;
  }
  return false;
}
