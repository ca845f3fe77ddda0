/**
 * Takes what the reader hands over, in slices that leave the loop free in between. The events of one shard are taken in their order,
 * those of different shards as they come, except that nothing arrives before it left.
 * @module
 */
import { type EventVisitor, visitEvents } from "../inotify/events.js";
import { IN_MOVED_FROM } from "../inotify/flags.js";
import type { ReaderBatch } from "../inotify/reader-messages.js";
import { type Crossing, MoveOrder } from "./move-order.js";
import { SLICE_MS } from "./walk-queue.js";

export interface PumpTarget {
  event(shard: number, watch: number, mask: number, cookie: number, name: string): void;
  /** Called before the events of a batch. */
  batch(shard: number, batch: ReaderBatch): void;
  /** Called after each slice. */
  settle(): void;
  /** Whether the first half of a rename was taken and waits for the second one. */
  isAwaited(cookie: number): boolean;
  /** Resolves when everything that is queued in the kernel has been pushed. */
  drain(): Promise<void>;
}

interface Queued {
  shard: number;
  batch: ReaderBatch;
  /** Bytes that have been taken. */
  at: number;
  /** Where it may have to wait, as far as it has not been there. */
  crossings: Crossing[];
  /** Counts up from batch to batch. */
  number: number;
}

export class EventPump {
  readonly #target: PumpTarget;
  readonly #order = new MoveOrder();
  readonly #queue: Queued[] = [];
  readonly #visit: EventVisitor;
  #isSplit = false;
  /** All that is in the queue has been looked through for renames. */
  #isOrdered = false;
  /** Whose events are taken now. */
  #shard = 0;
  #pushed = 0;
  /** The kernel's queues have been emptied since this batch was pushed. */
  #drained = 0;
  #draining = false;
  #next: NodeJS.Immediate | undefined;
  #idle: (() => void)[] = [];

  constructor(target: PumpTarget) {
    this.#target = target;
    this.#visit = (watch, mask, cookie, name) => {
      if (mask & IN_MOVED_FROM) this.#order.departed(cookie);
      target.event(this.#shard, watch, mask, cookie, name);
    };
  }

  /** There is more than one shard from now on. */
  split(): void {
    this.#isSplit = true;
  }

  push(shard: number, batch: ReaderBatch): void {
    if (this.#isSplit && !this.#isOrdered) this.#orderAll();
    const crossings = this.#isSplit ? this.#order.queued(batch.bytes, 0) : [];
    this.#queue.push({ shard, batch, at: 0, crossings, number: ++this.#pushed });
    if (this.#next === undefined) this.#slice();
  }

  /** Whether the second half of a rename has been pushed, and not been taken. */
  isArriving(cookie: number): boolean {
    return this.#order.isArriving(cookie);
  }

  /** Resolves when everything that was pushed has been taken. */
  idle(): Promise<void> {
    if (this.#queue.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Gives up what has not been taken. */
  clear(): void {
    this.#queue.length = 0;
    this.#order.clear();
    clearImmediate(this.#next);
    this.#next = undefined;
    this.#becomeIdle();
  }

  /** Not before the first batch comes that may be of another shard: somebody may be in the middle of one until then. */
  #orderAll(): void {
    this.#isOrdered = true;
    for (const queued of this.#queue) {
      queued.crossings = this.#order.queued(queued.batch.bytes, queued.at);
    }
  }

  #slice(): void {
    this.#next = undefined;
    const deadline = performance.now() + SLICE_MS;
    const mayGoOn = (): boolean => performance.now() < deadline;
    let queued = this.#ready();
    while (queued !== undefined) {
      this.#take(queued, mayGoOn);
      queued = this.#ready();
      if (queued !== undefined && !mayGoOn()) break;
    }
    this.#target.settle();
    if (queued !== undefined) this.#next = setImmediate(() => this.#slice());
    else if (this.#queue.length > 0) this.#drain();
    else this.#becomeIdle();
  }

  /** The first batch of a shard that need not wait. */
  #ready(): Queued | undefined {
    if (!this.#isSplit) return this.#queue[0];
    const waiting = new Set<number>();
    for (const queued of this.#queue) {
      if (waiting.has(queued.shard)) continue;
      if (!this.#mustWait(queued)) return queued;
      waiting.add(queued.shard);
    }
    return undefined;
  }

  #mustWait({ at, crossings, number }: Queued): boolean {
    const crossing = crossings[0];
    if (crossing?.at !== at || this.#target.isAwaited(crossing.cookie)) return false;
    return this.#order.isDeparting(crossing.cookie) || this.#drained < number;
  }

  /** Takes the events up to the next one that may have to wait. */
  #take(queued: Queued, mayGoOn: () => boolean): void {
    const { batch, crossings, shard } = queued;
    if (queued.at === 0) this.#target.batch(shard, batch);
    if (crossings[0]?.at === queued.at) this.#order.arrived(crossings.shift()!.cookie);
    const { bytes } = batch;
    const part = crossings.length === 0 ? bytes : bytes.subarray(0, crossings[0]!.at);
    this.#shard = shard;
    queued.at = visitEvents(part, queued.at, this.#visit, mayGoOn);
    if (queued.at === bytes.length) this.#queue.splice(this.#queue.indexOf(queued), 1);
  }

  /** Has the queues read once more, for those who wait. */
  #drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    const last = this.#pushed;
    void this.#target.drain().then(() => {
      this.#draining = false;
      this.#drained = last;
      if (this.#next === undefined && this.#queue.length > 0) this.#slice();
    });
  }

  #becomeIdle(): void {
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
