/**
 * The log of late marks: a line is given to the kernel in one small call, which costs a twentieth of a write to the store. There
 * are two files. While the store takes over what is in one of them, new lines go to the other.
 * @module
 */
import { closeSync, fdatasync, ftruncate, openSync, readFileSync, writeSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

/** What the journal asks of a log. */
export interface MarkLog {
  /** All that was not dropped, by this process or earlier ones: one byte per character. */
  read(): string;
  /** Gives lines to the kernel, so that they survive kill -9. Throws when the disk is full. */
  append(lines: string): void;
  /** What was appended to this file survives a power failure when `done` is called. */
  sync(done: (error: Error | null) => void): void;
  /** Goes to the other file. */
  turn(): void;
  /** Empties the other file. It must not be turned to before. */
  drop(): Promise<void>;
  /** Empties both. Nothing must be appended before. */
  clear(): Promise<void>;
  /** Opens both files again, with what is in them. */
  reopen(): Promise<void>;
  close(): Promise<void>;
}

const NAMES = ["marks.0", "marks.1"] as const;
type Two = [number, number];
const truncate = promisify(ftruncate);

/** Opens the log in `place`, which is a directory; the files are made when they are missing. */
export async function openMarkLog(place: string): Promise<MarkLog> {
  const files = openFiles(place);
  // Their names survive a power failure, too.
  const directory = await open(place);
  await directory.sync();
  await directory.close();
  return new FileMarkLog(place, files);
}

function openFiles(place: string): Two {
  const first = openSync(join(place, NAMES[0]), "a+", 0o600);
  try {
    return [first, openSync(join(place, NAMES[1]), "a+", 0o600)];
  } catch (thrown) {
    closeSync(first);
    throw thrown;
  }
}

class FileMarkLog implements MarkLog {
  readonly #place: string;
  #files: Two;
  #current: 0 | 1 = 0;
  readonly #areEmpty: [boolean, boolean] = [false, false];
  #syncs = 0;
  #whenQuiet: (() => void) | null = null;

  constructor(place: string, files: Two) {
    this.#place = place;
    this.#files = files;
  }

  read(): string {
    return NAMES.map((name) => readFileSync(join(this.#place, name), "latin1")).join("");
  }

  append(lines: string): void {
    const file = this.#files[this.#current];
    this.#areEmpty[this.#current] = false;
    let left = lines;
    // A call that writes a part only is how a full disk begins; the next one tells why.
    while (left.length > 0) left = left.slice(writeSync(file, left, null, "latin1"));
  }

  sync(done: (error: Error | null) => void): void {
    this.#syncs++;
    fdatasync(this.#files[this.#current], (error) => {
      this.#syncs--;
      done(error);
      if (this.#syncs === 0) this.#whenQuiet?.();
    });
  }

  turn(): void {
    this.#current = this.#current === 0 ? 1 : 0;
  }

  drop(): Promise<void> {
    return this.#empty(this.#current === 0 ? 1 : 0);
  }

  async clear(): Promise<void> {
    await this.#empty(0);
    await this.#empty(1);
  }

  async #empty(which: 0 | 1): Promise<void> {
    if (this.#areEmpty[which]) return;
    await truncate(this.#files[which], 0);
    this.#areEmpty[which] = true;
  }

  async reopen(): Promise<void> {
    const files = openFiles(this.#place);
    await this.close();
    this.#files = files;
  }

  async close(): Promise<void> {
    if (this.#syncs > 0) {
      await new Promise<void>((resolve) => {
        this.#whenQuiet = resolve;
      });
    }
    for (const file of this.#files) closeSync(file);
  }
}
