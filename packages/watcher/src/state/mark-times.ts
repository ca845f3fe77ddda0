/**
 * When marks were made, as coarse as memory allows: the lag of a target is the age of its oldest mark.
 * @module
 */

/** More points than this are thinned out: then they lie twice as far apart. */
const MAX_POINTS = 2048;
const FIRST_GRAIN_MS = 5;

/** Remembers the moments of growing sequence numbers. */
export class MarkTimes {
  #sequences: number[] = [];
  #moments: number[] = [];
  #grainMs = FIRST_GRAIN_MS;

  /** Notes that `sequence` was given out at `moment` (ms). Numbers come in order. */
  note(sequence: number, moment: number): void {
    const last = this.#moments.at(-1);
    if (last !== undefined && moment - last < this.#grainMs) return;
    this.#sequences.push(sequence);
    this.#moments.push(moment);
    if (this.#sequences.length > MAX_POINTS) this.#thin();
  }

  /** About when `sequence` was given out, never later than it was; `null` when that is not known. */
  momentOf(sequence: number): number | null {
    let low = 0;
    let high = this.#sequences.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#sequences[middle]! <= sequence) low = middle + 1;
      else high = middle;
    }
    return this.#moments[low - 1] ?? this.#moments[0] ?? null;
  }

  #thin(): void {
    this.#grainMs *= 2;
    const isKept = (_: number, index: number) => index % 2 === 0;
    this.#sequences = this.#sequences.filter(isKept);
    this.#moments = this.#moments.filter(isKept);
  }
}
