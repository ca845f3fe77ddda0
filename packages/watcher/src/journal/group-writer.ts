/**
 * Group commit: what changes within a tenth of a second is written at once (spec 6, 4.1). Nothing is scheduled while nothing
 * changes.
 * @module
 */
import { type RecordStore, reasonOf, type StoreOperation } from "./level-store.js";
import { encodeJson } from "./records.js";

/** The longest time that a change stays in memory only, and the shortest between two calls of fdatasync. */
const GROUP_MS = 100;
/** So many changes are written without waiting. */
const GROUP_SIZE = 1000;
const RETRY_MS = { first: 1000, most: 30_000 };
/** Written when there is nothing else that could carry the wish for fdatasync. */
const SYNC_KEY = Buffer.from("Y");

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
  takeWrite(): Promise<PendingWrite | null> | PendingWrite | null;
}

/** Writes the changes of all roots. */
export class GroupWriter {
  readonly #store: RecordStore;
  readonly #warn: (text: string) => void;
  readonly #sources = new Set<WriteSource>();
  #timer: NodeJS.Timeout | null = null;
  #timerAt = 0;
  #changes = 0;
  #running: Promise<void> = Promise.resolve();
  /** A writing that has not begun, which takes all that changed before it does. */
  #next: Promise<void> | null = null;
  #lastSync = 0;
  #isUnsynced = false;
  #retryMs = 0;
  #isClosed = false;

  constructor(store: RecordStore, warn: (text: string) => void) {
    this.#store = store;
    this.#warn = warn;
  }

  add(source: WriteSource): void {
    this.#sources.add(source);
  }

  remove(source: WriteSource): void {
    this.#sources.delete(source);
  }

  /** A source has changed in so many ways. Returns at once. */
  changed(count: number): void {
    this.#changes += count;
    if (this.#retryMs > 0) return;
    if (this.#changes >= GROUP_SIZE) this.#schedule(0);
    else this.#schedule(GROUP_MS);
  }

  /**
   * Writes what has changed so far. Never rejects: what could not be written is tried again later, and until then this
   * does nothing.
   */
  commit(): Promise<void> {
    return this.#retryMs > 0 ? Promise.resolve() : this.commitNow();
  }

  /** The same, although it failed only just now: what is not written by this is lost. Never rejects. */
  commitNow(): Promise<void> {
    this.#next ??= this.#after(this.#running);
    return this.#next;
  }

  /** The last writing. False when it failed. */
  async close(): Promise<boolean> {
    this.#isClosed = true;
    this.#isUnsynced = true;
    this.#lastSync = 0;
    await this.commitNow();
    this.#unschedule();
    return this.#retryMs === 0;
  }

  async #after(running: Promise<void>): Promise<void> {
    await running;
    this.#running = this.#write();
    this.#next = null;
    await this.#running;
  }

  #schedule(delay: number): void {
    const at = performance.now() + delay;
    if (this.#timer !== null && this.#timerAt <= at) return;
    this.#unschedule();
    this.#timerAt = at;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.commitNow();
    }, delay);
  }

  #unschedule(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  async #write(): Promise<void> {
    this.#unschedule();
    this.#changes = 0;
    if (this.#retryMs > 0 && !(await this.#reopened())) return;
    const writes: PendingWrite[] = [];
    try {
      await this.#writeAll(writes);
      for (const write of writes) write.done(true);
    } catch (thrown) {
      for (const write of writes) write.done(false);
      this.#failed(thrown);
    }
  }

  async #writeAll(writes: PendingWrite[]): Promise<void> {
    for (const source of this.#sources) {
      const write = await source.takeWrite();
      if (write !== null) writes.push(write);
    }
    const isSyncDue = performance.now() - this.#lastSync >= GROUP_MS;
    if (writes.length > 0) {
      await this.#store.write(allOperations(writes), isSyncDue);
    } else if (this.#isUnsynced && isSyncDue) {
      const value = encodeJson(SYNC_KEY, null);
      await this.#store.write([{ type: "put", key: SYNC_KEY, value }], true);
    } else {
      if (this.#isUnsynced) this.#schedule(GROUP_MS);
      return;
    }
    this.#written(isSyncDue);
  }

  #written(isSynced: boolean): void {
    if (isSynced) this.#lastSync = performance.now();
    this.#isUnsynced = !isSynced;
    if (!isSynced) this.#schedule(GROUP_MS);
    if (this.#retryMs > 0) this.#warn("the journal can be written again");
    this.#retryMs = 0;
  }

  #failed(thrown: unknown): void {
    if (this.#retryMs === 0) {
      const what = "changes are kept in memory until it can";
      this.#warn(`the journal cannot be written (${reasonOf(thrown)}); ${what}`);
    }
    this.#retryMs = Math.min(Math.max(this.#retryMs * 2, RETRY_MS.first), RETRY_MS.most);
    if (!this.#isClosed) this.#schedule(this.#retryMs);
  }

  /** After a failure the state of the store's log is not known, so that it writes nothing before it was read again. */
  async #reopened(): Promise<boolean> {
    try {
      await this.#store.reopen();
      return true;
    } catch (thrown) {
      this.#failed(thrown);
      return false;
    }
  }
}

function* allOperations(writes: readonly PendingWrite[]): IterableIterator<StoreOperation> {
  for (const { operations } of writes) yield* operations;
}
