/**
 * Keeps the two halves of a rename in order when they come by two instances, which are read at different times (spec 6, 3.1).
 *
 * The kernel queues the first half before the second one. So a second half that is met alone waits until the first one has been
 * taken, when that is in a batch already, or until all queues have been read once more: who has no first half then came from
 * outside. Nobody waits for ever: of all second halves that wait, the first half of the oldest one is not behind any of the others.
 * @module
 */
import { visitRenames } from "../inotify/events.js";
import { IN_MOVED_FROM } from "../inotify/flags.js";

/** A second half whose first half is not in the same batch. */
export interface Crossing {
  /** The byte that its event begins at. */
  at: number;
  cookie: number;
}

/** Counts by cookie: when a directory is known in two shards for a while, both tell the same rename. */
class Cookies {
  readonly #counts = new Map<number, number>();

  has(cookie: number): boolean {
    return this.#counts.has(cookie);
  }

  add(cookie: number): void {
    this.#counts.set(cookie, (this.#counts.get(cookie) ?? 0) + 1);
  }

  remove(cookie: number): void {
    const count = this.#counts.get(cookie);
    if (count === undefined) return;
    if (count > 1) this.#counts.set(cookie, count - 1);
    else this.#counts.delete(cookie);
  }

  clear(): void {
    this.#counts.clear();
  }
}

export class MoveOrder {
  /** First halves in batches that have not been taken. */
  readonly #departures = new Cookies();
  /** Second halves, without those whose first half is in the same batch. */
  readonly #arrivals = new Cookies();

  /** A batch is there, of which the bytes from `start` on have not been taken. Returns where in it somebody may have to wait. */
  queued(bytes: Uint8Array, start: number): Crossing[] {
    const here = new Set<number>();
    const crossings: Crossing[] = [];
    visitRenames(bytes, start, (at, mask, cookie) => {
      if (mask & IN_MOVED_FROM) {
        here.add(cookie);
        this.#departures.add(cookie);
      } else if (!here.has(cookie)) {
        crossings.push({ at, cookie });
        this.#arrivals.add(cookie);
      }
    });
    return crossings;
  }

  /** A first half has been taken. */
  departed(cookie: number): void {
    this.#departures.remove(cookie);
  }

  /** A second half is taken now. */
  arrived(cookie: number): void {
    this.#arrivals.remove(cookie);
  }

  /** Whether the first half of a rename is in a batch that has not been taken. */
  isDeparting(cookie: number): boolean {
    return this.#departures.has(cookie);
  }

  /** Whether the second half is. */
  isArriving(cookie: number): boolean {
    return this.#arrivals.has(cookie);
  }

  clear(): void {
    this.#departures.clear();
    this.#arrivals.clear();
  }
}
