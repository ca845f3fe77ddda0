/**
 * The reader: a thread that sleeps in poll(2) and empties the kernel's queues as soon as something is in them, whatever the
 * main thread is busy with. It costs nothing while nothing happens.
 * @module
 */
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { loadLibrary } from "@tsrsync/transfer/linux";
import { loadInotifyCalls, Poll } from "./calls.js";
import { MAX_EVENT_BYTES } from "./events.js";
import {
  type FromReader,
  type Moment,
  type ReaderStart,
  type ToReader,
  thisMoment,
} from "./reader-messages.js";

const BUFFER_BYTES = 256 * 1024;

/**
 * A file that is made gives three events or more within microseconds: a short rest brings them over in one message. Under load
 * messages are what costs most, so the rest is longer.
 */
const REST_MS = 1;
const BUSY_REST_MS = 4;
const BUSY_WITHIN_MS = 20;

/** Nothing is known yet about when a queue was empty. */
const NEVER: Moment = { wallMs: 0, steadyMs: 0 };

class Reader {
  readonly #calls = loadInotifyCalls()!; // its owner has them
  readonly #poll = new Poll(loadLibrary()!);
  readonly #port = parentPort!;
  readonly #waker: number;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  readonly #wakerBuffer = new Uint8Array(8);
  #empty = new Map<number, Moment>();
  #lastReadMs = 0;

  constructor(waker: number) {
    this.#waker = waker;
    this.#poll.watch([waker]);
  }

  run(): void {
    for (;;) {
      this.#poll.wait(-1);
      if (!this.#poll.isReady(0)) this.#rest();
      for (const instance of this.#empty.keys()) this.#read(instance);
      if (!this.#obey()) return;
    }
  }

  /** Waits a little for more events, but not when the waker has something to say. */
  #rest(): void {
    const busy = performance.now() - this.#lastReadMs < BUSY_WITHIN_MS;
    this.#poll.wait(busy ? BUSY_REST_MS : REST_MS, 1);
    this.#lastReadMs = performance.now();
  }

  /** Sends what is queued, one buffer at most. False when there was nothing. */
  #read(instance: number): boolean {
    const before = thisMoment();
    const count = this.#calls.read(instance, this.#buffer);
    const empty = this.#empty.get(instance)!;
    if (count + MAX_EVENT_BYTES <= BUFFER_BYTES) this.#empty.set(instance, before);
    if (count <= 0) return false;
    const bytes = this.#buffer.slice(0, count);
    this.#tell({ kind: "events", instance, bytes, empty }, [bytes.buffer]);
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

  #watch(instances: readonly number[]): void {
    const known = this.#empty;
    this.#empty = new Map(instances.map((one) => [one, known.get(one) ?? NEVER]));
    this.#poll.watch([this.#waker, ...instances]);
    this.#tell({ kind: "watching", instances });
  }

  #drain(id: number): void {
    for (const instance of this.#empty.keys()) while (this.#read(instance)) {}
    this.#tell({ kind: "drained", id });
  }

  #tell(message: FromReader, transfer: readonly ArrayBuffer[] = []): void {
    this.#port.postMessage(message, transfer);
  }
}

new Reader((workerData as ReaderStart).waker).run();
