/**
 * The start of a loop, arranged for now or later.
 * @module
 */
import { LONGEST_TIMER } from "../config/units.js";

/** At most one start is arranged at a time. */
export class LoopStart {
  readonly #start: () => void;
  /** Takes back the start that is arranged, if one is. */
  #cancel: (() => void) | null = null;

  constructor(start: () => void) {
    this.#start = start;
  }

  get isArranged(): boolean {
    return this.#cancel !== null;
  }

  /** Starts after so many milliseconds, or at the end of this turn. */
  arrange(wait: number): void {
    const start = () => {
      this.#cancel = null;
      this.#start();
    };
    this.cancel();
    if (wait > 0) {
      // A loop that starts too early finds that out.
      const timer = setTimeout(start, Math.min(wait, LONGEST_TIMER));
      this.#cancel = () => clearTimeout(timer);
    } else {
      // Events come gathered: what belongs together has been marked when this turn of the loop ends.
      const next = setImmediate(start);
      this.#cancel = () => clearImmediate(next);
    }
  }

  cancel(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}
