/**
 * Writes marks to the log: at the latest after a tenth of a second, and so late at most they are safe from a power failure, too
 * (spec 6, 4.1).
 * @module
 */
import { encodeLine, type LoggedMarks } from "./log-lines.js";
import type { MarkLog } from "./mark-log.js";

/** The longest time that a mark stays in memory only, or that the kernel alone has it. */
const GROUP_MS = 100;
/** The shortest time between two calls of fdatasync where marks are not kept waiting. */
const SYNC_GAP_MS = 80;
/** A disk that keeps the process waiting for so long is not asked again for a while. */
const SLOW_MS = { call: 10, rest: 30_000 };
/** So many marks are written without waiting. */
const GROUP_SIZE = 1000;

/** The marks that are not in the log yet, or not on the disk. */
export class MarkWriter {
  readonly #log: MarkLog;
  readonly #failed: (thrown: unknown) => void;
  #pending: LoggedMarks[] = [];
  #count = 0;
  /** Runs while there is anything to be written or to be synced. */
  #timer: NodeJS.Timeout | null = null;
  #isSyncing = false;
  #lastSync = 0;
  #slowUntil = 0;

  /** @param failed told when the log cannot be written: the store has to take over what was to be in it */
  constructor(log: MarkLog, failed: (thrown: unknown) => void) {
    this.#log = log;
    this.#failed = failed;
  }

  /** The disk is so busy that even a line for the kernel's memory has to wait: the store, which has threads, is better then. */
  get isSlow(): boolean {
    return this.#slowUntil > 0 && performance.now() < this.#slowUntil;
  }

  /** Marks were made. */
  add(marks: LoggedMarks): void {
    this.#pending.push(marks);
    this.#count += marks.marks.length;
    if (this.#count >= GROUP_SIZE) this.write();
    else this.#timer ??= setTimeout(this.#due, GROUP_MS);
  }

  /** Gives to the kernel what was added so far. */
  write(): void {
    if (this.#pending.length === 0 || !this.#append()) return;
    if (performance.now() - this.#lastSync >= SYNC_GAP_MS) this.#sync();
    else this.#timer ??= setTimeout(this.#due, GROUP_MS);
  }

  /** The store takes over all that was added so far, and makes it safe. */
  turn(): void {
    if (this.#pending.length > 0 && !this.#append()) return;
    this.#rest();
    this.#log.turn();
  }

  /** The store has got hold of all that was added so far. */
  forget(): void {
    this.#rest();
    this.#pending = [];
    this.#count = 0;
  }

  #rest(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  readonly #due = (): void => {
    this.#timer = null;
    if (this.#pending.length === 0 || this.#append()) this.#sync();
  };

  /** False when it failed. */
  #append(): boolean {
    const line = encodeLine(this.#pending);
    this.#pending = [];
    this.#count = 0;
    const begun = performance.now();
    try {
      this.#log.append(line);
      const ended = performance.now();
      this.#slowUntil = ended - begun < SLOW_MS.call ? 0 : ended + SLOW_MS.rest;
      return true;
    } catch (thrown) {
      this.#failed(thrown);
      return false;
    }
  }

  #sync(): void {
    this.#rest();
    if (this.#isSyncing) {
      this.#timer = setTimeout(this.#due, GROUP_MS);
      return;
    }
    this.#isSyncing = true;
    this.#lastSync = performance.now();
    this.#log.sync((error) => {
      this.#isSyncing = false;
      if (error !== null) this.#failed(error);
    });
  }
}
