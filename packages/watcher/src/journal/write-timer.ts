/**
 * When the journal is written next.
 * @module
 */

/** The shortest time between two writings that nobody waits for. */
const GAP_MS = 100;

/** Runs `write` once after it was set. */
export class WriteTimer {
  readonly #write: () => void;
  #timer: NodeJS.Timeout | null = null;
  /** What was to be waited for when the timer was set. */
  #wait = 0;
  #lastWrite = Number.NEGATIVE_INFINITY;

  constructor(write: () => void) {
    this.#write = write;
  }

  /** Writes in so many milliseconds, or sooner when that was wanted before. */
  atMost(wait: number): void {
    if (this.#timer === null || this.#wait > wait) this.set(wait);
  }

  /** Writes in so many milliseconds, whatever was wanted before. */
  set(wait: number): void {
    this.clear();
    this.#wait = wait;
    const gap = this.#lastWrite + GAP_MS - performance.now();
    this.#timer = setTimeout(this.#due, Math.max(wait, gap));
  }

  clear(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** All that was wanted is written now. */
  begins(): void {
    this.clear();
    this.#lastWrite = performance.now();
  }

  readonly #due = (): void => {
    this.#timer = null;
    this.#write();
  };
}
