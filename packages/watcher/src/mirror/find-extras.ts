/**
 * What a target has more than the source.
 * @module
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { ByteString } from "@tsrsync/protocol/wire";
import { isDirectory } from "../batch/looks.js";
import type { TargetEntry } from "../target/target.js";
import type { TargetContext } from "./target-context.js";

/** Entries that are compared with the source between two turns of the loop. */
const SLICE = 1000;

/** The highest names that the target has and the source has not, without those that are none of the mirror's business. */
export async function findExtras(
  { tree, filter, fullSyncFilter }: TargetContext,
  entries: readonly TargetEntry[],
): Promise<ByteString[]> {
  const extras = new Set<ByteString>();
  // Directories in which something must stay, or that lie above it.
  const keeping = new Set<ByteString>();
  for (const [index, entry] of entries.entries()) {
    if (index % SLICE === SLICE - 1) await nextTurn();
    const { path } = entry;
    const isDir = isDirectory(entry);
    const isOurs =
      !filter.isHidden(path, isDir) &&
      !fullSyncFilter.isHidden(path, isDir) &&
      !filter.isProtected(path, isDir);
    if (!isOurs) addAncestors(path, keeping);
    else if (tree.lstat(path) === null) extras.add(path);
  }
  return [...extras].filter((path) => !keeping.has(path) && !hasAncestor(path, extras, keeping));
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
  extras: ReadonlySet<ByteString>,
  keeping: ReadonlySet<ByteString>,
): boolean {
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
    const parent = path.slice(0, end);
    if (extras.has(parent) && !keeping.has(parent)) return true;
  }
  return false;
}
