/**
 * One hook at work: its queue, its pace, its attempts. Whatever the hook does, nothing here is waited for by the mirror.
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { HookCommon } from "../config/settings.js";
import type { Logger } from "../log/logger.js";
import type { HookBatch, HookRun } from "./hook-batch.js";
import { HookQueue } from "./hook-queue.js";

const CAPACITY = 100_000;
const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 30_000;

/** Figures of one hook. */
export interface HookFigures {
  root: string;
  /** Kind and place in the configuration: `command 1`. */
  hook: string;
  queued: number;
  succeeded: number;
  failed: number;
  /** Paths that found no room in the queue. */
  dropped: number;
}

export interface HookRunnerOptions {
  root: string;
  directory: string;
  hook: string;
  settings: Pick<HookCommon, "batch" | "timeout" | "retries" | "ignoreError">;
  run: HookRun;
  /** Parts of a batch that are run one by one. */
  split: (batch: HookBatch) => readonly HookBatch[];
  logger: Logger;
}

/** A hook that runs. */
export class HookRunner {
  readonly #options: HookRunnerOptions;
  readonly #queue = new HookQueue(CAPACITY);
  readonly #closing = new AbortController();
  #working: Promise<void> | null = null;
  #wakeUp: AbortController | null = null;
  #isDraining = false;
  #succeeded = 0;
  #failed = 0;
  #dropped = 0;

  constructor(options: HookRunnerOptions) {
    this.#options = options;
  }

  /** Puts paths into the queue; the work starts by itself. */
  add(target: string, batch: number, paths: readonly ByteString[]): void {
    if (this.#isDraining) return;
    const { root, hook, settings, logger } = this.#options;
    const left = this.#queue.add(target, batch, paths);
    if (left > 0 && this.#dropped === 0) logger.error("hook has too much to do", { root, hook });
    this.#dropped += left;
    if (this.#queue.size >= settings.batch.max) this.#wakeUp?.abort();
    if (this.#queue.size > 0) this.#working ??= this.#work();
  }

  /** Runs the hook once, besides its queue. Rejects when all attempts failed. */
  async runOnce(batch: HookBatch, signal?: AbortSignal): Promise<void> {
    const closing = this.#closing.signal;
    const { retries } = this.#options.settings;
    const ending = signal === undefined ? closing : AbortSignal.any([closing, signal]);
    await this.#runCounted(batch, ending, retries);
  }

  figures(): HookFigures {
    const { root, hook } = this.#options;
    const counts = { succeeded: this.#succeeded, failed: this.#failed, dropped: this.#dropped };
    return { root, hook, queued: this.#queue.size, ...counts };
  }

  /** Takes nothing more, finishes what waits if that is done in `graceMs`, else drops it and ends the run that is on. */
  async close(graceMs: number): Promise<void> {
    const { root, hook, logger } = this.#options;
    this.#isDraining = true;
    this.#wakeUp?.abort();
    const giveUp = setTimeout(() => {
      logger.warn("hook ends with paths left", { root, hook, paths: this.#queue.size });
      this.#closing.abort(new Error("the mirror ends"));
    }, graceMs);
    await this.#working;
    clearTimeout(giveUp);
    this.#closing.abort(new Error("the mirror ends"));
  }

  async #work(): Promise<void> {
    const { batch } = this.#options.settings;
    const { root, directory } = this.#options;
    while (this.#queue.size > 0 && !this.#closing.signal.aborted) {
      await this.#gather();
      const taken = this.#queue.take(batch.max);
      if (taken !== null) await this.#runQueued({ root, directory, ...taken });
    }
    this.#working = null;
  }

  /** Waits for more paths, but no longer than the first may wait. */
  async #gather(): Promise<void> {
    const { batch } = this.#options.settings;
    if (batch.wait === 0 || this.#queue.size >= batch.max || this.#isDraining) return;
    this.#wakeUp = new AbortController();
    await sleep(batch.wait, undefined, { signal: this.#wakeUp.signal }).catch(() => {}); // woken early
    this.#wakeUp = null;
  }

  /** Runs whose failure is told to people. After one that failed the others are not tried again: it may be all the same to them. */
  async #runQueued(batch: HookBatch): Promise<void> {
    const { root, hook, settings, logger, split } = this.#options;
    const { signal } = this.#closing;
    let failed = 0;
    let reason = "";
    for (const part of split(batch)) {
      if (signal.aborted) return;
      try {
        await this.#runCounted(part, signal, failed === 0 ? settings.retries : 0);
      } catch (error) {
        failed += part.paths.length;
        reason ||= String(error);
      }
    }
    if (reason === "" || settings.ignoreError || signal.aborted) return;
    logger.error("hook failed", { root, hook, target: batch.target, paths: failed, reason });
  }

  async #runCounted(batch: HookBatch, signal: AbortSignal, retries: number): Promise<void> {
    try {
      await this.#attempts(batch, signal, retries);
      this.#succeeded++;
    } catch (error) {
      this.#failed++;
      throw error;
    }
  }

  async #attempts(batch: HookBatch, signal: AbortSignal, retries: number): Promise<void> {
    const { root, hook, logger } = this.#options;
    for (let retry = 0; ; retry++) {
      try {
        return await this.#attempt(batch, signal);
      } catch (error) {
        if (retry >= retries || signal.aborted) throw error;
        const pause = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** retry);
        logger.debug("hook tried again", { root, hook, retry: pause, reason: String(error) });
        await sleep(pause, undefined, { signal });
      }
    }
  }

  async #attempt(batch: HookBatch, outer: AbortSignal): Promise<void> {
    const { settings, run } = this.#options;
    const limit = new AbortController();
    const tooLong = (): void => limit.abort(new Error(`no end after ${settings.timeout} ms`));
    const timer = setTimeout(tooLong, settings.timeout);
    // Not AbortSignal.any: the outer signal lives as long as the mirror and would remember each run.
    const onOuter = (): void => limit.abort(outer.reason);
    outer.addEventListener("abort", onOuter, { once: true });
    try {
      if (outer.aborted) onOuter();
      await run(batch, limit.signal);
    } finally {
      clearTimeout(timer);
      outer.removeEventListener("abort", onOuter);
    }
  }
}
