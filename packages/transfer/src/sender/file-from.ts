/**
 * The rest of a file.
 * @module
 */
import type { Awaitable, TreeFile } from "../tree/file-tree.js";

/** What of an open file is needed to read it from its start to its end. */
export type ReadableFile = Pick<TreeFile, "read" | "readv">;

/** What of an open file is needed to send it. */
export type SentFile = Pick<TreeFile, "read" | "readv" | "readAt">;

/** Reads a file from a position on. */
export class FileFrom implements ReadableFile {
  readonly #file: SentFile;
  #position: number;

  constructor(file: SentFile, position: number) {
    this.#file = file;
    this.#position = position;
  }

  read(into: Uint8Array): Awaitable<number> {
    const count = this.#file.readAt(into, this.#position);
    if (count instanceof Promise) return count.then((late) => this.#advance(late));
    return this.#advance(count);
  }

  async readv(views: readonly Uint8Array[]): Promise<number> {
    let sum = 0;
    for (const view of views) {
      const count = await this.read(view);
      sum += count;
      if (count < view.length) break;
    }
    return sum;
  }

  #advance(count: number): number {
    this.#position += count;
    return count;
  }
}
