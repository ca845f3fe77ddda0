/**
 * How much a peer says before it is our turn again. Conversations with one daemon are much alike; who knows that its answer has some
 * fifty bytes need not wake up for the first two.
 * @module
 */

export class Habits {
  /** Bytes of each answer in the last two conversations. */
  #last: readonly number[] = [];
  #before: readonly number[] = [];

  /** So many bytes are sure to come as answer number `turn`; 0: who knows. */
  expected(turn: number): number {
    return Math.min(this.#last[turn] ?? 0, this.#before[turn] ?? 0);
  }

  /** A conversation is over. */
  learn(answers: readonly number[]): void {
    this.#before = this.#last;
    this.#last = answers;
  }

  /** It was not as expected. */
  forget(): void {
    this.#last = [];
  }
}
