/**
 * Directories in which names came or went of which nothing else is to be told yet, or ever: names that are not mirrored, and files
 * that are still being written (spec 6, 3.2). Their times changed all the same, but there is no hurry with these: programs make and
 * remove hidden files all the time, and a new file brings its directory along when it is complete.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { Mark } from "../state/mark.js";
import { parentOf } from "../state/tree-paths.js";

/** At most so often such a directory is marked. */
const WAIT_MS = 1000;

export class TouchedDirectories {
  readonly #paths = new Set<ByteString>();
  readonly #due: () => void;
  #timer: NodeJS.Timeout | undefined;

  /** `due` is called when they have waited for long enough; then they want to be taken. */
  constructor(due: () => void) {
    this.#due = due;
  }

  add(path: ByteString): void {
    this.#paths.add(path);
  }

  /** All of them, which wait no longer. */
  take(): ByteString[] {
    const paths = [...this.#paths];
    this.#paths.clear();
    return paths;
  }

  /** Those that go with marks which are about to be told; the others wait. */
  takeWith(marks: Iterable<Mark>): ByteString[] {
    if (this.#paths.size === 0) return [];
    const taken: ByteString[] = [];
    for (const { path } of marks) {
      const parent = parentOf(path);
      if (this.#paths.delete(parent)) taken.push(parent);
      this.#paths.delete(path);
    }
    if (this.#paths.size > 0) this.#timer ??= setTimeout(() => this.#expire(), WAIT_MS);
    return taken;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#paths.clear();
  }

  #expire(): void {
    this.#timer = undefined;
    if (this.#paths.size > 0) this.#due();
  }
}
