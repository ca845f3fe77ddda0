/**
 * One duplex stream of two one-way streams: standard input and output, or the pipes of a child process.
 * @module
 */
import { Duplex, type Readable, type Writable } from "node:stream";

const BUFFER_BYTES = 1 << 20;

/**
 * Reads from `input` and writes to `output`, which lead to the same peer. When that reads no more, what is written is
 * dropped: what it said last is still to be read, and then its end.
 */
export class JoinedStreams extends Duplex {
  readonly #input: Readable;
  readonly #output: Writable;

  constructor(input: Readable, output: Writable) {
    super({ readableHighWaterMark: BUFFER_BYTES, writableHighWaterMark: BUFFER_BYTES });
    this.#input = input;
    this.#output = output;
    input.pause();
    input.on("data", (chunk: Buffer) => {
      if (!this.push(chunk)) input.pause();
    });
    input.on("end", () => this.push(null));
    for (const event of ["error", "close"]) input.on(event, () => this.push(null));
    output.on("error", () => {});
  }

  override _read(): void {
    this.#input.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#output.write(chunk, () => done());
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.#output.cork();
    const last = chunks.length - 1;
    chunks.forEach(({ chunk }, index) => {
      this.#output.write(chunk, index === last ? () => done() : undefined);
    });
    this.#output.uncork();
  }

  override _final(done: () => void): void {
    this.#output.end(() => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#input.destroy();
    this.#output.destroy();
    done(error);
  }
}
