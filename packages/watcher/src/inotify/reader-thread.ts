/**
 * Starts and ends the reader's thread, and gives its messages to whom they concern.
 * @module
 */
import { existsSync, writeSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type {
  FromReader,
  ReaderBatch,
  ReaderStart,
  ToReader,
  WatchedInstance,
} from "./reader-messages.js";

const WAKE = new Uint8Array(new BigUint64Array([1n]).buffer);

/** The thread's program beside this file; a thread can not run the source that tests run on, so there it is the compiled one. */
function readerProgram(): URL {
  const beside = new URL("./reader-main.js", import.meta.url);
  if (existsSync(beside)) return beside;
  const compiled = new URL("../../dist/inotify/reader-main.js", import.meta.url);
  if (existsSync(compiled)) return compiled;
  throw new Error(`${fileURLToPath(beside)} is missing: run \`npm run build\``);
}

/** What the thread's owner is told. */
export interface ReaderOwner {
  batch(batch: ReaderBatch): void;
  /** The thread ended by itself, and everything that it had not handed over is lost. */
  failed(error: Error): void;
}

/** The thread, as its owner sees it. */
export class ReaderThread {
  readonly #owner: ReaderOwner;
  readonly #waker: number;
  readonly #worker: Worker;
  readonly #drains = new Map<number, () => void>();
  readonly #changes: (() => void)[] = [];
  readonly #ended: Promise<void>;
  readonly #onExit = (): void => this.#tell({ kind: "stop" });
  #nextDrain = 1;
  #stopping = false;

  /** `waker` is borrowed until {@link ReaderThread.stop} has resolved. */
  constructor(waker: number, owner: ReaderOwner) {
    this.#owner = owner;
    this.#waker = waker;
    const workerData: ReaderStart = { waker };
    this.#worker = new Worker(readerProgram(), { workerData, stdout: false, stderr: false });
    this.#worker.on("message", (message: FromReader) => this.#take(message));
    let failure: Error | null = null;
    this.#worker.on("error", (error) => {
      failure = error;
    });
    this.#ended = new Promise((resolve) => {
      this.#worker.on("exit", () => {
        process.removeListener("exit", this.#onExit);
        this.#release();
        resolve();
        if (!this.#stopping) this.#owner.failed(failure ?? new Error("the inotify reader ended"));
      });
    });
    // A thread that sleeps in the kernel does not end with the process: it would be waited for.
    process.on("exit", this.#onExit);
  }

  /** Reads these instances from now on; when it resolves, no other is touched any more. */
  watch(instances: readonly WatchedInstance[]): Promise<void> {
    return new Promise((done) => {
      this.#changes.push(done);
      this.#tell({ kind: "watch", instances });
    });
  }

  /** Resolves when everything that was queued before the call has been given to the owner. */
  drain(): Promise<void> {
    return new Promise((done) => {
      const id = this.#nextDrain++;
      this.#drains.set(id, done);
      this.#tell({ kind: "drain", id });
    });
  }

  stop(): Promise<void> {
    this.#stopping = true;
    this.#tell({ kind: "stop" });
    return this.#ended;
  }

  #tell(message: ToReader): void {
    this.#worker.postMessage(message);
    writeSync(this.#waker, WAKE);
  }

  #take(message: FromReader): void {
    if (message.kind === "events") this.#owner.batch(message);
    else if (message.kind === "watching") this.#changes.shift()?.();
    else {
      this.#drains.get(message.id)?.();
      this.#drains.delete(message.id);
    }
  }

  #release(): void {
    for (const done of this.#changes.splice(0)) done();
    for (const done of this.#drains.values()) done();
    this.#drains.clear();
  }
}
