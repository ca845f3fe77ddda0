/**
 * Group commit (spec 6, 4.1): marks go to the log, and the store takes over all that changed, once a second or so. Nothing is
 * scheduled while nothing changes.
 * @module
 */
import type { RecordStore, StoreOperation } from "./level-store.js";
import type { LoggedMarks } from "./log-lines.js";
import { MarkWriter } from "./mark-writer.js";
import { encodeJson } from "./records.js";
import { reasonOf } from "./store-errors.js";
import { allOperations, type PendingWrite, type WriteSource } from "./write-source.js";
import { WriteTimer } from "./write-timer.js";

/** How long changes wait for others, in milliseconds: those that a push waits for, and all others. */
const WAIT_MS = { needed: 100, other: 1000 };
/** So many changes are not kept waiting. */
const GROUP_SIZE = 1000;
const RETRY_MS = { first: 1000, most: 30_000 };
/** Written when there is nothing else that could carry the wish for fdatasync. */
const SYNC_KEY = Buffer.from("Y");
const SYNC: StoreOperation = { type: "put", key: SYNC_KEY, value: encodeJson(SYNC_KEY, null) };
const DONE: Promise<void> = Promise.resolve();

/** Writes the changes of all roots. */
export class GroupWriter {
  readonly #store: RecordStore;
  readonly #warn: (text: string) => void;
  readonly #marks: MarkWriter;
  readonly #sources = new Set<WriteSource>();
  readonly #timer: WriteTimer = new WriteTimer(() => void this.writeNow());
  #changes = 0;
  #running: Promise<void> = DONE;
  /** A writing that has not begun, which takes all that changed before it does. */
  #next: Promise<void> | null = null;
  #isNextSynced = false;
  /** The last writing is in the hands of the kernel only. */
  #isUnsynced = false;
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
    if (this.#isFailing || this.#marks.isSlow) this.needed();
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
    // A push does not wait for the disk.
    if (this.#needed !== this.#neededThere) return this.#enqueue(false);
    this.#marks.write();
    return DONE;
  }

  /** Writes all that has changed so far to the store; nothing for a while after it failed. Never rejects. */
  write(): Promise<void> {
    return this.#isFailing ? DONE : this.writeNow();
  }

  /** The same, although it failed only just now: what is not written by this is lost. Never rejects. */
  writeNow(): Promise<void> {
    return this.#enqueue(true);
  }

  /** The last writing. False when it failed. */
  async close(): Promise<boolean> {
    this.#isClosed = true;
    await this.writeNow();
    this.#timer.clear();
    this.#marks.forget();
    return !this.#isFailing;
  }

  get #isFailing(): boolean {
    return this.#retryMs > 0;
  }

  #enqueue(isSynced: boolean): Promise<void> {
    this.#isNextSynced ||= isSynced;
    this.#next ??= this.#after(this.#running);
    return this.#next;
  }

  async #after(running: Promise<void>): Promise<void> {
    await running;
    this.#running = this.#writeAll(this.#isNextSynced || this.#isFailing);
    this.#isNextSynced = false;
    this.#next = null;
    await this.#running;
  }

  /** Not before the time has come to try again what failed. */
  #schedule(wait: number): void {
    if (!this.#isFailing) this.#timer.atMost(wait);
  }

  async #writeAll(isSynced: boolean): Promise<void> {
    this.#timer.begins();
    this.#changes = 0;
    const wasFailing = this.#isFailing;
    if (wasFailing && !(await this.#reopened())) return;
    // Only what is on the disk can be dropped from the log.
    if (isSynced && !wasFailing) this.#marks.turn();
    const needed = this.#needed;
    const writes: PendingWrite[] = [];
    try {
      for (const source of this.#sources) {
        const write = await source.takeWrite();
        if (write !== null) writes.push(write);
      }
      if (writes.length > 0) await this.#store.write(allOperations(writes), isSynced);
      else if (this.#isUnsynced && isSynced) await this.#store.write([SYNC], true);
    } catch (thrown) {
      for (const write of writes) write.done(false);
      this.#failed(thrown);
      return;
    }
    for (const write of writes) write.done(true);
    this.#neededThere = needed;
    this.#isUnsynced = !isSynced;
    if (isSynced) await this.#dropMarks(wasFailing);
    else this.#schedule(WAIT_MS.needed);
  }

  /** What the log has of marks that were made before is of no use any more. */
  async #dropMarks(wasFailing: boolean): Promise<void> {
    try {
      if (wasFailing) await this.#store.log.clear();
      else if (!this.#isFailing) await this.#store.log.drop();
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
    if (!this.#isClosed) this.#timer.set(this.#retryMs);
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
