/**
 * Whose turn it is to be compared as a whole: a full sync waits for its place among the others and for the hooks that come before
 * it. Until then it holds no worker, and the target's live pushes go on.
 * @module
 */
import { LONGEST_TIMER } from "../config/units.js";
import { BackOff } from "./back-off.js";
import type { TargetContext } from "./target-context.js";

/** Told by a turn. */
export interface TurnListener {
  /** The full sync may run. */
  granted(): void;
  /** What has to be done before did not go well: it is tried again later. */
  failed(reason: string): void;
}

/** The turn of one target. */
export class FullSyncTurn {
  readonly #context: TargetContext;
  readonly #listener: TurnListener;
  readonly #backOff: BackOff;
  /** After a failure nothing is asked for before. Times are those of `context.now`. */
  #notBefore = 0;
  #dueAt = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;
  /** Ends what is being waited for; `null` when nothing is. */
  #asking: AbortController | null = null;
  /** Gives the turn back; `null` without one. */
  #release: (() => void) | null = null;

  constructor(context: TargetContext, listener: TurnListener) {
    this.#context = context;
    this.#listener = listener;
    this.#backOff = new BackOff(context.settings.retry);
  }

  get isGranted(): boolean {
    return this.#release !== null;
  }

  /** Asks for the turn, `delay` milliseconds from now at the earliest. Asking twice asks once. */
  ask(delay: number): void {
    if (this.#release !== null || this.#asking !== null) return;
    const at = Math.max(this.#context.now() + delay, this.#notBefore);
    if (at >= this.#dueAt) return;
    this.#stopWaiting();
    this.#dueAt = at;
    this.#timer = setTimeout(
      () => {
        this.#stopWaiting();
        void this.#acquire();
      },
      Math.min(LONGEST_TIMER, Math.max(0, at - this.#context.now())),
    );
  }

  /** What failed may be tried again at once. Returns whether anything had. */
  hurry(): boolean {
    const hasFailed = this.#notBefore > this.#context.now();
    this.#notBefore = 0;
    return hasFailed;
  }

  /** Gives the turn back, or stops asking for it. */
  giveBack(): void {
    this.#stopWaiting();
    this.#asking?.abort(new Error("the full sync does not run now"));
    this.#asking = null;
    this.#release?.();
    this.#release = null;
  }

  #stopWaiting(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#dueAt = Number.POSITIVE_INFINITY;
  }

  async #acquire(): Promise<void> {
    const { fullSyncSlots, settings, beforeFullSync } = this.#context;
    const asking = new AbortController();
    const { signal } = asking;
    this.#asking = asking;
    let release = () => {};
    try {
      release = await fullSyncSlots.acquire(settings.fullSync.parallel, signal);
      await beforeFullSync(signal);
      signal.throwIfAborted();
    } catch (error) {
      release();
      if (!signal.aborted) this.#failed(error);
      return;
    }
    this.#asking = null;
    this.#release = release;
    this.#backOff.succeeded();
    this.#listener.granted();
  }

  #failed(error: unknown): void {
    this.#asking = null;
    this.#notBefore = this.#context.now() + this.#backOff.failed();
    this.#listener.failed(error instanceof Error ? error.message : String(error));
    this.ask(0);
  }
}
