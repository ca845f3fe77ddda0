/**
 * `--bwlimit`: a stream that hands on what is written to it no faster than it may.
 * @module
 */
import { Writable } from "node:stream";
import type { ByteSink } from "./byte-stream.js";

/** What may be sent in this time goes out at once: shorter waits are not worth a timer. */
const SLICE_MS = 100;
/** However slow the line is to be, fewer bytes at a time help nobody. */
const MIN_SLICE_BYTES = 512;

export class PacedStream extends Writable {
  readonly #sink: ByteSink;
  readonly #bytesPerMs: number;
  readonly #sliceBytes: number;
  /** When what was handed on so far is used up. */
  #freeAtMs = 0;

  /** @param kibPerSecond more than 0 */
  constructor(sink: ByteSink, kibPerSecond: number) {
    super();
    this.#sink = sink;
    this.#bytesPerMs = (kibPerSecond * 1024) / 1000;
    this.#sliceBytes = Math.max(MIN_SLICE_BYTES, Math.floor(this.#bytesPerMs * SLICE_MS));
    // Whoever writes here wants to know what becomes of the connection.
    sink.on("error", (error) => this.destroy(error));
    sink.on("close", () => this.destroy());
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#handOn(chunk, 0, done);
  }

  #handOn(chunk: Buffer, from: number, done: () => void): void {
    if (this.#sink.destroyed) return;
    const nowMs = performance.now();
    if (nowMs < this.#freeAtMs) {
      setTimeout(() => this.#handOn(chunk, from, done), this.#freeAtMs - nowMs);
      return;
    }
    const slice = chunk.subarray(from, from + this.#sliceBytes);
    const next = from + slice.length;
    this.#freeAtMs = Math.max(this.#freeAtMs, nowMs - SLICE_MS) + slice.length / this.#bytesPerMs;
    this.#sink.write(slice, () => {
      if (next === chunk.length) done();
      else this.#handOn(chunk, next, done);
    });
  }
}
