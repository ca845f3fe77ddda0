/**
 * The process's inotify instances: one for each shard of a root as long as the kernel grants them, all read by one thread.
 * @module
 */
import { closeSync } from "node:fs";
import { constants } from "node:os";
import type { ByteString } from "@tsrsync/protocol/wire";
import { type InotifyCalls, loadInotifyCalls } from "./calls.js";
import { type Calm, createCalm, setCalm } from "./calm.js";
import type { ReaderBatch, WatchedInstance } from "./reader-messages.js";
import { ReaderThread } from "./reader-thread.js";

/** A failing reader is started again, but not more often than so within one minute. */
const MAX_RESTARTS = 3;
const RESTART_WINDOW_MS = 60_000;

/** Who watches through an instance. Instances may be shared: events may be about watches of somebody else. */
export interface InotifySubscriber {
  batch(batch: ReaderBatch): void;
  /** Events were lost. */
  lost(reason: string): void;
  hasWatch(watch: number): boolean;
}

interface Instance {
  readonly descriptor: number;
  readonly calm: Calm;
  subscribers: Set<InotifySubscriber>;
}

/** A subscriber's end of an instance. Calls return their result or a negated errno. */
export interface InotifyHandle {
  add(path: ByteString, mask: number): number;
  remove(watch: number): void;
  /** Whether others watch through the same instance: then watches must be removed before it is closed. */
  isShared(): boolean;
  /** Events need not be handed over for so long (ms): they come in fewer, larger batches. */
  calm(forMs: number): void;
  /** Resolves when everything that happened before the call has been given to the subscriber. */
  drain(): Promise<void>;
  close(): Promise<void>;
}

/** Where roots get their instances from. */
export interface InotifySource {
  /**
   * An instance for `subscriber`, or one that it shares when there can be no more.
   * @throws Error when the kernel refuses the first one.
   */
  open(subscriber: InotifySubscriber): InotifyHandle;
  /** A new instance for `subscriber`, or `null` when there can be no more. */
  openOwn(subscriber: InotifySubscriber): InotifyHandle | null;
}

/** Opens instances, and reads them as long as there are any. */
export class InotifyHub implements InotifySource {
  readonly #calls: InotifyCalls;
  readonly #instances = new Map<number, Instance>();
  #waker = -1;
  #thread: ReaderThread | null = null;
  #restarts: number[] = [];

  constructor(calls: InotifyCalls) {
    this.#calls = calls;
  }

  open(subscriber: InotifySubscriber): InotifyHandle {
    return this.#subscribe(this.#createInstance() ?? this.#smallestInstance(), subscriber);
  }

  openOwn(subscriber: InotifySubscriber): InotifyHandle | null {
    const instance = this.#createInstance();
    return instance === null ? null : this.#subscribe(instance, subscriber);
  }

  #subscribe(instance: Instance, subscriber: InotifySubscriber): InotifyHandle {
    instance.subscribers.add(subscriber);
    return {
      add: (path, mask) => this.#calls.addWatch(instance.descriptor, path, mask),
      remove: (watch) => this.#remove(instance, subscriber, watch),
      isShared: () => instance.subscribers.size > 1,
      calm: (forMs) => setCalm(instance.calm, instance.subscribers.size > 1 ? 0 : forMs),
      drain: async () => this.#thread?.drain(),
      close: () => this.#close(instance, subscriber),
    };
  }

  #createInstance(): Instance | null {
    const descriptor = this.#calls.createInstance();
    if (descriptor < 0) {
      if (this.#instances.size > 0) return null;
      const hint = descriptor === -constants.errno.EMFILE ? " (fs.inotify.max_user_instances)" : "";
      throw new Error(`inotify: errno ${-descriptor}${hint}`);
    }
    const instance: Instance = { descriptor, calm: createCalm(), subscribers: new Set() };
    this.#instances.set(descriptor, instance);
    this.#start();
    void this.#thread?.watch(this.#watched());
    return instance;
  }

  #smallestInstance(): Instance {
    const bySize = (a: Instance, b: Instance): number => a.subscribers.size - b.subscribers.size;
    return [...this.#instances.values()].sort(bySize)[0]!; // only asked for when there is one
  }

  #watched(): WatchedInstance[] {
    return [...this.#instances.values()].map(({ descriptor, calm }) => ({ descriptor, calm }));
  }

  #start(): void {
    if (this.#thread !== null) return;
    if (this.#waker < 0) this.#waker = this.#calls.createWaker();
    if (this.#waker < 0) throw new Error(`eventfd: errno ${-this.#waker}`);
    this.#thread = new ReaderThread(this.#waker, {
      batch: (batch) => {
        for (const one of this.#subscribers(batch.instance)) one.batch(batch);
      },
      failed: (error) => this.#restart(error),
    });
  }

  #subscribers(instance: number): readonly InotifySubscriber[] {
    return [...(this.#instances.get(instance)?.subscribers ?? [])];
  }

  /** The queues are in the kernel and survive; only what the thread had in hand is lost. */
  #restart(error: Error): void {
    this.#thread = null;
    const now = Date.now();
    this.#restarts = this.#restarts.filter((at) => now - at < RESTART_WINDOW_MS);
    if (this.#restarts.push(now) > MAX_RESTARTS) throw error;
    this.#start();
    void this.#thread!.watch(this.#watched());
    for (const descriptor of this.#instances.keys()) {
      for (const one of this.#subscribers(descriptor)) one.lost(error.message);
    }
  }

  #remove(instance: Instance, subscriber: InotifySubscriber, watch: number): void {
    for (const one of instance.subscribers) if (one !== subscriber && one.hasWatch(watch)) return;
    this.#calls.removeWatch(instance.descriptor, watch);
  }

  async #close(instance: Instance, subscriber: InotifySubscriber): Promise<void> {
    instance.subscribers.delete(subscriber);
    if (instance.subscribers.size > 0 || !this.#instances.delete(instance.descriptor)) return;
    if (this.#instances.size > 0) await this.#thread?.watch(this.#watched());
    else await this.#stop();
    closeSync(instance.descriptor);
  }

  async #stop(): Promise<void> {
    const thread = this.#thread;
    const waker = this.#waker;
    this.#thread = null;
    this.#waker = -1;
    await thread?.stop();
    if (waker >= 0) closeSync(waker);
  }
}

let hub: InotifyHub | null | undefined;

/** The hub of this process, or `null` where there is no inotify. */
export function inotifyHub(): InotifyHub | null {
  if (hub === undefined) {
    const calls = loadInotifyCalls();
    hub = calls === null ? null : new InotifyHub(calls);
  }
  return hub;
}
