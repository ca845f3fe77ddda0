/**
 * When the next push to a target may start: at once when nothing happened lately, in larger batches while much happens
 * (spec 6, 3.3 and 6.3).
 * @module
 */

/** Milliseconds. */
export interface PaceSettings {
  /** Silence that is waited for. */
  quiet: number;
  /** Longest time between the starts of two pushes under load. */
  maxGap: number;
  /** Nothing is held longer than this for the sake of silence. */
  maxWait: number;
}

/**
 * Gap per path and second. Directories count, too: 100 new files per second are some 190 paths, and a push every 36 ms; that costs
 * a good quarter of the connections of one push per change, and still brings half of the changes within 30 ms.
 */
const GAP_PER_RATE = 0.19;
/** Over how long the rate is taken, in milliseconds. */
const MEMORY = 1000;
/** A push so soon after another one is not the last. */
const BUSY_WITHIN = 2000;

/** One target's pace. All times are in milliseconds of a clock that never goes back. */
export class Pace {
  readonly #settings: PaceSettings;
  #lastStart = Number.NEGATIVE_INFINITY;
  /** Paths pushed lately, older ones counting less and less. */
  #recent = 0;

  constructor(settings: PaceSettings) {
    this.#settings = settings;
  }

  /** A push with so many paths starts. */
  started(paths: number, now: number): void {
    this.#recent = this.#recentAt(now) + paths;
    this.#lastStart = now;
  }

  /** How long the next push waits, given the ages of the oldest and of the newest mark that waits for it. */
  wait(oldestAge: number, newestAge: number, now: number): number {
    const { quiet, maxWait } = this.#settings;
    const silence = quiet === 0 ? 0 : Math.min(quiet - newestAge, maxWait - oldestAge);
    return Math.max(silence, this.gapLeft(now));
  }

  /** What is left of the pause after the last push. */
  gapLeft(now: number): number {
    const rate = this.#recentAt(now) / (MEMORY / 1000);
    const gap = Math.min(this.#settings.maxGap, rate * GAP_PER_RATE);
    return Math.max(0, this.#lastStart + gap - now);
  }

  /** So much happens that the next push should find its connection ready. */
  isBusy(now: number): boolean {
    return now - this.#lastStart < BUSY_WITHIN;
  }

  #recentAt(now: number): number {
    return this.#recent === 0 ? 0 : this.#recent * Math.exp((this.#lastStart - now) / MEMORY);
  }
}
