/**
 * Taking marks for a push.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { isForced, isTouched, reachOf } from "./dirty-entry.js";
import type { DirtyPaths } from "./dirty-paths.js";
import { type Mark, Reach } from "./mark.js";
import type { ParkedPaths } from "./parked-paths.js";
import { outermost, outermostBelowRoot } from "./tree-paths.js";

/** How much is taken at once. */
export interface TakeLimits {
  readonly maxPaths: number;
  /**
   * False: a root that is to be compared as a whole is left for later, and what is below it is taken path by path.
   * Default: true.
   */
  readonly withRoot?: boolean;
}

/** Marks that a push is to bring to the target. They stay in the map until they are settled. */
export interface Taken {
  /** The highest number that had been given out: what is marked above it is not settled with these. */
  readonly bound: number;
  /** The lowest number of a first mark among them. */
  readonly oldest: number;
  /** Oldest first. */
  readonly entries: readonly Mark[];
  /** Paths that lie below reconciled ones of `entries`, and are settled with them. */
  readonly swallowed: readonly ByteString[];
  /** Nothing is left that is not parked. */
  readonly isAll: boolean;
}

/** The oldest of the offered paths; nothing is removed. */
export function takeMarks(
  { offered, parked }: DirtyPaths,
  { maxPaths, withRoot = true }: TakeLimits,
  bound: number,
): Taken {
  const { reconciles } = offered;
  const entries: Mark[] = [];
  const below: ByteString[] = [];
  let oldest = bound;
  const topOf = withRoot ? outermost : outermostBelowRoot;
  const isRootLeft = !withRoot && reconciles.has("");
  for (const [path, entry] of offered.entries()) {
    if (entries.length >= maxPaths) break;
    if (isRootLeft && path === "") continue;
    oldest = Math.min(oldest, offered.firstOf(path, entry));
    const isSwallowed =
      // Contents that must be sent anyway are not.
      reconciles.size > 0 && !isForced(entry) && isBelow(path, topOf(path, reconciles));
    if (isSwallowed) below.push(path);
    else entries.push(toMark(path, entry));
  }
  const swallowed = reconciles.size === 0 ? [] : belowTaken(below, parked, entries);
  const isAll = entries.length + below.length === offered.size;
  return { bound, oldest, entries, swallowed, isAll };
}

function toMark(path: ByteString, entry: number): Mark {
  const reach = reachOf(entry);
  const force = isForced(entry);
  return isTouched(entry) ? { path, reach, force, touched: true } : { path, reach, force };
}

function isBelow(path: ByteString, top: ByteString | null): boolean {
  return top !== null && top !== path;
}

/** What lies below directories that are compared as a whole, parked paths included. */
function belowTaken(
  below: readonly ByteString[],
  parked: ParkedPaths,
  entries: readonly Mark[],
): ByteString[] {
  const tops = new Set<ByteString>();
  for (const { path, reach } of entries) if (reach === Reach.Reconcile) tops.add(path);
  const waiting = [...parked.paths()].filter((path) => !isForced(parked.get(path)!.entry));
  return [...below, ...waiting].filter((path) => outermost(path, tops) !== null);
}
