/**
 * Directories in which only names came and went that are not mirrored: their times changed all the same (spec 6, 3.2). There is no
 * hurry with these: programs make and remove hidden files all the time.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";

/** At most so often such a directory is marked. */
const WAIT_MS = 1000;

export class TouchedDirectories {
  readonly #paths = new Set<ByteString>();
  readonly #tell: (paths: ReadonlySet<ByteString>) => void;
  #timer: NodeJS.Timeout | undefined;

  /** `tell` is given what has gathered, a while later. */
  constructor(tell: (paths: ReadonlySet<ByteString>) => void) {
    this.#tell = tell;
  }

  add(path: ByteString): void {
    this.#paths.add(path);
    this.#timer ??= setTimeout(() => this.settle(), WAIT_MS);
  }

  /** Tells at once. */
  settle(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#paths.size === 0) return;
    this.#tell(this.#paths);
    this.#paths.clear();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#paths.clear();
  }
}
