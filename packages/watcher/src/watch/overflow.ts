/**
 * What follows when the kernel dropped events: a walk of what they were about, and more patience each time that this happens again
 * at once (spec 6, 4.4).
 * @module
 */
import { type Moment, thisMoment } from "../inotify/reader-messages.js";

/** Clocks of files are coarser than ours. */
const MARGIN_MS = 2000;
/** A larger difference between the two clocks means that the first one was set. */
const STEP_MS = 1000;
/** So many overflows in a row are borne without waiting. */
const PATIENT = 3;
const FIRST_WAIT_MS = 1000;
const MAX_WAIT_MS = 60_000;

export interface OverflowContext {
  /** Walks the root; `boundNs`: everything that changed earlier was told. Resolves when it is done or not worth going on with. */
  rescan(boundNs: bigint): Promise<void>;
  /** Ends the walk that runs. */
  cancel(): void;
  warn(text: string): void;
}

export class Overflow {
  readonly #context: OverflowContext;
  #bound: Moment | null = null;
  #again = false;
  #inARow = 0;
  #running: Promise<void> | null = null;
  #wake: (() => void) | undefined;
  /** How many wait to be told that what was lost has been found. */
  #hurried = 0;
  #closed = false;

  constructor(context: OverflowContext) {
    this.#context = context;
  }

  /** Events were lost; none that happened before `empty`. */
  hit(empty: Moment): void {
    this.#inARow++;
    if (this.#inARow === PATIENT) {
      this.#context.warn(
        "events come faster than they can be taken, again and again: raise fs.inotify.max_queued_events",
      );
    }
    if (this.#running !== null) {
      this.#again = true;
      this.#context.cancel();
      return;
    }
    this.#bound = empty;
    this.#running = this.#run().finally(() => {
      this.#running = null;
      this.#inARow = 0;
    });
  }

  /** Resolves when what was lost has been found, without waiting for quieter times. */
  async settled(): Promise<void> {
    this.#hurried++;
    this.#wake?.();
    await this.#running;
    this.#hurried--;
  }

  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  async #run(): Promise<void> {
    do {
      await this.#wait();
      if (this.#closed) return;
      this.#again = false;
      await this.#context.rescan(boundOf(this.#bound!));
    } while (this.#again && !this.#closed);
  }

  async #wait(): Promise<void> {
    const extra = this.#inARow - PATIENT;
    if (extra <= 0 || this.#hurried > 0) return;
    const waitMs = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** (extra - 1));
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, waitMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }
}

/** The ctime from which on things may be unknown, 0 when the clock was set since then. */
function boundOf(empty: Moment): bigint {
  const now = thisMoment();
  const stepped = now.wallMs - empty.wallMs - (now.steadyMs - empty.steadyMs);
  if (empty.wallMs === 0 || Math.abs(stepped) > STEP_MS) return 0n;
  return BigInt(Math.floor(empty.wallMs - MARGIN_MS)) * 1_000_000n;
}
