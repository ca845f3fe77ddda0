/**
 * Picking a path at random without a list of all of them: from the root down, one name of each directory (spec 6, 3.6).
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { isDirectory } from "../batch/looks.js";
import type { Look, SourceTree } from "../batch/source-tree.js";
import type { PathFilter } from "../filter/path-filter.js";

/** Where paths are picked. */
export interface SampleSpace {
  readonly tree: SourceTree;
  readonly filter: Pick<PathFilter, "isHidden">;
  readonly oneFileSystem: boolean;
}

/** Names of one directory that are tried one after another: some may be hidden. */
const TRIES = 64;

/**
 * A path of the root that takes part in the mirror: a file, or a directory in which nothing was found. Those in small directories
 * are picked more often than others.
 * @param random 0 up to 1, without 1
 * @returns `null` for a root with nothing in it
 */
export function samplePath(
  space: SampleSpace,
  random: () => number = Math.random,
): ByteString | null {
  const root = space.tree.lstat("");
  if (root === null || root === "unreadable") return null;
  let path = "";
  for (;;) {
    const next = pickIn(path, root.device, space, random);
    if (next === null) return path === "" ? null : path;
    ({ path } = next);
    if (!isDirectory(next.look)) return path;
  }
}

function pickIn(
  directory: ByteString,
  device: bigint,
  { tree, filter, oneFileSystem }: SampleSpace,
  random: () => number,
): { path: ByteString; look: Look } | null {
  const names = tree.list(directory) ?? [];
  const first = Math.floor(random() * names.length);
  for (let tries = 0; tries < Math.min(TRIES, names.length); tries++) {
    const name = names[(first + tries) % names.length]!;
    const path = directory === "" ? name : `${directory}/${name}`;
    const look = tree.lstat(path);
    if (look === null || look === "unreadable") continue;
    if (oneFileSystem && look.device !== device) continue;
    if (!filter.isHidden(path, isDirectory(look), look.mode)) return { path, look };
  }
  return null;
}
