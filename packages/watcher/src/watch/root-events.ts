/**
 * The events of one root, on their way from its shards to what they mean.
 * @module
 */
import { LONGEST_CALM_MS } from "../inotify/calm.js";
import type { ReaderBatch } from "../inotify/reader-messages.js";
import { NO_NODE } from "./directory-tree.js";
import { EventPump } from "./event-pump.js";
import { EventTranslator } from "./event-translator.js";
import type { LinkWatch } from "./link-watch.js";
import { Overflows } from "./overflows.js";
import type { RootListener } from "./root-watcher.js";
import type { Scans } from "./scans.js";
import type { Shards, ShardsOwner } from "./shards.js";
import type { TranslatorContext } from "./translator-context.js";

export interface RootEventsContext
  extends Omit<TranslatorContext, "overflowed" | "isArriving" | "restMs"> {
  shards: Shards;
  scans: Scans;
  listener: RootListener;
  /** `null` where links are links. */
  links: LinkWatch | null;
  /** Some events have been taken. */
  settle(): void;
}

export class RootEvents implements ShardsOwner {
  readonly #context: RootEventsContext;
  readonly #overflows: Overflows;
  readonly #translator: EventTranslator;
  readonly #pump: EventPump;
  #count = 0;

  constructor(context: RootEventsContext) {
    const { listener, scans, shards, warn } = context;
    this.#context = context;
    this.#overflows = new Overflows({
      rescan: (shard, boundNs) => scans.add({ kind: "lost", shard, boundNs }),
      cancel: (shard) => scans.cancel(shard),
      warn,
    });
    this.#translator = new EventTranslator({
      ...context,
      overflowed: (shard) => this.lost(shard),
      isArriving: (cookie) => this.#pump.isArriving(cookie),
      restMs: () => (shards.count > 1 ? LONGEST_CALM_MS : 0),
    });
    this.#pump = new EventPump({
      batch: (shard, { empty, since }) => {
        this.#overflows.wasEmpty(shard, empty);
        context.marks.noticed(since);
      },
      event: (shard, watch, mask, cookie, name) => {
        this.#count++;
        listener.kernel?.event(watch, name, mask);
        this.#translator.take(shard, watch, mask, cookie, name);
        context.links?.event(watch, mask, name);
      },
      settle: () => context.settle(),
      isAwaited: (cookie) => this.#translator.isAwaited(cookie),
      drain: () => shards.drain(),
    });
  }

  /** Events, and losses of them, since the start. */
  get figures(): Readonly<{ events: number; overflows: number }> {
    return { events: this.#count, overflows: this.#overflows.count };
  }

  batch(shard: number, batch: ReaderBatch): void {
    this.#pump.push(shard, batch);
  }

  lost(shard: number): void {
    this.#overflows.hit(shard);
    this.#context.links?.lookAtAll();
    this.#context.listener.overflowed();
  }

  hasWatch(shard: number, watch: number): boolean {
    const { links, watched } = this.#context;
    return watched.tree.byWatch(shard, watch) !== NO_NODE || links?.hasWatch(watch) === true;
  }

  split(): void {
    this.#pump.split();
  }

  warn(text: string): void {
    this.#context.warn(text);
  }

  /** Resolves when everything that happened before the call has been taken. */
  async drain(): Promise<void> {
    await this.#context.shards.drain();
    await this.#pump.idle();
  }

  /** The same, and nothing waits for more; resolves when what was lost has been found. */
  async settled(): Promise<void> {
    await this.drain();
    this.#translator.settle();
    await this.#context.scans.idle();
    await this.#overflows.settled();
  }

  /** Something about a directory without a place was not told. */
  missed(node: number): void {
    this.#translator.missed(node);
  }

  /** Whether something about a directory that has a place again was not told. */
  takeMissed(node: number): boolean {
    return this.#translator.takeMissed(node);
  }

  dropped(node: number): void {
    this.#translator.dropped(node);
  }

  close(): void {
    this.#overflows.close();
    this.#pump.clear();
    this.#translator.close();
  }
}
