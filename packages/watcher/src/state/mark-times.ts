/**
 * When marks were made: of late ones to the millisecond, of older ones as coarse as memory allows. The lag of a target is the age
 * of its oldest mark.
 * @module
 */

/** When there are more points than this, every second one of the older half goes. */
const MAX_POINTS = 2048;
const GRAIN_MS = 1;

/** Remembers the moments of growing sequence numbers. */
export class MarkTimes {
  #sequences: number[] = [];
  #moments: number[] = [];

  /** Notes that `sequence` was given out at `moment` (ms). Numbers come in order. */
  note(sequence: number, moment: number): void {
    const last = this.#moments.at(-1);
    if (last !== undefined && moment - last < GRAIN_MS) return;
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
    const older = this.#moments.length / 2;
    const isKept = (_: number, index: number) => index >= older || index % 2 === 0;
    this.#sequences = this.#sequences.filter(isKept);
    this.#moments = this.#moments.filter(isKept);
  }
}
