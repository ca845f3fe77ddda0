/**
 * Remembers which directories were looked into by their path while it may have been out of date.
 *
 * Events tell of the past: by the time that a directory's creation is read, one above it may have another name already, and
 * what is at the path then is nothing, or something else. The rename is still to be read, and when it has been, what was
 * looked at must be looked at again. Once everything that was queued at the time of the look has been read there is no doubt left.
 * @module
 */

/** More than so many are remembered as one doubt about everything. */
const MAX_DIRECTORIES = 1000;
/** How long looks are gathered before the queue is asked to be emptied. */
const GATHER_MS = 100;

const EVERYTHING = 0;

export interface DoubtContext {
  /** Resolves when everything that is queued now has been taken. */
  drain(): Promise<void>;
  isWithin(node: number, ancestor: number): boolean;
}

/** What has to be looked at again. */
export interface Doubt {
  node: number;
  /** Also what is below its sub-directories. */
  deep: boolean;
}

export class PathDoubts {
  readonly #context: DoubtContext;
  /** Directories in which something was looked up, and when. */
  readonly #looked = new Map<number, number>();
  /** Where walks started that have gone on since, and when they did last. */
  readonly #walked = new Map<number, number>();
  #clock = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(context: DoubtContext) {
    this.#context = context;
  }

  /** Something was looked up in a directory. */
  looked(node: number): void {
    if (this.#looked.size < MAX_DIRECTORIES) this.#looked.set(node, this.#clock);
    else this.#walked.set(EVERYTHING, this.#clock);
    this.#timer ??= setTimeout(() => void this.#settle(), GATHER_MS);
  }

  /** A walk that started from a directory went on. */
  walked(start: number): void {
    this.#walked.set(start, this.#clock);
    this.#timer ??= setTimeout(() => void this.#settle(), GATHER_MS);
  }

  /** What to look at again now that a directory was found to have moved. */
  about(moved: number): Doubt[] {
    for (const start of this.#walked.keys()) {
      if (this.#context.isWithin(moved, start) || this.#context.isWithin(start, moved)) {
        return [{ node: moved, deep: true }];
      }
    }
    const doubts: Doubt[] = [];
    for (const node of this.#looked.keys()) {
      if (this.#context.isWithin(node, moved)) doubts.push({ node, deep: false });
    }
    return doubts;
  }

  dropped(node: number): void {
    this.#looked.delete(node);
    this.#walked.delete(node);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #settle(): Promise<void> {
    // The kernel moves a directory first and tells then: what was looked at only just now stays in doubt until the next time.
    const bound = this.#clock++;
    await this.#context.drain();
    this.#timer = undefined;
    if (this.#closed) return;
    for (const doubts of [this.#looked, this.#walked]) {
      for (const [node, at] of doubts) if (at < bound) doubts.delete(node);
    }
    if (this.#looked.size + this.#walked.size > 0) {
      this.#timer = setTimeout(() => void this.#settle(), GATHER_MS);
    }
  }
}
