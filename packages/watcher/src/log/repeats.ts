/**
 * Messages that come again and again are told once, then counted.
 * @module
 */

/** Decides which messages are told. */
export interface Repeats {
  /** Whether a message of this key is told. Before another key is told, the count of the last one is. */
  admit(key: string): boolean;
  /** Tells a count that waits. */
  flush(): void;
}

/**
 * Creates one.
 * @param tell gets the number of times that the last message came again
 * @param holdMs after which a count is told although nothing else came, and a message that comes again is told in full
 * @param now a clock in milliseconds
 */
export function createRepeats(
  tell: (count: number) => void,
  holdMs: number,
  now: () => number = () => performance.now(),
): Repeats {
  let last: string | null = null;
  let toldAt = 0;
  let count = 0;
  let timer: NodeJS.Timeout | null = null;

  function flush(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (count === 0) return;
    tell(count);
    count = 0;
    last = null;
  }

  return {
    admit(key) {
      if (key === last && (count > 0 || now() - toldAt < holdMs)) {
        count++;
        timer ??= setTimeout(flush, holdMs).unref();
        return false;
      }
      flush();
      last = key;
      toldAt = now();
      return true;
    },
    flush,
  };
}
