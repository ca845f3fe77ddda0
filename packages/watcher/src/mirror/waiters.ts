/**
 * Who waits until a target has everything up to a mark.
 * @module
 */
import type { DirtyMap } from "../state/dirty-map.js";

interface Waiter {
  sequence: number;
  resolve: () => void;
}

/** Those who wait for one target. */
export class Waiters {
  readonly #dirty: DirtyMap;
  #waiting: Waiter[] = [];

  constructor(dirty: DirtyMap) {
    this.#dirty = dirty;
  }

  /** Resolves when no mark up to `sequence` is pending, or when the signal aborts or all is closed: look what is the case. */
  wait(sequence: number, signal?: AbortSignal): Promise<void> {
    if (!this.#dirty.isPending(sequence)) return Promise.resolve();
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
      if (this.#dirty.isPending(sequence)) return true;
      resolve();
      return false;
    });
  }

  close(): void {
    for (const { resolve } of this.#waiting) resolve();
    this.#waiting = [];
  }
}
