/**
 * Bounds the memory of a target that is away for long (spec 6, 3.3): instead of very many paths, some directories are to be
 * compared as a whole.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { isForced, isStored, packEntry, withStored } from "./dirty-entry.js";
import type { DirtyPaths } from "./dirty-paths.js";
import { Reach } from "./mark.js";
import { outermost, parentOf } from "./tree-paths.js";

/** What the marks that a directory takes the place of have in common. */
interface Gathered {
  first: number;
  force: boolean;
  /** The journal may hold a record of the directory itself. */
  stored: boolean;
}

/**
 * Puts paths together, parked ones included, so that at most `wanted` are left.
 * @param highest the number of the last mark: the directories are as if they were marked with it
 */
export function collapse(paths: DirtyPaths, wanted: number, highest: number): void {
  const { offered, parked } = paths;
  for (const path of [...parked.paths()]) paths.offer(path);
  const tops = chooseCollapses(offered.paths(), Math.floor(wanted));
  const gathered = new Map<ByteString, Gathered>();
  for (const [path, entry] of offered.entries()) {
    const top = outermost(path, tops);
    if (top === null) continue;
    const before = gathered.get(top) ?? { first: highest, force: false, stored: false };
    gathered.set(top, {
      first: Math.min(offered.firstOf(path, entry), before.first),
      force: isForced(entry) || before.force,
      stored: before.stored || (path === top && isStored(entry)),
    });
    paths.remove(path, entry);
  }
  for (const [top, { first, force, stored }] of gathered) {
    const entry = packEntry(highest, { reach: Reach.Reconcile, force });
    paths.storeSince(top, stored ? withStored(entry) : entry, first);
  }
}

/** The paths that lie in and below a directory, its own one not. */
interface Node {
  readonly path: ByteString;
  readonly parent: Node | null;
  readonly depth: number;
  /** Dirty paths directly in it. */
  own: number;
  /** What is left below it. */
  left: number;
}

/**
 * Chooses the fullest directories, deep ones before those that they lie in, so that at most `wanted` of the paths are left
 * when each of these takes the place of all that is in it. The root is chosen only when nothing else helps.
 */
export function chooseCollapses(paths: Iterable<ByteString>, wanted: number): Set<ByteString> {
  const nodes = countByDirectory(paths);
  for (let least = wanted; ; least = Math.floor(least / 4)) {
    const chosen = chooseAbove(nodes, Math.max(least, 2));
    if (chosen !== null && chosen.left <= wanted) return chosen.paths;
    if (least < 2) return new Set([""]);
  }
}

/** The directories, the deepest first. */
function countByDirectory(paths: Iterable<ByteString>): Node[] {
  const nodes = new Map<ByteString, Node>();
  for (const path of paths) {
    if (path === "") continue;
    nodeOf(parentOf(path), nodes).own++;
  }
  return [...nodes.values()].sort((one, other) => other.depth - one.depth);
}

function nodeOf(path: ByteString, nodes: Map<ByteString, Node>): Node {
  const known = nodes.get(path);
  if (known !== undefined) return known;
  const parent = path === "" ? null : nodeOf(parentOf(path), nodes);
  const node = { path, parent, depth: parent === null ? 0 : parent.depth + 1, own: 0, left: 0 };
  nodes.set(path, node);
  return node;
}

function chooseAbove(
  nodes: readonly Node[],
  least: number,
): { paths: Set<ByteString>; left: number } | null {
  const paths = new Set<ByteString>();
  for (const node of nodes) node.left = node.own;
  for (const node of nodes) {
    const { parent } = node;
    if (parent === null) return { paths, left: node.left };
    const isChosen = node.left >= least;
    if (isChosen) paths.add(node.path);
    parent.left += isChosen ? 1 : node.left;
  }
  return null;
}
