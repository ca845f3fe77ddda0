/**
 * Holds deletions back when there are suddenly very many of them (spec 6, 4.6): what was deleted by mistake at the source, or is
 * gone because a disk is, must not be gone everywhere a moment later.
 * @module
 */

/** Deletions are counted over this time, in milliseconds. */
const WINDOW = 60_000;
/** A part of the whole counts from this many deletions on: a third of a dozen files is an ordinary morning. */
const SMALLEST_PART = 100;

/** When so many deletions are too many. */
export interface DeleteLimits {
  maxFiles: number;
  /** Of all entries of the root, in percent. */
  maxPercent: number;
}

/** The deletions of one target. Times are in milliseconds of a clock that never goes back. */
export class DeleteGuard {
  readonly #limits: DeleteLimits;
  #since = Number.NEGATIVE_INFINITY;
  #count = 0;
  #isReleased = false;

  constructor(limits: DeleteLimits) {
    this.#limits = limits;
  }

  /**
   * Whether `count` further deletions may happen now.
   * @param entries how many entries the root had, 0 when that is not known
   */
  allows(count: number, entries: number, now: number): boolean {
    return count === 0 || this.#isReleased || !this.#isTooMany(this.#countAt(now) + count, entries);
  }

  /** So many deletions did happen. */
  happened(count: number, now: number): void {
    if (count === 0) return;
    this.#count = this.#countAt(now) + count;
    if (this.#count === count) this.#since = now;
  }

  /** Whether everything goes through now. */
  get isReleased(): boolean {
    return this.#isReleased;
  }

  /** Lets everything through that is held back now; the next mass deletion is held back again. */
  release(): void {
    this.#isReleased = true;
  }

  /** What had been held back went through, or is there again. */
  settled(): void {
    if (this.#isReleased) this.#count = 0;
    this.#isReleased = false;
  }

  #countAt(now: number): number {
    return now - this.#since > WINDOW ? 0 : this.#count;
  }

  #isTooMany(total: number, entries: number): boolean {
    const { maxFiles, maxPercent } = this.#limits;
    if (total > maxFiles) return true;
    return (
      maxPercent < 100 && entries > 0 && total > SMALLEST_PART && total * 100 > maxPercent * entries
    );
  }
}
