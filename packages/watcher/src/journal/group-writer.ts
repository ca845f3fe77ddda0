/**
 * Group commit (spec 6, 4.1): marks go to the log, and the store takes over all that changed, once a second or so. Nothing is
 * scheduled while nothing changes.
 * @module
 */
import { type RecordStore, reasonOf, type StoreOperation } from "./level-store.js";
import type { LoggedMarks } from "./log-lines.js";
import { MarkWriter } from "./mark-writer.js";

/** How long changes wait for others, in milliseconds: those that a push waits for, and all others. */
const WAIT_MS = { needed: 100, other: 1000 };
/** So many changes are not kept waiting. */
const GROUP_SIZE = 1000;
/** The shortest time between two writes that nobody waits for. */
const GAP_MS = 100;
const RETRY_MS = { first: 1000, most: 30_000 };
const DONE: Promise<void> = Promise.resolve();

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

/** Writes the changes of all roots. */
export class GroupWriter {
  readonly #store: RecordStore;
  readonly #warn: (text: string) => void;
  readonly #marks: MarkWriter;
  readonly #sources = new Set<WriteSource>();
  #timer: NodeJS.Timeout | null = null;
  /** What was to be waited for when the timer was set. */
  #timerWait = 0;
  #changes = 0;
  #running: Promise<void> = DONE;
  /** A writing that has not begun, which takes all that changed before it does. */
  #next: Promise<void> | null = null;
  #lastWrite = Number.NEGATIVE_INFINITY;
  /** Changes so far that a commit has to bring to the store, and those that are there. */
  #needed = 0;
  #neededThere = 0;
  /** Grows while writing fails. */
  #retryMs = 0;
  #isClosed = false;

  constructor(store: RecordStore, warn: (text: string) => void) {
    this.#store = store;
    this.#warn = warn;
    this.#marks = new MarkWriter(store.log, (thrown) => this.#failed(thrown));
  }

  add(source: WriteSource): void {
    this.#sources.add(source);
  }

  remove(source: WriteSource): void {
    this.#sources.delete(source);
  }

  /** A source has made marks. Returns at once. */
  marked(marks: LoggedMarks): void {
    if (this.#isFailing) this.#needed++;
    else this.#marks.add(marks);
    this.changed(marks.marks.length);
  }

  /** A source has changed in so many ways that may be lost with the process: it does more than it has to then. Returns at once. */
  changed(count: number): void {
    this.#changes += count;
    this.#schedule(this.#changes >= GROUP_SIZE ? 0 : WAIT_MS.other);
  }

  /** The same, of a change that the next commit has to save. */
  needed(): void {
    this.#needed++;
    this.#changes++;
    this.#schedule(this.#changes >= GROUP_SIZE ? 0 : WAIT_MS.needed);
  }

  /**
   * Saves marks and what else is needed. Never rejects: what could not be written is tried again later, and until then this
   * does nothing.
   */
  commit(): Promise<void> {
    if (this.#isFailing) return DONE;
    if (this.#needed !== this.#neededThere) return this.writeNow();
    this.#marks.write();
    return DONE;
  }

  /** Writes all that has changed so far to the store; nothing for a while after it failed. Never rejects. */
  write(): Promise<void> {
    return this.#isFailing ? DONE : this.writeNow();
  }

  /** The same, although it failed only just now: what is not written by this is lost. Never rejects. */
  writeNow(): Promise<void> {
    this.#next ??= this.#after(this.#running);
    return this.#next;
  }

  /** The last writing. False when it failed. */
  async close(): Promise<boolean> {
    this.#isClosed = true;
    await this.writeNow();
    this.#unschedule();
    this.#marks.forget();
    return !this.#isFailing;
  }

  get #isFailing(): boolean {
    return this.#retryMs > 0;
  }

  async #after(running: Promise<void>): Promise<void> {
    await running;
    this.#running = this.#writeAll();
    this.#next = null;
    await this.#running;
  }

  /** Not before the time has come to try again what failed. */
  #schedule(wait: number): void {
    if (this.#isFailing || (this.#timer !== null && this.#timerWait <= wait)) return;
    this.#setTimer(wait);
  }

  #setTimer(wait: number): void {
    this.#unschedule();
    this.#timerWait = wait;
    const gap = this.#lastWrite + GAP_MS - performance.now();
    this.#timer = setTimeout(this.#due, Math.max(wait, gap));
  }

  readonly #due = (): void => {
    this.#timer = null;
    void this.writeNow();
  };

  #unschedule(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  async #writeAll(): Promise<void> {
    this.#unschedule();
    this.#changes = 0;
    this.#lastWrite = performance.now();
    const wasFailing = this.#isFailing;
    if (wasFailing && !(await this.#reopened())) return;
    if (!wasFailing) this.#marks.turn();
    const needed = this.#needed;
    const writes: PendingWrite[] = [];
    try {
      for (const source of this.#sources) {
        const write = await source.takeWrite();
        if (write !== null) writes.push(write);
      }
      if (writes.length > 0) await this.#store.write(allOperations(writes), true);
    } catch (thrown) {
      for (const write of writes) write.done(false);
      this.#failed(thrown);
      return;
    }
    for (const write of writes) write.done(true);
    this.#neededThere = needed;
    this.#written(wasFailing);
  }

  /** What the log has of marks that were made before is of no use any more. */
  #written(wasFailing: boolean): void {
    try {
      if (wasFailing) this.#store.log.clear();
      else if (!this.#isFailing) this.#store.log.drop();
    } catch (thrown) {
      this.#failed(thrown);
      return;
    }
    if (!wasFailing) return;
    this.#retryMs = 0;
    this.#warn("the journal can be written again");
    if (this.#needed !== this.#neededThere) this.#schedule(WAIT_MS.needed);
  }

  #failed(thrown: unknown): void {
    if (!this.#isFailing) {
      const what = "changes are kept in memory until it can";
      this.#warn(`the journal cannot be written (${reasonOf(thrown)}); ${what}`);
    }
    // All that is not in the log goes to the store.
    this.#marks.forget();
    this.#needed++;
    this.#retryMs = Math.min(Math.max(this.#retryMs * 2, RETRY_MS.first), RETRY_MS.most);
    if (!this.#isClosed) this.#setTimer(this.#retryMs);
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
