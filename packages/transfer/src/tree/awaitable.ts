/**
 * Going on with an answer that may be there at once: without a promise where there is none.
 * @module
 */
import type { Awaitable } from "./file-tree.js";

/** What `next` makes of the answer. */
export function andThen<T, U>(
  answer: Awaitable<T>,
  next: (value: T) => Awaitable<U>,
): Awaitable<U> {
  return answer instanceof Promise ? answer.then(next) : next(answer);
}

/** The answer of `attempt`, or what `recover` makes of its failure, now or later. */
export function orRecover<T>(
  attempt: () => Awaitable<T>,
  recover: (error: unknown) => T,
): Awaitable<T> {
  try {
    const answer = attempt();
    return answer instanceof Promise ? answer.catch(recover) : answer;
  } catch (error) {
    return recover(error);
  }
}
