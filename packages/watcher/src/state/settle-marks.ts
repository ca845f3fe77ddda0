/**
 * What becomes of marks that a push was to bring. From this rule follows that nothing is ever lost: a path that was sent is
 * forgotten only if it was not marked again meanwhile.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { markAgain, onlyFresh, packEntry, sequenceOf } from "./dirty-entry.js";
import type { DirtyPaths } from "./dirty-paths.js";
import { type Mark, Reach } from "./mark.js";
import type { Taken } from "./take-marks.js";
import { outermost } from "./tree-paths.js";

/** What came of a push. */
export interface Settlement {
  readonly taken: Taken;
  /** Paths that did not arrive; ones that were not taken (below a tree) become dirty. */
  readonly failed: ReadonlySet<ByteString>;
  /** When these are offered again by themselves (ms). */
  readonly retryAt: number;
  /** Parts of what was taken that were left for later; those among `failed` are parked. */
  readonly rest: readonly Mark[];
  /** No marks were taken since. */
  readonly isLastTake: boolean;
}

export function settleMarks(paths: DirtyPaths, settlement: Settlement): void {
  const { taken, failed, rest } = settlement;
  for (const { path } of taken.entries) if (!failed.has(path)) confirm(path, paths, settlement);
  for (const path of taken.swallowed) if (!failed.has(path)) confirm(path, paths, settlement);
  for (const mark of rest) leave(mark, paths, taken);
  if (failed.size === 0) return;
  const forced = taken.entries.filter(({ force }) => force === true).map(({ path }) => path);
  const forcedTops = new Set(forced);
  for (const path of failed) {
    const isBelowForced = forcedTops.size > 0 && outermost(path, forcedTops) !== null;
    park(path, paths, settlement, isBelowForced);
  }
}

function confirm(
  path: ByteString,
  paths: DirtyPaths,
  { taken: { bound }, isLastTake }: Settlement,
): void {
  const entry = paths.offered.get(path);
  if (entry === undefined) {
    paths.removeParked(path);
  } else if (sequenceOf(entry) <= bound) {
    paths.remove(path, entry);
  } else {
    // It goes to the end: what changes all the time must not keep others from their turn.
    paths.offered.remove(path);
    paths.storeSince(path, isLastTake ? onlyFresh(entry) : entry, bound + 1);
  }
}

function leave(mark: Mark, paths: DirtyPaths, taken: Taken): void {
  const { offered, parked } = paths;
  const { path } = mark;
  const entry = offered.get(path) ?? parked.take(path)?.entry;
  const first = entry === undefined ? taken.oldest : offered.firstOf(path, entry);
  const added = packEntry(entry === undefined ? taken.bound : sequenceOf(entry), mark);
  const left = entry === undefined ? added : markAgain(entry, added, false);
  paths.storeSince(path, left, Math.min(taken.oldest, first));
}

function park(
  path: ByteString,
  paths: DirtyPaths,
  { taken: { bound, oldest }, retryAt }: Settlement,
  force: boolean,
): void {
  const { offered, parked } = paths;
  const entry = offered.get(path);
  if (entry === undefined) {
    const before = parked.get(path);
    const failed = failedAs(before?.entry ?? packEntry(bound, { reach: Reach.Item, force }), force);
    paths.park(path, failed, before?.first ?? oldest, retryAt);
  } else if (sequenceOf(entry) <= bound) {
    paths.park(path, failedAs(entry, force), offered.firstOf(path, entry), retryAt);
  } else {
    // It was marked again, so that it is offered; but what did not arrive is older.
    const first = Math.min(oldest, offered.firstOf(path, entry));
    paths.storeSince(path, failedAs(entry, force), first);
  }
}

/** The entry of a path that did not arrive, with what was asked of it by then. */
function failedAs(entry: number, force: boolean): number {
  const again = packEntry(sequenceOf(entry), { reach: Reach.Item, force, touched: true });
  return markAgain(entry, again, false);
}
