/**
 * When the loop of a target has something to do.
 * @module
 */
import { Pace } from "./pace.js";
import { untilOpen } from "./schedule.js";
import type { TargetContext } from "./target-context.js";
import type { TargetHealth } from "./target-health.js";
import type { TargetWork } from "./target-work.js";

/** How things stand when the schedule is asked. */
export interface Moment {
  /** Something else is to be done with the connection. */
  readonly hasJobs: boolean;
  /** A guard holds the root. */
  readonly isPaused: boolean;
  /** What somebody waits for waits for no silence. */
  readonly isAwaited: boolean;
}

/** The schedule of one target. */
export class PushSchedule {
  readonly #context: TargetContext;
  readonly #work: TargetWork;
  readonly #health: TargetHealth;
  readonly #pace: Pace;
  #lastMark = 0;
  #isResting = false;

  constructor(context: TargetContext, work: TargetWork, health: TargetHealth) {
    this.#context = context;
    this.#work = work;
    this.#health = health;
    this.#pace = new Pace(context.batch);
  }

  /** All that was waited for when it was asked last is the next attempt at what failed. */
  get isResting(): boolean {
    return this.#isResting;
  }

  /** What is left of the pause after the last push, in milliseconds. */
  get gapLeft(): number {
    return this.#pace.gapLeft(this.#context.now());
  }

  /** There are new marks. */
  marked(): void {
    this.#lastMark = this.#context.now();
  }

  /** A push with so many paths starts. Returns whether the next one should find its connection ready. */
  started(paths: number): boolean {
    const now = this.#context.now();
    const isBusy = this.#pace.isBusy(now);
    this.#pace.started(paths, now);
    return isBusy;
  }

  /** Milliseconds until there is something to do; `null`: only a call from outside changes that. */
  wait({ hasJobs, isPaused, isAwaited }: Moment): number | null {
    const now = this.#context.now();
    const { dirty } = this.#context.ledger;
    this.#isResting = false;
    const ready = this.#health.retryIn;
    if (hasJobs) return ready;
    if (isPaused) return null;
    const oldest = dirty.oldestOffered(this.#work.fullSyncs.mayRun);
    if (oldest !== null) {
      const today = Date.now();
      const age = Math.max(0, today - oldest);
      const silence = isAwaited ? Number.POSITIVE_INFINITY : now - this.#lastMark;
      const pace = this.#pace.wait(age, silence, now);
      return Math.max(ready, pace, untilOpen(this.#context.settings.window.push, today));
    }
    this.#isResting = true;
    const retry = dirty.nextRetry;
    return retry === null ? null : Math.max(ready, retry - Date.now());
  }
}
