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
  /** Of the directory that was left. */
  shard: number;
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

export interface MovesOwner {
  /** Something has no second half. */
  gone(departure: Departure): void;
  /** Comes after one call of `gone` or more. */
  told(): void;
  /** Whether the second half has come, but is still to be taken. */
  isArriving(cookie: number): boolean;
  /** How much later than the first half the second one may be read, in milliseconds. */
  restMs(): number;
}

/** First halves that wait. */
export class Moves {
  /** More than one with the same cookie: the directory in which something moved is known in two shards for a while. */
  readonly #waiting = new Map<number, Departure[]>();
  readonly #owner: MovesOwner;
  #timer: NodeJS.Timeout | undefined;

  constructor(owner: MovesOwner) {
    this.#owner = owner;
  }

  wait(departure: Omit<Departure, "dueMs">): void {
    const known = this.#waiting.get(departure.cookie) ?? [];
    const earlier = known.find(({ shard }) => shard === departure.shard);
    if (earlier !== undefined) this.#end(earlier);
    const waitMs = PARTNER_MS + this.#owner.restMs();
    const dueMs = performance.now() + waitMs;
    const others = known.filter((one) => one !== earlier);
    this.#waiting.set(departure.cookie, [...others, { ...departure, dueMs }]);
    this.#timer ??= setTimeout(() => this.#expire(), waitMs);
  }

  isAwaited(cookie: number): boolean {
    return this.#waiting.has(cookie);
  }

  /** The first half with this cookie, which waits no longer. The one of the same shard if there are two. */
  take(cookie: number, shard: number): Departure | undefined {
    const known = this.#waiting.get(cookie);
    if (known === undefined) return undefined;
    const departure = known.find((one) => one.shard === shard) ?? known[0]!;
    this.#remove(departure);
    return departure;
  }

  /** A directory is forgotten. */
  dropped(node: number): void {
    for (const departure of this.#all()) {
      if (departure.node === node) departure.node = -1;
      if (departure.parent === node) departure.parent = -1;
    }
  }

  /** All second halves that there will ever be have come. */
  endAll(): void {
    for (const departure of this.#all()) this.#end(departure);
    this.#owner.told();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#waiting.clear();
  }

  #all(): Departure[] {
    return this.#waiting.size === 0 ? [] : [...this.#waiting.values()].flat();
  }

  #expire(): void {
    this.#timer = undefined;
    const now = performance.now();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const departure of this.#all()) {
      const isDue = departure.dueMs <= now;
      if (isDue && this.#owner.isArriving(departure.cookie)) departure.dueMs = now + PARTNER_MS;
      if (departure.dueMs <= now) this.#end(departure);
      else nextMs = Math.min(nextMs, departure.dueMs);
    }
    this.#owner.told();
    if (nextMs < Number.POSITIVE_INFINITY) {
      this.#timer = setTimeout(() => this.#expire(), Math.max(1, nextMs - now));
    }
  }

  #end(departure: Departure): void {
    this.#remove(departure);
    this.#owner.gone(departure);
  }

  #remove(departure: Departure): void {
    const left = this.#waiting.get(departure.cookie)?.filter((one) => one !== departure) ?? [];
    if (left.length === 0) this.#waiting.delete(departure.cookie);
    else this.#waiting.set(departure.cookie, left);
  }
}
