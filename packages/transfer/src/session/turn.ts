/**
 * Sharing the thread: whoever works for long lets the rest of the program (the connection, timers, other sessions) have
 * its turn now and then.
 * @module
 */
import { setImmediate as nextTurn } from "node:timers/promises";

export class Turn {
  readonly #lengthMs: number;
  #endsMs: number;

  constructor(lengthMs: number) {
    this.#lengthMs = lengthMs;
    this.#endsMs = performance.now() + lengthMs;
  }

  /** Whether it is somebody else's turn. */
  get isOver(): boolean {
    return performance.now() > this.#endsMs;
  }

  /** Lets everybody else have their turn. */
  async pass(): Promise<void> {
    await nextTurn();
    this.#endsMs = performance.now() + this.#lengthMs;
  }
}

/** Long enough that passing costs nothing, short enough that nobody notices. */
export const TURN_MS = 8;
