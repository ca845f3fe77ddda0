/**
 * One target's own loop: it pushes when there is something to push and the target is well, waits when it is not, and holds nobody
 * else back (spec 6, 3.3 and 4.5).
 * @module
 */
import { RootGoneError } from "../batch/plan-push.js";
import type { TargetState } from "../control/types.js";
import type { PushPlan } from "../target/types.js";
import { LoopStart } from "./loop-start.js";
import { PushSchedule } from "./push-schedule.js";
import { untilOpen } from "./schedule.js";
import type { TargetContext } from "./target-context.js";
import { TargetHealth } from "./target-health.js";
import { TargetWork } from "./target-work.js";
import { Waiters } from "./waiters.js";

/** The root's watcher finds out and halts the root; until then nothing is concluded from what is missing. */
const ROOT_GONE_WAIT = 1000;

const NO_PROGRESS_WAIT = 1000;

/** Something else to do with the connection, between two pushes. */
interface Job {
  readonly run: (signal: AbortSignal) => Promise<void>;
  /** It will not be run. */
  readonly drop: (reason: Error) => void;
}

/** Pushes to one target as long as it is not closed. */
export class TargetRunner {
  readonly context: TargetContext;
  readonly work: TargetWork;
  readonly #health: TargetHealth;
  readonly #schedule: PushSchedule;
  readonly #start: LoopStart = new LoopStart(() => {
    this.#ended = this.#run();
  });
  readonly #waiters: Waiters;
  readonly #abort = new AbortController();
  readonly #signal = this.#abort.signal;
  readonly #jobs: Job[] = [];
  #isPaused = true;
  #isRunning = false;
  #isClosed = false;
  #ended: Promise<void> = Promise.resolve();

  constructor(context: TargetContext) {
    this.context = context;
    const { dirty } = context.ledger;
    // What was asked for has not arrived before its links are whole.
    this.#waiters = new Waiters(
      (sequence) =>
        dirty.isPending(Math.max(sequence, context.linksUpTo())) ||
        (dirty.isParked(sequence) && this.work.failedPaths.hasHope),
    );
    this.work = new TargetWork(context, {
      begins: (paths) => this.#begin(paths),
      settled: () => this.#waiters.check(),
      granted: () => this.#reschedule(),
    });
    this.#health = new TargetHealth(context, this.work);
    this.#schedule = new PushSchedule(context, this.work, this.#health);
  }

  get state(): TargetState {
    return this.#health.state;
  }

  get reason(): string {
    return this.#health.reason;
  }

  /** Milliseconds until the next attempt, 0 when none is waited for. */
  get retryIn(): number {
    return this.#health.retryIn;
  }

  /** Milliseconds in which no push begins, whatever is marked. */
  get restLeft(): number {
    return this.#isPaused
      ? Number.POSITIVE_INFINITY
      : Math.max(this.retryIn, this.#schedule.gapLeft);
  }

  /** There are new marks. */
  wake(): void {
    this.#schedule.marked();
    if (!this.#start.isArranged || this.#schedule.isResting) this.#reschedule();
  }

  /** Nothing is pushed while a guard holds the root. */
  pause(): void {
    this.#isPaused = true;
    this.work.fullSyncs.putOff();
    this.#reschedule();
  }

  /** Pushes may begin, or go on. */
  resume(): void {
    this.#isPaused = false;
    this.#reschedule();
  }

  /** Tries at once what waits for a better time. Returns whether anything did; what is held back is not among it. */
  retry(): boolean {
    const { ledger } = this.context;
    const failed = [...ledger.dirty.parked()].filter((path) => !this.work.held.has(path));
    for (const path of failed) ledger.unpark(path);
    const isFullSync = this.work.fullSyncs.retry();
    const isWaiting = this.retryIn > 0 || failed.length > 0 || isFullSync;
    this.#health.hurry();
    this.#reschedule();
    return isWaiting;
  }

  /** Lets deletions through that are held back. Returns how many. */
  release(): number {
    const count = this.work.release();
    if (count > 0) this.#reschedule();
    return count;
  }

  /** Runs `job` between two pushes. Rejects as it does, or when the runner is closed first. */
  enqueue<T>(job: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) return reject(this.#signal.reason as Error);
      this.#jobs.push({ run: (signal) => job(signal).then(resolve, reject), drop: reject });
      this.#reschedule();
    });
  }

  /**
   * Resolves when all marks up to `sequence` are settled, or failed so often that they are given up for now. What somebody waits
   * for waits for no silence.
   */
  settled(sequence: number, signal?: AbortSignal): Promise<void> {
    const settled = this.#waiters.wait(sequence, signal);
    if (this.#waiters.isAwaited) this.#reschedule();
    return settled;
  }

  /** Stops after what is under way was cut off. */
  async close(): Promise<void> {
    const reason = new Error("the mirror was closed");
    this.#start.cancel();
    this.#isClosed = true;
    this.#abort.abort(reason);
    for (const job of this.#jobs.splice(0)) job.drop(reason);
    this.#waiters.close();
    this.work.fullSyncs.close();
    await this.#ended;
    await this.context.target.close();
  }

  /** Starts the loop now or later, or not at all when there is nothing to do. */
  #reschedule(): void {
    this.#start.cancel();
    if (this.#isRunning || this.#isClosed) return;
    if (this.context.ledger.dirty.isRootDue && !this.#isPaused) {
      const opens = untilOpen(this.context.settings.window.push, Date.now());
      this.work.fullSyncs.ask(Math.max(this.retryIn, opens));
    }
    const wait = this.#wait();
    if (wait !== null) this.#start.arrange(wait);
  }

  #wait(): number | null {
    return this.#schedule.wait({
      hasJobs: this.#jobs.length > 0,
      isPaused: this.#isPaused,
      isAwaited: this.#waiters.isAwaited,
    });
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    const release = await this.context.pool.acquire(this.#health.isFailing, this.#signal);
    try {
      while (!this.#isClosed) {
        const wait = this.#wait();
        if (wait === null || wait > 0 || !(await this.#step())) break;
      }
    } finally {
      release();
      this.#isRunning = false;
    }
    this.#reschedule();
  }

  /** One job or one push. False: it went wrong, and waits. */
  async #step(): Promise<boolean> {
    const job = this.#jobs.shift();
    if (job !== undefined) {
      await job.run(this.#signal);
      return true;
    }
    return this.#pushSome();
  }

  async #pushSome(): Promise<boolean> {
    const { context } = this;
    const started = context.now();
    const { dirty } = context.ledger;
    const withRoot = this.work.fullSyncs.mayRun;
    const taken = context.ledger.take({ maxPaths: context.batch.maxPaths, withRoot });
    const { size, parkedCount: parked } = dirty;
    const { pushes } = this.work.figures;
    let plan: PushPlan | null = null;
    try {
      // A small question before all the work of a batch: the target may still be away.
      if (this.#health.isFailing) await context.target.reach({ signal: this.#signal });
      await this.work.bring(taken, this.#signal, (planned) => {
        plan = planned;
      });
    } catch (error) {
      if (this.#isClosed) return false;
      if (error instanceof RootGoneError) {
        this.#health.rest(ROOT_GONE_WAIT);
        return false;
      }
      this.#health.failed({ error, plan, bound: taken.bound, wallMs: context.now() - started });
      return false;
    }
    this.#health.succeeded();
    if (this.work.figures.pushes > pushes || dirty.size < size || dirty.parkedCount > parked)
      return true;
    // Nothing was done, although there is something to do: whatever is in the way, looking again at once does not help.
    this.#health.rest(NO_PROGRESS_WAIT);
    return false;
  }

  #begin(paths: number): void {
    const isBusy = this.#schedule.started(paths);
    this.#health.begins();
    this.context.begun();
    if (isBusy) this.context.target.warm();
  }
}
