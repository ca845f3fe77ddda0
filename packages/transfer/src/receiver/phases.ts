/**
 * What generator and receiver tell each other: which ends of phases the sender has answered, which files failed their
 * verification and are to be asked for again (spec 1-session, 7.2 and 7.4), and which temporary files are being written.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";

export class Phases {
  /** How many ends of phases the sender has answered. */
  answered = 0;
  /** Files to be requested once more, in the order in which they failed. */
  readonly redo: number[] = [];
  /** Temporary files that are being written: deletion must leave them alone. */
  readonly temporaries: Set<ByteString> = new Set();

  #waiters: (() => void)[] = [];
  #failure: Error | null = null;

  /** The sender answered the end of a phase. */
  advance(): void {
    this.answered++;
    this.#notify();
  }

  /** A file failed its verification for the first time. */
  requestAgain(ndx: number): void {
    this.redo.push(ndx);
    this.#notify();
  }

  /** Waits for the next change. @throws what `fail` was given. */
  async change(): Promise<void> {
    if (this.#failure === null) {
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
    if (this.#failure !== null) throw this.#failure;
  }

  /** One of the two has failed: the other one need not wait for it. */
  fail(error: Error): void {
    this.#failure ??= error;
    this.#notify();
  }

  /** Waits until the sender has answered `count` ends of phases. */
  async until(count: number): Promise<void> {
    while (this.answered < count) await this.change();
  }

  #notify(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }
}
