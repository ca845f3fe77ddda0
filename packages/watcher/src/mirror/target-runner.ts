/**
 * One target's own loop: it pushes when there is something to push and the target is well, waits when it is not, and holds nobody
 * else back (spec 6, 3.3 and 4.5).
 * @module
 */
import { RootGoneError } from "../batch/plan-push.js";
import type { TargetState } from "../control/types.js";
import type { Taken } from "../state/take-marks.js";
import { TargetError } from "../target/target.js";
import type { PushPlan } from "../target/types.js";
import { BackOff } from "./back-off.js";
import { Pace } from "./pace.js";
import { batchOf } from "./run-plan.js";
import { untilOpen } from "./schedule.js";
import type { TargetContext } from "./target-context.js";
import { TargetWork } from "./target-work.js";
import { Waiters } from "./waiters.js";

/** The root's watcher finds out and halts the root; until then nothing is concluded from what is missing. */
const ROOT_GONE_WAIT = 1000;

const NO_PROGRESS_WAIT = 1000;

const NO_PLAN: PushPlan = { items: [], forced: new Set(), deletes: [], trees: [], links: [] };

/** Something else to do with the connection, between two pushes. */
type Job = (signal: AbortSignal) => Promise<void>;

/** Pushes to one target as long as it is not closed. */
export class TargetRunner {
  readonly context: TargetContext;
  readonly work: TargetWork;
  readonly #pace: Pace;
  readonly #backOff: BackOff;
  readonly #waiters: Waiters;
  readonly #abort = new AbortController();
  readonly #jobs: Job[] = [];
  #state: TargetState = "idle";
  #reason = "";
  #isPaused = true;
  #isRunning = false;
  /** When the next attempt may be made after a failure. */
  #retryAt = 0;
  #lastMark = 0;
  /** What could not be pushed last. */
  #failedPlan: PushPlan = NO_PLAN;
  /** Takes back the start of the loop that is arranged, if one is. */
  #cancel: (() => void) | null = null;
  /** All that is waited for is the next attempt at what failed. */
  #isResting = false;
  #ended: Promise<void> = Promise.resolve();

  constructor(context: TargetContext) {
    this.context = context;
    this.#pace = new Pace(context.batch);
    this.#backOff = new BackOff(context.settings.retry);
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
  }

  get state(): TargetState {
    return this.#state === "idle" && this.work.held.count > 0 ? "held" : this.#state;
  }

  get reason(): string {
    return this.#reason;
  }

  /** Milliseconds until the next attempt, 0 when none is waited for. */
  get retryIn(): number {
    return Math.max(0, this.#retryAt - this.context.now());
  }

  /** There are new marks. */
  wake(): void {
    this.#lastMark = this.context.now();
    if (this.#isRunning) return;
    if (this.#cancel === null) this.#schedule();
    else if (this.#isResting) this.#reschedule();
  }

  /** Nothing is pushed while a guard holds the root. */
  pause(): void {
    this.#isPaused = true;
    this.#cancelTimer();
    this.work.fullSyncs.putOff();
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
    this.#retryAt = 0;
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
      if (this.#abort.signal.aborted) return reject(this.#abort.signal.reason as Error);
      this.#jobs.push((signal) => job(signal).then(resolve, reject));
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
    this.#cancelTimer();
    this.#abort.abort(new Error("the mirror was closed"));
    this.#waiters.close();
    this.work.fullSyncs.close();
    await this.#ended;
    await this.context.target.close();
  }

  #cancelTimer(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #reschedule(): void {
    this.#cancelTimer();
    if (!this.#isRunning) this.#schedule();
  }

  /** Starts the loop now or later, or not at all when there is nothing to do. */
  #schedule(): void {
    if (this.#abort.signal.aborted) return;
    if (this.context.ledger.dirty.isRootDue && !this.#isPaused) {
      this.work.fullSyncs.ask(this.retryIn);
    }
    const wait = this.#wait();
    if (wait === null) return;
    const start = () => {
      this.#cancel = null;
      this.#ended = this.#run();
    };
    if (wait > 0) {
      const timer = setTimeout(start, wait);
      this.#cancel = () => clearTimeout(timer);
    } else {
      // Events come gathered: what belongs together has been marked when this turn of the loop ends.
      const next = setImmediate(start);
      this.#cancel = () => clearImmediate(next);
    }
  }

  /** Milliseconds until there is something to do; `null`: only a call from outside changes that. */
  #wait(): number | null {
    const now = this.context.now();
    const { dirty } = this.context.ledger;
    this.#isResting = false;
    const ready = Math.max(0, this.#retryAt - now);
    if (this.#jobs.length > 0) return ready;
    if (this.#isPaused) return null;
    const oldest = dirty.oldestOffered(this.work.fullSyncs.mayRun);
    if (oldest !== null) {
      const age = Math.max(0, Date.now() - oldest);
      const silence = this.#waiters.isAwaited ? Number.POSITIVE_INFINITY : now - this.#lastMark;
      const pace = this.#pace.wait(age, silence, now);
      return Math.max(ready, pace, untilOpen(this.context.settings.window.push, new Date()));
    }
    this.#isResting = true;
    const retry = dirty.nextRetry;
    return retry === null ? null : Math.max(ready, retry - Date.now());
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    const release = await this.context.pool.acquire(this.#backOff.failures > 0);
    try {
      while (!this.#abort.signal.aborted) {
        const wait = this.#wait();
        if (wait === null || wait > 0 || !(await this.#step())) break;
      }
    } finally {
      release();
      this.#isRunning = false;
    }
    this.#schedule();
  }

  /** One job or one push. False: it went wrong, and waits. */
  async #step(): Promise<boolean> {
    const job = this.#jobs.shift();
    if (job !== undefined) {
      await job(this.#abort.signal);
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
    let plan: PushPlan = this.#failedPlan;
    try {
      // A small question before all the work of a batch: the target may still be away.
      if (this.#backOff.failures > 0) await context.target.reach({ signal: this.#abort.signal });
      await this.work.bring(taken, this.#abort.signal, (planned) => {
        plan = planned;
      });
    } catch (error) {
      if (this.#abort.signal.aborted) return false;
      if (error instanceof RootGoneError) {
        this.#retryAt = context.now() + ROOT_GONE_WAIT;
        return false;
      }
      this.#failed(error, plan, taken, context.now() - started);
      return false;
    }
    this.#succeeded();
    if (this.work.figures.pushes > pushes || dirty.size < size || dirty.parkedCount > parked)
      return true;
    // Nothing was done, although there is something to do: whatever is in the way, looking again at once does not help.
    this.#retryAt = context.now() + NO_PROGRESS_WAIT;
    return false;
  }

  #begin(paths: number): void {
    const now = this.context.now();
    const isBusy = this.#pace.isBusy(now);
    this.#pace.started(paths, now);
    this.#changeState("pushing", "");
    if (isBusy) this.context.target.warm();
  }

  #succeeded(): void {
    this.#backOff.succeeded();
    this.#failedPlan = NO_PLAN;
    this.#retryAt = 0;
    const { events, root, settings, sequence, ledger } = this.context;
    this.#changeState("idle", "");
    this.work.figures.succeeded();
    if (ledger.dirty.size === 0) {
      events.emit("idle", { root, target: settings.name, sequence: sequence() });
    }
  }

  #failed(error: unknown, plan: PushPlan, taken: Taken, wallMs: number): void {
    const { context } = this;
    const failure = error instanceof TargetError ? error.failureClass : "protocol";
    const exitCode = error instanceof TargetError ? error.exitCode : 12;
    const message = error instanceof Error ? error.message : String(error);
    const isLasting = failure === "refused" || failure === "full";
    if (failure === "refused") this.work.forgetCapabilities(); // it may be another daemon when it answers again
    const retryInMs = isLasting
      ? this.#backOff.failedForLong()
      : failure === "busy"
        ? this.#backOff.failedForNow()
        : this.#backOff.failed();
    this.#retryAt = context.now() + retryInMs;
    this.work.fullSyncs.putOff();
    this.#failedPlan = plan;
    this.work.figures.failed(failure, message);
    this.#changeState(
      failure === "refused" ? "refused" : failure === "full" ? "full" : "backing-off",
      message,
    );
    const attempt = this.#backOff.failures;
    const batch = batchOf(context, plan, taken.bound);
    context.events.emit("failed", {
      ...batch,
      failure,
      exitCode,
      message,
      attempt,
      retryInMs,
      wallMs,
    });
  }

  #changeState(state: TargetState, reason: string): void {
    const previous = this.#state;
    this.#state = state;
    this.#reason = reason;
    if (previous === state) return;
    const { events, root, settings } = this.context;
    events.emit("state", { root, target: settings.name, previous, state, reason });
  }
}
