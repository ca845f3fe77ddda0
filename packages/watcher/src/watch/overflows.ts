/**
 * Events that were lost, each shard's for itself.
 * @module
 */
import { type Moment, thisMoment } from "../inotify/reader-messages.js";
import { Overflow } from "./overflow.js";

export interface OverflowsContext {
  /** Walks a shard; `boundNs`: everything that changed earlier was told. Resolves when it is done or not worth going on with. */
  rescan(shard: number, boundNs: bigint): Promise<void>;
  /** Ends the walk of a shard. */
  cancel(shard: number): void;
  warn(text: string): void;
}

export class Overflows {
  readonly #context: OverflowsContext;
  /** Since the start. */
  count = 0;
  readonly #shards: Overflow[] = [];
  /** When the queue of a shard was last known to be empty. */
  readonly #empty: Moment[] = [];
  readonly #started: Moment = thisMoment();

  constructor(context: OverflowsContext) {
    this.#context = context;
  }

  /** No event of a shard that happened before a moment is missing. */
  wasEmpty(shard: number, moment: Moment): void {
    this.#empty[shard] = moment;
  }

  /** Events of a shard were lost. */
  hit(shard: number): void {
    this.count++;
    this.#of(shard).hit(this.#empty[shard] ?? this.#started);
  }

  /** Resolves when what was lost has been found, without waiting for quieter times. */
  async settled(): Promise<void> {
    await Promise.all(this.#shards.map((one) => one.settled()));
  }

  close(): void {
    for (const one of this.#shards) one.close();
  }

  #of(shard: number): Overflow {
    while (this.#shards.length <= shard) {
      const next = this.#shards.length;
      this.#shards.push(
        new Overflow({
          rescan: (boundNs) => this.#context.rescan(next, boundNs),
          cancel: () => this.#context.cancel(next),
          warn: (text) => this.#context.warn(text),
        }),
      );
    }
    return this.#shards[shard]!;
  }
}
