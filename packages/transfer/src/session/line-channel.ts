/**
 * The text phase of a daemon connection: whole lines, each waited for, before anything binary (spec 1-session, 4).
 * @module
 */
import type { Duplex } from "node:stream";
import { ExitCode, RsyncError } from "@tsrsync/protocol";
import { type ByteString, encodeByteString } from "@tsrsync/protocol/wire";

/** What takes chunks and gives back complete pieces; see `LineReader` and `ArgumentReader` of the handshake. */
export interface PieceReader<T> {
  push(chunk: Uint8Array): void;
  next(): T | null;
  rest(): Uint8Array;
}

/** A peer that talks on while nobody reads has to wait. */
const MAX_WAITING_CHUNKS = 4;

export class LineChannel {
  readonly #stream: Duplex;
  #leftover: Uint8Array = new Uint8Array(0);
  #queue: Uint8Array[] = [];
  #wake: (() => void) | null = null;
  #ended = false;
  #failure: RsyncError | null = null;

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on("data", this.#onData);
    stream.on("end", this.#onEnd);
    stream.on("close", this.#onEnd);
    stream.on("error", this.#onError);
  }

  /** Reads one piece; `null` when the peer closed the connection first. */
  async read<T>(reader: PieceReader<T>): Promise<T | null> {
    reader.push(this.#leftover);
    this.#leftover = new Uint8Array(0);
    for (;;) {
      const piece = reader.next();
      if (piece !== null) {
        this.#leftover = reader.rest();
        return piece;
      }
      const chunk = await this.#chunk();
      if (chunk === null) return null;
      reader.push(chunk);
    }
  }

  write(text: ByteString): void {
    this.#stream.write(encodeByteString(text));
  }

  /** Makes every present and future read fail. */
  abort(error: RsyncError): void {
    this.#failure ??= error;
    this.#wakeUp();
  }

  /** Lets go of the stream, paused; the bytes that were read and not used are returned. */
  release(): Uint8Array {
    this.#stream.pause();
    this.#stream.off("data", this.#onData);
    this.#stream.off("end", this.#onEnd);
    this.#stream.off("close", this.#onEnd);
    this.#stream.off("error", this.#onError);
    const bytes = Buffer.concat([this.#leftover, ...this.#queue]);
    this.#queue = [];
    this.#leftover = new Uint8Array(0);
    return bytes;
  }

  async #chunk(): Promise<Uint8Array | null> {
    for (;;) {
      const chunk = this.#queue.shift();
      if (chunk !== undefined) return chunk;
      if (this.#failure) throw this.#failure;
      if (this.#ended) return null;
      if (this.#stream.isPaused()) this.#stream.resume();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }

  readonly #onData = (chunk: Uint8Array): void => {
    this.#queue.push(chunk);
    if (this.#queue.length >= MAX_WAITING_CHUNKS) this.#stream.pause();
    this.#wakeUp();
  };

  readonly #onEnd = (): void => {
    this.#ended = true;
    this.#wakeUp();
  };

  readonly #onError = (cause: Error): void => {
    this.abort(new RsyncError(ExitCode.SocketIo, `read error: ${cause.message}`, { cause }));
  };
}
