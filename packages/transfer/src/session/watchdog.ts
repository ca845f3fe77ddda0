/**
 * Time limits that are hardly ever reached. A timer of Node costs as much as many steps of a short session, mostly to be taken back
 * unused; here nothing is taken back, but the one timer that there is finds nothing to do when it runs out, or less than was thought.
 * @module
 */

/** Limits end together that end so close to each other: who has very many is not woken for each. */
const GRAIN_MS = 100;

/** What is to happen, unless it is stopped before. */
export interface Watch {
  readonly atMs: number;
  readonly due: () => void;
}

/** Any number of limits, which do not keep the process running. */
export class Watchdog {
  readonly #watches = new Set<Watch>();
  #timer: NodeJS.Timeout | null = null;
  #wakesAtMs = 0;

  /** Calls `due` in so many milliseconds, or up to a tenth of a second later. */
  start(ms: number, due: () => void): Watch {
    const atMs = Math.ceil((performance.now() + ms) / GRAIN_MS) * GRAIN_MS;
    const watch = { atMs, due };
    this.#watches.add(watch);
    this.#wakeBy(watch.atMs);
    return watch;
  }

  stop(watch: Watch): void {
    this.#watches.delete(watch);
  }

  #wakeBy(atMs: number): void {
    if (this.#timer !== null) {
      if (this.#wakesAtMs <= atMs) return;
      clearTimeout(this.#timer);
    }
    this.#wakesAtMs = atMs;
    this.#timer = setTimeout(this.#wake, Math.max(0, atMs - performance.now())).unref();
  }

  readonly #wake = (): void => {
    this.#timer = null;
    // Timers of Node may come a little early.
    const now = performance.now() + 1;
    let next = Number.POSITIVE_INFINITY;
    for (const watch of [...this.#watches]) {
      if (watch.atMs > now) next = Math.min(next, watch.atMs);
      else if (this.#watches.delete(watch)) watch.due();
    }
    if (next < Number.POSITIVE_INFINITY) this.#wakeBy(next);
  };
}
