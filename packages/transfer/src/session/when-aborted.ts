/**
 * What is to happen when a signal ends something short, of which there are many in the life of the signal: a listener of its own for
 * each would cost more than some of them.
 * @module
 */

/** What waits for each signal. */
const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/** Calls `act` when the signal is aborted, at once if it is already. Returns what takes it back. */
export function whenAborted(signal: AbortSignal | undefined, act: () => void): () => void {
  if (signal === undefined) return () => {};
  if (signal.aborted) {
    act();
    return () => {};
  }
  const acts = waiting.get(signal) ?? listenTo(signal);
  const own = () => act(); // the same function may wait twice
  acts.add(own);
  return () => void acts.delete(own);
}

function listenTo(signal: AbortSignal): Set<() => void> {
  const acts = new Set<() => void>();
  waiting.set(signal, acts);
  const actAll = () => {
    for (const act of [...acts]) act();
    acts.clear();
  };
  signal.addEventListener("abort", actAll, { once: true });
  return acts;
}
