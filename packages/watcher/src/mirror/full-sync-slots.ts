/**
 * How many full syncs run at the same time over the whole mirror: each reads a whole tree and keeps a target busy (spec 6, 2.1).
 * @module
 */

interface Waiting {
  readonly limit: number;
  readonly start: () => void;
}

/** The places for full syncs, given out in the order of asking. */
export class FullSyncSlots {
  #running = 0;
  #waiting: Waiting[] = [];

  /**
   * Resolves when fewer than `limit` full syncs run (`fullSync.parallel` of the target that asks).
   * @returns gives the place back; more than one call does no harm
   * @throws the signal's reason
   */
  acquire(limit: number, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        limit,
        start: () => {
          signal.removeEventListener("abort", give);
          resolve(this.#take());
        },
      };
      const give = () => {
        this.#waiting = this.#waiting.filter((each) => each !== waiting);
        reject(signal.reason as Error);
      };
      signal.addEventListener("abort", give, { once: true });
      this.#waiting.push(waiting);
      this.#startNext();
    });
  }

  #take(): () => void {
    this.#running++;
    let isTaken = true;
    return () => {
      if (!isTaken) return;
      isTaken = false;
      this.#running--;
      this.#startNext();
    };
  }

  #startNext(): void {
    for (;;) {
      const index = this.#waiting.findIndex(({ limit }) => limit > this.#running);
      if (index < 0) return;
      this.#waiting.splice(index, 1)[0]!.start();
    }
  }
}
