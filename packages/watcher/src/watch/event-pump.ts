/**
 * Takes what the reader hands over, in slices that leave the loop free in between.
 * @module
 */
import { type EventVisitor, visitEvents } from "../inotify/events.js";
import type { ReaderBatch } from "../inotify/reader-messages.js";
import { SLICE_MS } from "./walk-queue.js";

export interface PumpTarget {
  event: EventVisitor;
  /** Called before the events of a batch. */
  batch(batch: ReaderBatch): void;
  /** Called after each slice. */
  settle(): void;
}

export class EventPump {
  readonly #target: PumpTarget;
  readonly #batches: ReaderBatch[] = [];
  /** Bytes of the first batch that have been taken. */
  #at = 0;
  #next: NodeJS.Immediate | undefined;
  #idle: (() => void)[] = [];

  constructor(target: PumpTarget) {
    this.#target = target;
  }

  push(batch: ReaderBatch): void {
    this.#batches.push(batch);
    if (this.#batches.length === 1) this.#slice();
  }

  /** Resolves when everything that was pushed has been taken. */
  idle(): Promise<void> {
    if (this.#batches.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Gives up what has not been taken. */
  clear(): void {
    this.#batches.length = 0;
    clearImmediate(this.#next);
    this.#becomeIdle();
  }

  #slice(): void {
    const deadline = performance.now() + SLICE_MS;
    const mayGoOn = (): boolean => performance.now() < deadline;
    do {
      const batch = this.#batches[0]!;
      if (this.#at === 0) this.#target.batch(batch);
      this.#at = visitEvents(batch.bytes, this.#at, this.#target.event, mayGoOn);
      if (this.#at < batch.bytes.length) break;
      this.#at = 0;
      this.#batches.shift();
    } while (this.#batches.length > 0 && mayGoOn());
    this.#target.settle();
    if (this.#batches.length > 0) this.#next = setImmediate(() => this.#slice());
    else this.#becomeIdle();
  }

  #becomeIdle(): void {
    this.#at = 0;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
