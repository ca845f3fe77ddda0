/**
 * What the journal is written from.
 * @module
 */
import type { StoreOperation } from "./level-store.js";

/** What one writing takes from one part of the journal. */
export interface PendingWrite {
  /** Made one by one as they are written, so that much of it does not keep others waiting. */
  readonly operations: Iterable<StoreOperation>;
  /** It is in the store, or it is not and has to be handed out again. */
  done(isWritten: boolean): void;
}

/** A part of the journal that has changes now and then. */
export interface WriteSource {
  /** Takes what has changed; `null` for nothing. */
  takeWrite(): Promise<PendingWrite | null>;
}

/** The operations of several, one after the other. */
export function* allOperations(writes: readonly PendingWrite[]): IterableIterator<StoreOperation> {
  for (const { operations } of writes) yield* operations;
}
