/**
 * How long the process may stand still for the next answer of a peer.
 *
 * A turn of the event loop for each of a session's answers costs more than all the rest of the session when that is small, so
 * somebody who talks with one peer at a time does better to sleep in the kernel until it has answered. Nobody else gets to do
 * anything meanwhile; so it is done for moments only, and not where several peers are talked with or the peer is far away.
 * @module
 */

/** A peer that does not answer in this time has something to do, or is far away. Milliseconds, like all below. */
const LONGEST_WAIT = 10;
/** After so much of standing still everybody else has a turn. */
const TURN = 25;
/** Who talks with two peers within this time talks with both at once. */
const TOGETHER = 250;
/** A peer that was waited for in vain is not waited for for so long; each time again, twice as long. */
const SLOW = { first: 25, most: 10_000 };

export class Patience {
  #peer: object | null = null;
  #lastOther = Number.NEGATIVE_INFINITY;
  #slowUntil = Number.NEGATIVE_INFINITY;
  #slowFor = SLOW.first;
  #turnEnds = 0;

  /** A conversation with a peer begins. */
  begins(peer: object, now: number): void {
    if (peer === this.#peer) return;
    if (this.#peer !== null) this.#lastOther = now;
    this.#peer = peer;
    this.#slowUntil = Number.NEGATIVE_INFINITY;
    this.#slowFor = SLOW.first;
  }

  /** For how long an answer may be waited for; `null` when it is time for others, even if it is there. */
  wait(now: number): number | null {
    if (this.#turnEnds === 0) {
      this.#turnEnds = now + TURN;
      setImmediate(() => {
        this.#turnEnds = 0;
      });
    }
    const left = this.#turnEnds - now;
    if (left <= 0) return null;
    if (now < this.#slowUntil || now - this.#lastOther < TOGETHER) return 0;
    return Math.ceil(Math.min(left, LONGEST_WAIT));
  }

  /** It was waited for, and did not come. */
  inVain(now: number): void {
    this.#slowUntil = now + this.#slowFor;
    this.#slowFor = Math.min(2 * this.#slowFor, SLOW.most);
  }

  /** It was waited for, and came. */
  rewarded(): void {
    this.#slowFor = SLOW.first;
  }
}
