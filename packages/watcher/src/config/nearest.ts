/**
 * The name that somebody may have meant.
 * @module
 */

/** The candidate with the smallest edit distance to `name`, or null when none is near. Case counts half a step. */
export function nearestName(name: string, candidates: Iterable<string>): string | null {
  // A name that is far too long can not be a slip of the fingers.
  if (name.length > 64) return null;
  let best: string | null = null;
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 0.5;
  for (const candidate of candidates) {
    const distance = editDistance(name, candidate);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Steps of inserting, dropping, replacing or swapping neighbours. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) row.push(stepTo(rows, row, a, b, i, j));
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}

function stepTo(
  rows: number[][],
  row: number[],
  a: string,
  b: string,
  i: number,
  j: number,
): number {
  const above = rows[i - 1]!;
  let best = Math.min(
    above[j]! + 1,
    row[j - 1]! + 1,
    above[j - 1]! + replaceCost(a[i - 1]!, b[j - 1]!),
  );
  const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
  if (isSwap) best = Math.min(best, rows[i - 2]![j - 2]! + 1);
  return best;
}

function replaceCost(x: string, y: string): number {
  if (x === y) return 0;
  return x.toLowerCase() === y.toLowerCase() ? 0.5 : 1;
}
