/**
 * What the reader's thread and its owner say to each other.
 * @module
 */
import type { Calm } from "./calm.js";

/** Read when the waker is written to. */
export type ToReader =
  /** The inotify instances to read from now on. Answered with `watching`: the others may be closed then. */
  | { kind: "watch"; instances: readonly WatchedInstance[] }
  /** Read until nothing is left, then answer with `drained`. */
  | { kind: "drain"; id: number }
  | { kind: "stop" };

export type FromReader = ReaderBatch | { kind: "watching" } | { kind: "drained"; id: number };

/** An instance, and until when nobody needs its events. */
export interface WatchedInstance {
  readonly descriptor: number;
  readonly calm: Calm;
}

/** What one read gave. */
export interface ReaderBatch {
  kind: "events";
  instance: number;
  bytes: Uint8Array<ArrayBuffer>;
  /** When the first of these events was noticed, in milliseconds since the epoch. */
  since: number;
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
  return { wallMs: Date.now(), steadyMs: steadyMs() };
}

/** Whole milliseconds on a clock that is never set, the same for all threads. */
export function steadyMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + Math.floor(nanoseconds / 1_000_000);
}

/** What the thread is given when it starts. */
export interface ReaderStart {
  waker: number;
}
