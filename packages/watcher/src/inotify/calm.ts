/**
 * Until when nobody needs the events of an inotify instance. While a target's next push is not due, events are better left in the
 * kernel's queue: each time that both threads wake up for some costs more than the events themselves.
 * @module
 */
import { steadyMs } from "./reader-messages.js";

/** However long nobody asks for them, events wait no longer in the queue, which has an end. In milliseconds. */
export const LONGEST_CALM_MS = 50;

/** A moment that two threads share: one sets it, the other looks at it. */
export type Calm = Int32Array<SharedArrayBuffer>;

/** No rest at first. */
export function createCalm(): Calm {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
}

/** Nobody needs events for so long from `now` on (of the steady clock). */
export function setCalm(calm: Calm, forMs: number, now: number = steadyMs()): void {
  // The lower half of the clock is enough to tell moments that are so near.
  Atomics.store(calm, 0, now + Math.min(forMs, LONGEST_CALM_MS));
}

/** For how long from `now` (of the steady clock) nobody needs events. */
export function calmLeft(calm: Calm, now: number): number {
  const left = (Atomics.load(calm, 0) - now) | 0;
  return left > 0 && left <= LONGEST_CALM_MS ? left : 0;
}
