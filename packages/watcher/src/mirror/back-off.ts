/**
 * How long a target that fails is left alone (spec 6, 4.5).
 * @module
 */

/** Milliseconds and factors, as `retry` of the configuration has them. */
export interface BackOffSettings {
  /** Before the first new attempt. */
  first: number;
  /** Before the second one; each further one waits `factor` times as long, at most `max`. */
  min: number;
  max: number;
  factor: number;
  /** Part of the wait by which it is made longer or shorter at random, so that targets do not come back all at once. */
  jitter: number;
}

/** Counts the failures in a row of one target. */
export class BackOff {
  readonly #settings: BackOffSettings;
  readonly #random: () => number;
  #failures = 0;

  constructor(settings: BackOffSettings, random: () => number = Math.random) {
    this.#settings = settings;
    this.#random = random;
  }

  /** Failures since the last success. */
  get failures(): number {
    return this.#failures;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  /** Another failure: milliseconds until the next attempt. */
  failed(): number {
    this.#failures++;
    const { first, min, max, factor } = this.#settings;
    if (this.#failures === 1) return first;
    // The exponent is bounded: a target that is away for weeks must not turn the wait into Infinity times zero.
    const wait = Math.min(max, min * factor ** Math.min(this.#failures - 2, 60));
    return this.#spread(wait);
  }

  /** A failure that does not get better by waiting longer: refused, full. */
  failedForLong(): number {
    this.#failures++;
    return this.#spread(this.#settings.max);
  }

  /** All connections of the daemon are taken: soon, but not all at the same moment. */
  failedForNow(): number {
    this.#failures++;
    return this.#settings.min * (0.5 + this.#random());
  }

  #spread(wait: number): number {
    return wait * (1 + this.#settings.jitter * (2 * this.#random() - 1));
  }
}
