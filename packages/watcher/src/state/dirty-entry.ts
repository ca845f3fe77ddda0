/**
 * The number that stands for a dirty path: 200,000 of them must stay small, so there is no object for each.
 *
 *     bits 0-1  reach               bit 2  force
 *     bit 3     it has changed itself: not all of its marks say only that it was touched
 *     bits 4-7  the same of the marks since the path was taken last
 *     bit 8     the journal may hold a record of the path
 *     above     the sequence number of the last mark
 * @module
 */
import { type Mark, Reach } from "./mark.js";

const SHIFT = 512;
const FORCE = 4;
const CHANGED = 8;
const FLAGS = FORCE | CHANGED;
/** All that a mark says. */
const MARK = 15;
const FRESH_SHIFT = 16;
const STORED = 256;

export function packEntry(
  sequence: number,
  { reach, force = false, touched = false }: Omit<Mark, "path">,
): number {
  const bits = reach + (force ? FORCE : 0) + (touched ? 0 : CHANGED);
  return sequence * SHIFT + bits * (1 + FRESH_SHIFT);
}

export function sequenceOf(entry: number): number {
  return Math.floor(entry / SHIFT);
}

export function reachOf(entry: number): Reach {
  return toReach(entry % SHIFT);
}

/** The reach of the marks since the path was taken last. */
export function freshReachOf(entry: number): Reach {
  return toReach((entry % SHIFT) / FRESH_SHIFT);
}

export function isForced(entry: number): boolean {
  return ((entry % SHIFT) & FORCE) !== 0;
}

export function isTouched(entry: number): boolean {
  return ((entry % SHIFT) & CHANGED) === 0;
}

export function isStored(entry: number): boolean {
  return ((entry % SHIFT) & STORED) !== 0;
}

export function withStored(entry: number): number {
  return isStored(entry) ? entry : entry + STORED;
}

/**
 * The entry after another mark.
 * @param wasTaken the path was taken after its last mark, so that what is asked for from now on is counted anew
 */
export function markAgain(entry: number, mark: number, wasTaken: boolean): number {
  const old = entry % SHIFT;
  const added = (mark % SHIFT) & MARK;
  const fresh = wasTaken ? added : joined((old / FRESH_SHIFT) & MARK, added);
  const bits = joined(old & MARK, added) + fresh * FRESH_SHIFT + (old & STORED);
  return sequenceOf(mark) * SHIFT + bits;
}

/** The entry after what was asked for before the last take has been done. */
export function onlyFresh(entry: number): number {
  const old = entry % SHIFT;
  const fresh = (old / FRESH_SHIFT) & MARK;
  return entry - old + fresh * (1 + FRESH_SHIFT) + (old & STORED);
}

/** What two marks say in one. */
function joined(one: number, other: number): number {
  return Math.max(one & 3, other & 3) + ((one | other) & FLAGS);
}

function toReach(bits: number): Reach {
  const reach = bits & 3;
  return reach === 0 ? Reach.Item : reach === 1 ? Reach.Tree : Reach.Reconcile;
}
