/**
 * The number that stands for a dirty path: 200,000 of them must stay small, so there is no object for each.
 *
 *     bits 0-1  reach               bit 2  force
 *     bits 3-4  reach, of the marks since the path was taken last
 *     bit 5     force, of the same marks
 *     bit 6     the journal may hold a record of the path
 *     above     the sequence number of the last mark
 * @module
 */
import { Reach } from "./mark.js";

const SHIFT = 128;
const FORCE = 4;
const FRESH_SHIFT = 8;
const STORED = 64;

export function packEntry(sequence: number, reach: Reach, force: boolean): number {
  const bits = reach + (force ? FORCE : 0);
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
  const added = (mark % SHIFT) & 7;
  const fresh = wasTaken ? added : joined((old / FRESH_SHIFT) & 7, added);
  const bits = joined(old & 7, added) + fresh * FRESH_SHIFT + (old & STORED);
  return sequenceOf(mark) * SHIFT + bits;
}

/** The entry after what was asked for before the last take has been done. */
export function onlyFresh(entry: number): number {
  const old = entry % SHIFT;
  const fresh = (old / FRESH_SHIFT) & 7;
  return entry - old + fresh * (1 + FRESH_SHIFT) + (old & STORED);
}

/** Two pairs of reach and force in one. */
function joined(one: number, other: number): number {
  return Math.max(one & 3, other & 3) + ((one | other) & FORCE);
}

function toReach(bits: number): Reach {
  const reach = bits & 3;
  return reach === 0 ? Reach.Item : reach === 1 ? Reach.Tree : Reach.Reconcile;
}
