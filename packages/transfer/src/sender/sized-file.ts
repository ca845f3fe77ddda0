/**
 * A file that keeps the length that it had when it was opened.
 * @module
 */
import type { Awaitable } from "../tree/file-tree.js";
import { treeError } from "../tree/system-error.js";
import type { SentFile } from "./file-from.js";

/**
 * Reads as much of a file as it had at first: what is appended meanwhile is not sent, and a file that was cut short fails to be
 * read, with the error that rsync names.
 */
export class SizedFile implements SentFile {
  readonly #file: SentFile;
  readonly #size: number;
  #position = 0;

  /** @param size of the file, in bytes, as it was opened. */
  constructor(file: SentFile, size: number) {
    this.#file = file;
    this.#size = size;
  }

  read(into: Uint8Array): Awaitable<number> {
    const wanted = this.#wantedOf(into.length, this.#position);
    this.#position += wanted;
    return allOf(wanted, this.#file.read(into.subarray(0, wanted)));
  }

  readv(views: readonly Uint8Array[]): Awaitable<number> {
    let room = 0;
    for (const { length } of views) room += length;
    const wanted = this.#wantedOf(room, this.#position);
    this.#position += wanted;
    const answer = this.#file.readv(wanted === room ? views : firstBytes(views, wanted));
    return allOf(wanted, answer);
  }

  readAt(into: Uint8Array, position: number): Awaitable<number> {
    const wanted = this.#wantedOf(into.length, position);
    return allOf(wanted, this.#file.readAt(into.subarray(0, wanted), position));
  }

  #wantedOf(room: number, position: number): number {
    return Math.max(0, Math.min(room, this.#size - position));
  }
}

/** @throws ENODATA when the file has less than it should. */
function allOf(wanted: number, answer: Awaitable<number>): Awaitable<number> {
  if (answer instanceof Promise) return answer.then((count) => allOf(wanted, count));
  if (answer < wanted) throw treeError("ENODATA", "read", "");
  return answer;
}

/** The first `count` bytes of a row of views. */
function firstBytes(views: readonly Uint8Array[], count: number): Uint8Array[] {
  const first: Uint8Array[] = [];
  let left = count;
  for (const view of views) {
    if (left === 0) break;
    first.push(view.subarray(0, left));
    left -= Math.min(left, view.length);
  }
  return first;
}
