/**
 * The reader: a thread that sleeps in poll(2) and empties the kernel's queues when something is in them, whatever the main thread
 * is busy with. It costs nothing while nothing happens.
 * @module
 */
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { loadLibrary } from "@tsrsync/transfer/linux";
import { loadInotifyCalls, Poll } from "./calls.js";
import { calmLeft, LONGEST_CALM_MS } from "./calm.js";
import { MAX_EVENT_BYTES } from "./events.js";
import {
  type FromReader,
  type Moment,
  type ReaderStart,
  steadyMs,
  type ToReader,
  thisMoment,
  type WatchedInstance,
} from "./reader-messages.js";

const BUFFER_BYTES = 256 * 1024;

/**
 * A file that is made gives three events or more within microseconds: a short rest brings them over in one message. Under load
 * messages are what costs most, so the rest is longer.
 */
const REST_MS = 1;
const BUSY_REST_MS = 4;
const BUSY_WITHIN_MS = 20;

/** When so much was queued, the next events are not left there for long: the kernel drops what does not fit. */
const CROWDED_BYTES = 64 * 1024;

/** Nothing is known yet about when a queue was empty. */
const NEVER: Moment = { wallMs: 0, steadyMs: 0 };

/** One instance, as the thread sees it. Times are of the steady clock. */
interface Queue extends WatchedInstance {
  /** Its place among what is polled. */
  readonly index: number;
  empty: Moment;
  lastRead: number;
  isCrowded: boolean;
  /** When it was noticed that something is queued. */
  noticed: number;
  /** When that is read; 0 while nothing is known to be queued. */
  due: number;
  /** When it was noticed, on the wall's clock. */
  since: number;
}

class Reader {
  readonly #calls = loadInotifyCalls()!; // its owner has them
  readonly #poll = new Poll(loadLibrary()!);
  readonly #port = parentPort!;
  readonly #waker: number;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  readonly #wakerBuffer = new Uint8Array(8);
  #queues: readonly Queue[] = [];

  constructor(waker: number) {
    this.#waker = waker;
    this.#poll.watch([waker]);
  }

  run(): void {
    for (;;) {
      this.#poll.wait(this.#patience());
      const isCalled = this.#poll.isReady(0);
      this.#serve();
      if (isCalled && !this.#obey()) return;
    }
  }

  /** Milliseconds until something is to be read, -1 when nothing is known to be queued. */
  #patience(): number {
    let due = Number.POSITIVE_INFINITY;
    for (const queue of this.#queues) if (queue.due !== 0 && queue.due < due) due = queue.due;
    return due === Number.POSITIVE_INFINITY ? -1 : Math.max(0, due - steadyMs());
  }

  /** Lets queues rest that have something now, and reads those that have rested. */
  #serve(): void {
    const now = steadyMs();
    for (const queue of this.#queues) {
      if (queue.due === 0 && this.#poll.isReady(queue.index)) this.#rest(queue, now);
      else if (queue.due !== 0 && queue.due <= now) this.#rested(queue, now);
    }
  }

  #rest(queue: Queue, now: number): void {
    const rest = now - queue.lastRead < BUSY_WITHIN_MS ? BUSY_REST_MS : REST_MS;
    queue.noticed = now;
    queue.due = now + Math.max(rest, calmOf(queue, now));
    queue.since = Date.now();
    this.#poll.heed(queue.index, false);
  }

  /** Reads what has rested, unless a push has begun meanwhile: what it has not taken goes with the next one. */
  #rested(queue: Queue, now: number): void {
    const due = Math.min(now + calmOf(queue, now), queue.noticed + LONGEST_CALM_MS);
    if (due > now) queue.due = due;
    else this.#read(queue);
  }

  /** Sends what is queued, one buffer at most. False when there was nothing. */
  #read(queue: Queue): boolean {
    const before = thisMoment();
    const { empty } = queue;
    const since = queue.due === 0 ? before.wallMs : queue.since;
    queue.due = 0;
    queue.lastRead = before.steadyMs;
    this.#poll.heed(queue.index, true);
    const count = this.#calls.read(queue.descriptor, this.#buffer);
    queue.isCrowded = count >= CROWDED_BYTES;
    if (count + MAX_EVENT_BYTES <= BUFFER_BYTES) queue.empty = before;
    if (count <= 0) return false;
    const bytes = this.#buffer.slice(0, count);
    const instance = queue.descriptor;
    this.#tell({ kind: "events", instance, bytes, since, empty }, [bytes.buffer]);
    return true;
  }

  /** False when it is time to stop. */
  #obey(): boolean {
    this.#calls.read(this.#waker, this.#wakerBuffer);
    for (;;) {
      const command = receiveMessageOnPort(this.#port)?.message as ToReader | undefined;
      if (command === undefined) return true;
      if (command.kind === "stop") return false;
      if (command.kind === "watch") this.#watch(command.instances);
      else this.#drain(command.id);
    }
  }

  #watch(instances: readonly WatchedInstance[]): void {
    const known = new Map(this.#queues.map((queue) => [queue.descriptor, queue]));
    this.#queues = instances.map(({ descriptor, calm }, place) => ({
      descriptor,
      calm,
      index: place + 1, // behind the waker
      empty: known.get(descriptor)?.empty ?? NEVER,
      lastRead: 0,
      isCrowded: false,
      noticed: 0,
      due: 0,
      since: 0,
    }));
    this.#poll.watch([this.#waker, ...instances.map(({ descriptor }) => descriptor)]);
    this.#tell({ kind: "watching" });
  }

  #drain(id: number): void {
    for (const queue of this.#queues) while (this.#read(queue)) {}
    this.#tell({ kind: "drained", id });
  }

  #tell(message: FromReader, transfer: readonly ArrayBuffer[] = []): void {
    this.#port.postMessage(message, transfer);
  }
}

/** For how long from `now` on what is queued may be left there. */
function calmOf({ isCrowded, calm }: Queue, now: number): number {
  return isCrowded ? 0 : calmLeft(calm, now);
}

new Reader((workerData as ReaderStart).waker).run();
