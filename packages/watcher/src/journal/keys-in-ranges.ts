/**
 * Looks for keys in many ranges, most of which have none: what lies below names that are gone.
 * @module
 */
import type { KeyRange } from "./level-store.js";

/** What is asked of an iterator over keys in their order. */
export interface KeyIterator {
  /** Goes to the first key that is not less. */
  seek(target: Buffer): void;
  /** Some of the next keys, at most so many; none at the end only. */
  nextv(size: number): Promise<Buffer[]>;
}

/** Keys read at once: few where ranges are far from each other, many where one follows the other. */
const CHUNK = { least: 16, most: 1000 };
/** Going to another place costs as much as reading so many keys. */
const SEEK_COST = 64;

/** The keys in `ranges`, which are in order and have nothing in common. */
export async function keysInRanges(
  iterator: KeyIterator,
  ranges: readonly KeyRange[],
): Promise<Buffer[]> {
  const found: Buffer[] = [];
  let size = CHUNK.least;
  let last: Buffer | null = null;
  for (let index = 0; index < ranges.length; ) {
    const { from } = ranges[index]!;
    if (last === null || from.compare(last) > 0) iterator.seek(from);
    const keys: Buffer[] = await iterator.nextv(size);
    const before = index;
    for (const key of keys) {
      while (index < ranges.length && ranges[index]!.to.compare(key) <= 0) index++;
      if (index === ranges.length) break;
      if (ranges[index]!.from.compare(key) <= 0) found.push(key);
    }
    last = keys.at(-1) ?? null;
    if (last === null) break;
    const next = ranges[index];
    const isInside = next !== undefined && next.from.compare(last) <= 0;
    const isDense = isInside || (index - before) * SEEK_COST > keys.length;
    size = isDense ? Math.min(size * 2, CHUNK.most) : CHUNK.least;
  }
  return found;
}
