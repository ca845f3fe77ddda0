/**
 * What the reader's thread and its owner say to each other.
 * @module
 */

/** Read when the waker is written to. */
export type ToReader =
  /** The inotify instances to read from now on. Answered with `watching`: the others may be closed then. */
  | { kind: "watch"; instances: readonly number[] }
  /** Read until nothing is left, then answer with `drained`. */
  | { kind: "drain"; id: number }
  | { kind: "stop" };

export type FromReader =
  | ReaderBatch
  | { kind: "watching"; instances: readonly number[] }
  | { kind: "drained"; id: number };

/** What one read gave. */
export interface ReaderBatch {
  kind: "events";
  instance: number;
  bytes: Uint8Array<ArrayBuffer>;
  /** When the queue was last known to be empty: nothing that happened before is missing from it. */
  empty: Moment;
}

/** A moment on two clocks, so that a step of the first one shows. */
export interface Moment {
  /** Milliseconds since the epoch. */
  wallMs: number;
  /** Milliseconds on a clock that is never set. */
  steadyMs: number;
}

/** This moment. */
export function thisMoment(): Moment {
  return { wallMs: Date.now(), steadyMs: Number(process.hrtime.bigint() / 1_000_000n) };
}

/** What the thread is given when it starts. */
export interface ReaderStart {
  waker: number;
}
