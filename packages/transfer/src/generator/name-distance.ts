/**
 * How much two file names differ (spec 3-transfer, 3.10).
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";

/** One inserted, deleted or replaced byte; what lies below it says which byte it was. */
const STEP = 65536;

/** Names further apart than this have nothing to do with each other. */
export const MAX_NAME_DISTANCE: number = 25 * STEP;

const SUFFIX_WEIGHT = 10;

/** The distance of two names, suffixes counted again and more; `Infinity` when it is above `limit`. */
export function nameDistance(a: ByteString, b: ByteString, limit: number): number {
  const names = editDistance(a, b, limit);
  if (names > limit) return Infinity;
  const suffixes = editDistance(suffixOf(a), suffixOf(b), Infinity);
  const distance = names + SUFFIX_WEIGHT * suffixes;
  return distance > limit ? Infinity : distance;
}

/** The least cost of turning one string into the other; `Infinity` when the lengths alone tell that it is above `limit`. */
export function editDistance(a: ByteString, b: ByteString, limit: number): number {
  if (Math.abs(a.length - b.length) * STEP > limit) return Infinity;
  if (a === "") return costOfAll(b);
  if (b === "") return costOfAll(a);
  // The costs of turning each start of `a` into the start of `b` that ends here.
  let above = new Float64Array(a.length + 1);
  let row = new Float64Array(a.length + 1);
  for (let i = 0; i < a.length; i++) above[i + 1] = above[i]! + STEP + a.charCodeAt(i);
  for (let j = 0; j < b.length; j++) {
    const to = b.charCodeAt(j);
    row[0] = above[0]! + STEP + to;
    for (let i = 0; i < a.length; i++) {
      const from = a.charCodeAt(i);
      const replace = above[i]! + (from === to ? 0 : STEP + Math.abs(from - to));
      row[i + 1] = Math.min(replace, above[i + 1]! + STEP + to, row[i]! + STEP + from);
    }
    [above, row] = [row, above];
  }
  return above[a.length]!;
}

function costOfAll(text: ByteString): number {
  let cost = 0;
  for (let i = 0; i < text.length; i++) cost += STEP + text.charCodeAt(i);
  return cost;
}

/** Suffixes that say that a file is an older one, not what it is. */
const OF_COPIES = /^\.(?:bak|old|orig|~\d.*)$/;

/** The suffix that tells the kind of a file, with its dot; empty when there is none. */
export function suffixOf(name: ByteString): ByteString {
  let rest = name.replace(/^\.+/, "").replace(/~$/, "");
  let digits = "";
  for (let dot = rest.lastIndexOf("."); dot > 0; dot = rest.lastIndexOf(".")) {
    const suffix = rest.slice(dot);
    rest = rest.slice(0, dot);
    if (OF_COPIES.test(suffix)) continue;
    if (!/^\.\d+$/.test(suffix)) return suffix;
    digits ||= suffix;
  }
  return digits;
}
