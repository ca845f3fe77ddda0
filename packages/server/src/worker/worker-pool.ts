/**
 * The daemon's worker processes. Each takes the identity of one module for good and then serves its sessions; one that has
 * no identity yet is kept warm, so that a first client does not wait for Node to start.
 * @module
 */
import { type ChildProcess, fork } from "node:child_process";
import type { Socket } from "node:net";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { SessionRequest } from "../session/session-request.js";
import type { FromWorker, ToWorker, WorkerIdentity } from "./worker-messages.js";

const WORKER_PROGRAM = fileURLToPath(new URL("./worker-main.js", import.meta.url));

/** A worker that has served nobody for so long ends. */
const IDLE_MS = 30_000;

/**
 * `pause()` takes effect only with the next chunk, and until the worker confirms the hand-over our own loop would read (and
 * lose) what the client says to the worker. Node has no public way to stop at once.
 */
function stopReading(socket: Socket): void {
  (socket as unknown as { _handle: { readStop(): void } | null })._handle?.readStop();
}

/** What the pool tells its owner. */
export interface PoolObserver {
  log(text: string, file: string, pid: number): void;
  /** A session ended, however it did. */
  ended(id: number): void;
}

interface Worker {
  child: ChildProcess;
  key: string | null;
  sessions: Set<number>;
  idleTimer: NodeJS.Timeout | undefined;
}

export class WorkerPool {
  readonly #observer: PoolObserver;
  readonly #workers = new Set<Worker>();
  #spare: Worker | null = null;
  #nextId = 1;
  #closed = false;

  constructor(observer: PoolObserver) {
    this.#observer = observer;
    this.#spare = this.#start();
  }

  /** Hands a connection over; the socket belongs to a worker from now on. Returns the id that `ended` will tell. */
  serve(
    identity: WorkerIdentity,
    request: SessionRequest,
    socket: Socket,
    initial: Uint8Array,
  ): number {
    const id = this.#nextId++;
    const worker = this.#workerFor(identity);
    worker.sessions.add(id);
    clearTimeout(worker.idleTimer);
    const message: ToWorker = {
      kind: "serve",
      id,
      request,
      initial: Buffer.from(initial).toString("base64"),
    };
    stopReading(socket);
    worker.child.send(message, socket, { keepOpen: false }, (error) => {
      if (error !== null) this.#sessionEnded(worker, id);
    });
    return id;
  }

  /** Lets sessions in progress go on and ends everything else. */
  close(): void {
    this.#closed = true;
    for (const worker of this.#workers) {
      if (worker.sessions.size === 0) worker.child.disconnect();
    }
  }

  /** Ends all workers and their sessions. */
  kill(): void {
    this.#closed = true;
    for (const worker of this.#workers) worker.child.kill();
  }

  #workerFor(identity: WorkerIdentity): Worker {
    const key = JSON.stringify(identity);
    const same = [...this.#workers].filter((worker) => worker.key === key);
    const idle = same.find((worker) => worker.sessions.size === 0);
    if (idle !== undefined) return idle;
    if (same.length >= availableParallelism()) {
      return same.reduce((a, b) => (b.sessions.size < a.sessions.size ? b : a));
    }
    const worker = this.#spare ?? this.#start();
    this.#spare = null;
    worker.key = key;
    const message: ToWorker = { kind: "become", identity };
    worker.child.send(message);
    // The next spare one starts when this one is through with the work at hand, not beside it.
    setTimeout(() => {
      if (!this.#closed) this.#spare ??= this.#start();
    }, 200).unref();
    return worker;
  }

  #start(): Worker {
    const child = fork(WORKER_PROGRAM, [], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    const worker: Worker = { child, key: null, sessions: new Set(), idleTimer: undefined };
    this.#workers.add(worker);
    child.on("message", (message) => this.#onMessage(worker, message as FromWorker));
    child.on("exit", () => this.#onExit(worker));
    child.on("error", () => this.#onExit(worker));
    return worker;
  }

  #onMessage(worker: Worker, message: FromWorker): void {
    switch (message.kind) {
      case "log":
        this.#observer.log(message.text, message.file, worker.child.pid ?? 0);
        break;
      case "flush":
        if (worker.child.connected) worker.child.send({ kind: "flushed" } satisfies ToWorker);
        break;
      case "done":
        this.#sessionEnded(worker, message.id);
        break;
      case "failed":
        this.#observer.log(message.text, "", worker.child.pid ?? 0);
        break;
      case "ready":
        break;
    }
  }

  #sessionEnded(worker: Worker, id: number): void {
    if (!worker.sessions.delete(id)) return;
    this.#observer.ended(id);
    if (worker.sessions.size > 0) return;
    if (this.#closed) worker.child.disconnect();
    else {
      worker.idleTimer = setTimeout(() => this.#retire(worker), IDLE_MS);
      worker.idleTimer.unref();
    }
  }

  #retire(worker: Worker): void {
    this.#workers.delete(worker);
    if (worker.child.connected) worker.child.disconnect();
  }

  #onExit(worker: Worker): void {
    clearTimeout(worker.idleTimer);
    this.#workers.delete(worker);
    if (this.#spare === worker) this.#spare = null;
    for (const id of worker.sessions) this.#observer.ended(id);
    worker.sessions.clear();
  }
}
