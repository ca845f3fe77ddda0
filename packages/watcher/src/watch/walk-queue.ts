/**
 * Runs walks beside each other in slices that leave the loop free in between.
 * @module
 */
import type { Walk } from "./walk.js";

/** How long one slice may hold the loop. */
export const SLICE_MS = 6;

interface Running {
  walk: Walk;
  slices: number;
  ended(slices: number): void;
}

/** The walks of one root. The newest goes first: it is nearly always a small one. */
export class WalkQueue {
  readonly #afterSlice: () => void;
  readonly #running: Running[] = [];
  #idle: (() => void)[] = [];
  #next: NodeJS.Immediate | undefined;

  /** `afterSlice` is called whenever walks have gone on for a while. */
  constructor(afterSlice: () => void) {
    this.#afterSlice = afterSlice;
  }

  /** Adds a walk, which starts with the next slice. `ended` is told how many slices it took. */
  add(walk: Walk, ended: (slices: number) => void = () => {}): void {
    this.#running.push({ walk, slices: 0, ended });
    this.#next ??= setImmediate(() => this.#slice());
  }

  /** Runs one slice now: what is small needs no turn of the loop. */
  runNow(): void {
    if (this.#running.length > 0) this.#step();
  }

  /** Resolves when no walk is left. */
  idle(): Promise<void> {
    if (this.#running.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  dropped(node: number): void {
    for (const { walk } of this.#running) walk.dropped(node);
  }

  /** Gives all walks up. */
  clear(): void {
    this.#running.length = 0;
    clearImmediate(this.#next);
    this.#next = undefined;
    this.#becomeIdle();
  }

  #slice(): void {
    this.#next = undefined;
    this.#step();
    this.#afterSlice();
    if (this.#running.length > 0) this.#next ??= setImmediate(() => this.#slice());
  }

  #step(): void {
    const deadline = performance.now() + SLICE_MS;
    while (this.#running.length > 0) {
      const running = this.#running.at(-1)!;
      running.slices++;
      if (!running.walk.step(deadline)) return;
      this.#running.splice(this.#running.indexOf(running), 1);
      running.ended(running.slices);
    }
    this.#becomeIdle();
  }

  #becomeIdle(): void {
    const waiting = this.#idle;
    this.#idle = [];
    for (const resolve of waiting) resolve();
  }
}
