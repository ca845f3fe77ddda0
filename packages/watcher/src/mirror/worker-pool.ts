/**
 * How many pushes may run at the same time over all targets, and who comes next.
 * @module
 */

interface Waiting {
  isFailing: boolean;
  start: () => void;
}

/** A limit that is shared fairly: who keeps failing comes after who does not. */
export class WorkerPool {
  #free: number;
  readonly #waiting: Waiting[] = [];

  /** @param workers at least 1 */
  constructor(workers: number) {
    this.#free = workers;
  }

  /**
   * Resolves when there is a worker. Nothing is awaited when one is free: the first change is pushed in the turn of the loop in
   * which it was seen.
   * @param signal ends the wait: there is no worker then, and nothing to be done with one
   * @returns gives the worker back; to be called once
   */
  acquire(isFailing: boolean, signal: AbortSignal): Promise<() => void> | (() => void) {
    if (signal.aborted) return () => {};
    if (this.#free > 0) {
      this.#free--;
      return this.#release;
    }
    return new Promise((resolve) => {
      const waiting: Waiting = {
        isFailing,
        start: () => {
          signal.removeEventListener("abort", giveUp);
          resolve(this.#release);
        },
      };
      const giveUp = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        resolve(() => {});
      };
      signal.addEventListener("abort", giveUp, { once: true });
      this.#waiting.push(waiting);
    });
  }

  /** More or fewer workers from now on; who has one keeps it. */
  resize(by: number): void {
    this.#free += by;
    while (this.#free > 0 && this.#waiting.length > 0) {
      this.#free--;
      this.#next()?.start();
    }
  }

  readonly #release = (): void => {
    if (this.#free < 0 || this.#waiting.length === 0) this.#free++;
    else this.#next()?.start();
  };

  #next(): Waiting | undefined {
    const healthy = this.#waiting.findIndex(({ isFailing }) => !isFailing);
    return this.#waiting.splice(Math.max(0, healthy), 1)[0];
  }
}
