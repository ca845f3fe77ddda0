/**
 * How a target does: its state for people, and when it is tried again after a failure (spec 6, 4.5).
 * @module
 */
import type { TargetState } from "../control/types.js";
import { TargetError } from "../target/target.js";
import type { FailureClass, PushPlan } from "../target/types.js";
import { BackOff } from "./back-off.js";
import { batchOf } from "./run-plan.js";
import type { TargetContext } from "./target-context.js";
import type { TargetWork } from "./target-work.js";

const NO_PLAN: PushPlan = { items: [], forced: new Set(), deletes: [], trees: [], links: [] };

/** What did not end in order. */
export interface FailedAttempt {
  readonly error: unknown;
  /** `null` when it failed before anything was planned. */
  readonly plan: PushPlan | null;
  /** All marks up to this number were to be brought, or wait. */
  readonly bound: number;
  readonly wallMs: number;
}

/** The health of one target. */
export class TargetHealth {
  readonly #context: TargetContext;
  readonly #work: TargetWork;
  readonly #backOff: BackOff;
  #state: TargetState = "idle";
  #reason = "";
  /** When the next attempt may be made after a failure. */
  #retryAt = 0;
  /** What could not be pushed last. */
  #failedPlan: PushPlan = NO_PLAN;

  constructor(context: TargetContext, work: TargetWork) {
    this.#context = context;
    this.#work = work;
    this.#backOff = new BackOff(context.settings.retry);
  }

  get state(): TargetState {
    return this.#state === "idle" && this.#work.held.count > 0 ? "held" : this.#state;
  }

  get reason(): string {
    return this.#reason;
  }

  /** The last attempt failed. */
  get isFailing(): boolean {
    return this.#backOff.failures > 0;
  }

  /** Milliseconds until the next attempt, 0 when none is waited for. */
  get retryIn(): number {
    return this.#retryAt === 0 ? 0 : Math.max(0, this.#retryAt - this.#context.now());
  }

  /** Nothing is tried for so many milliseconds. */
  rest(wait: number): void {
    this.#retryAt = this.#context.now() + wait;
  }

  /** The next attempt may be made at once. */
  hurry(): void {
    this.#retryAt = 0;
  }

  begins(): void {
    this.#changeState("pushing", "");
  }

  succeeded(): void {
    this.#backOff.succeeded();
    this.#failedPlan = NO_PLAN;
    this.#retryAt = 0;
    const { events, root, settings, sequence, ledger } = this.#context;
    this.#changeState("idle", "");
    this.#work.figures.succeeded();
    if (ledger.dirty.size === 0) {
      events.emit("idle", { root, target: settings.name, sequence: sequence() });
    }
  }

  failed({ error, plan, bound, wallMs }: FailedAttempt): void {
    const context = this.#context;
    const failure = error instanceof TargetError ? error.failureClass : "protocol";
    const exitCode = error instanceof TargetError ? error.exitCode : 12;
    const message = error instanceof Error ? error.message : String(error);
    if (failure === "refused") this.#work.forgetCapabilities(); // it may be another daemon when it answers again
    const retryInMs = this.#waitAfter(failure);
    this.rest(retryInMs);
    this.#work.fullSyncs.putOff();
    this.#failedPlan = plan ?? this.#failedPlan;
    this.#work.figures.failed(failure, message);
    this.#changeState(stateAfter(failure), message);
    const attempt = this.#backOff.failures;
    const batch = batchOf(context, this.#failedPlan, bound);
    const figures = { failure, exitCode, message, attempt, retryInMs, wallMs };
    context.events.emit("failed", { ...batch, ...figures });
  }

  #waitAfter(failure: FailureClass): number {
    if (failure === "refused" || failure === "full") return this.#backOff.failedForLong();
    return failure === "busy" ? this.#backOff.failedForNow() : this.#backOff.failed();
  }

  #changeState(state: TargetState, reason: string): void {
    const previous = this.#state;
    this.#state = state;
    this.#reason = reason;
    if (previous === state) return;
    const { events, root, settings } = this.#context;
    events.emit("state", { root, target: settings.name, previous, state, reason });
  }
}

function stateAfter(failure: FailureClass): TargetState {
  return failure === "refused" || failure === "full" ? failure : "backing-off";
}
