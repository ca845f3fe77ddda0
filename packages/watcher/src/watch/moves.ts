/**
 * Pairs the two halves of a rename, which the kernel tells one after the other, with one cookie (spec 6, 3.2).
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { OpenFile } from "./open-files.js";

/** How long a first half waits for the second one. Who has none has left the root. */
const PARTNER_MS = 50;

/** The first half of a rename. */
export interface Departure {
  cookie: number;
  /** The directory that moved, detached from its place; -1 for a file and for a directory that was not watched. */
  node: number;
  isDirectory: boolean;
  parent: number;
  name: ByteString;
  /** As it was called then. */
  path: ByteString;
  openFile: OpenFile | undefined;
  dueMs: number;
}

/** First halves that wait. */
export class Moves {
  readonly #waiting = new Map<number, Departure>();
  readonly #gone: (departure: Departure) => void;
  readonly #told: () => void;
  #timer: NodeJS.Timeout | undefined;

  /** `gone` is given what has no second half, then `told` is called. */
  constructor(gone: (departure: Departure) => void, told: () => void) {
    this.#gone = gone;
    this.#told = told;
  }

  wait(departure: Omit<Departure, "dueMs">): void {
    const earlier = this.#waiting.get(departure.cookie);
    if (earlier !== undefined) this.#end(earlier);
    const dueMs = performance.now() + PARTNER_MS;
    this.#waiting.set(departure.cookie, { ...departure, dueMs });
    this.#timer ??= setTimeout(() => this.#expire(), PARTNER_MS);
  }

  /** The first half with this cookie, which waits no longer. */
  take(cookie: number): Departure | undefined {
    const departure = this.#waiting.get(cookie);
    this.#waiting.delete(cookie);
    return departure;
  }

  /** A directory is forgotten. */
  dropped(node: number): void {
    for (const departure of this.#waiting.values()) {
      if (departure.node === node) departure.node = -1;
      if (departure.parent === node) departure.parent = -1;
    }
  }

  /** All second halves that there will ever be have come. */
  endAll(): void {
    for (const departure of [...this.#waiting.values()]) this.#end(departure);
    this.#told();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#waiting.clear();
  }

  #expire(): void {
    this.#timer = undefined;
    const now = performance.now();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const departure of [...this.#waiting.values()]) {
      if (departure.dueMs <= now) this.#end(departure);
      else nextMs = Math.min(nextMs, departure.dueMs);
    }
    this.#told();
    if (nextMs < Number.POSITIVE_INFINITY) {
      this.#timer = setTimeout(() => this.#expire(), Math.max(1, nextMs - now));
    }
  }

  #end(departure: Departure): void {
    this.#waiting.delete(departure.cookie);
    this.#gone(departure);
  }
}
