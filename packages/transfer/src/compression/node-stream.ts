/**
 * A stream of node:zlib as two functions: bytes go in, what they make is handed over in order. What is inside is never more
 * than the stream's own buffer, however much a few bytes expand to.
 * @module
 */
import type { Transform } from "node:stream";
import { StreamError } from "@tsrsync/protocol";
import type { LiteralSink } from "./literal-codec.js";

export class NodeStream {
  readonly #stream: Transform;
  readonly #name: string;
  #failure: Error | null = null;
  #ended = false;
  #wake: () => void = () => {};

  /** @param name - for the messages. */
  constructor(stream: Transform, name: string) {
    this.#stream = stream;
    this.#name = name;
    const wake = () => this.#wake();
    stream.on("readable", wake);
    stream.on("end", () => {
      this.#ended = true;
      wake();
    });
    stream.on("error", (error) => {
      this.#failure = error;
      wake();
    });
  }

  /** The stream has met the end of its data. */
  get ended(): boolean {
    return this.#ended;
  }

  /** @throws StreamError when the bytes can not be processed. */
  feed(bytes: Uint8Array, sink: LiteralSink): Promise<void> {
    return this.#run((done) => this.#stream.write(bytes, done), sink);
  }

  /** As `feed`, with the last bytes. @throws StreamError also when the stream is not whole. */
  end(bytes: Uint8Array, sink: LiteralSink): Promise<void> {
    // Whether it is whole is known when the output has ended, not when the input was taken.
    return this.#run(() => this.#stream.end(bytes), sink);
  }

  close(): void {
    this.#stream.destroy();
  }

  async #run(start: (done: () => void) => void, sink: LiteralSink): Promise<void> {
    let taken = false;
    if (this.#failure !== null) throw this.#refusal(this.#failure);
    start(() => {
      taken = true;
      this.#wake();
    });
    for (;;) {
      const piece = this.#stream.read() as Uint8Array | null;
      if (piece !== null) {
        const answer = sink(piece);
        if (answer instanceof Promise) await answer;
        continue;
      }
      if (this.#failure !== null) throw this.#refusal(this.#failure);
      if (taken || this.#ended) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #refusal(cause: Error): StreamError {
    return new StreamError(`${this.#name}: ${cause.message}`, { cause });
  }
}
