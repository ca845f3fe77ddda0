/**
 * Who waits until a target has everything up to a mark.
 * @module
 */
interface Waiter {
  sequence: number;
  resolve: () => void;
}

/** Those who wait for one target. */
export class Waiters {
  readonly #isOpen: (sequence: number) => boolean;
  #waiting: Waiter[] = [];

  /** @param isOpen whether there is still something to wait for up to a mark */
  constructor(isOpen: (sequence: number) => boolean) {
    this.#isOpen = isOpen;
  }

  /** Somebody waits. */
  get isAwaited(): boolean {
    return this.#waiting.length > 0;
  }

  /** Resolves when there is nothing to wait for up to `sequence`, or when the signal aborts or all is closed: look what is the case. */
  wait(sequence: number, signal?: AbortSignal): Promise<void> {
    if (!this.#isOpen(sequence)) return Promise.resolve();
    return new Promise((resolve) => {
      const waiter: Waiter = { sequence, resolve };
      this.#waiting.push(waiter);
      signal?.addEventListener(
        "abort",
        () => {
          this.#waiting = this.#waiting.filter((each) => each !== waiter);
          resolve();
        },
        { once: true },
      );
    });
  }

  /** Marks were settled. */
  check(): void {
    if (this.#waiting.length === 0) return;
    this.#waiting = this.#waiting.filter(({ sequence, resolve }) => {
      if (this.#isOpen(sequence)) return true;
      resolve();
      return false;
    });
  }

  close(): void {
    for (const { resolve } of this.#waiting) resolve();
    this.#waiting = [];
  }
}
