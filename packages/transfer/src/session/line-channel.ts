/**
 * The text phase of a daemon connection: whole lines, each waited for, before anything binary (spec 1-session, 4).
 * @module
 */
import { ExitCode, RsyncError } from "@tsrsync/protocol";
import { ArgumentListReader, LineReader } from "@tsrsync/protocol/handshake";
import { type ByteString, encodeByteString } from "@tsrsync/protocol/wire";
import type { ByteStream } from "./byte-stream.js";

/** A peer that talks on while nobody reads has to wait. */
const MAX_WAITING_CHUNKS = 4;

export class LineChannel {
  readonly #stream: ByteStream;
  readonly #lines = new LineReader();
  #queue: Uint8Array[] = [];
  #wake: (() => void) | null = null;
  #ended = false;
  #failure: RsyncError | null = null;

  /** `initial` are bytes of the peer that were read before. */
  constructor(stream: ByteStream, initial: Uint8Array = new Uint8Array(0)) {
    this.#stream = stream;
    if (initial.length > 0) this.#queue.push(initial);
    stream.on("data", this.#onData);
    stream.on("end", this.#onEnd);
    stream.on("close", this.#onEnd);
    stream.on("error", this.#onError);
  }

  /** The peer has said nothing that was not asked for, and is still there. */
  get isSilent(): boolean {
    return this.#queue.length === 0 && !this.isOver;
  }

  /** The peer has hung up. */
  get isOver(): boolean {
    return this.#ended || this.#failure !== null;
  }

  /** The next line, without its end; `null` when the peer closed the connection first. */
  readLine(maxLength: number): Promise<ByteString | null> {
    return this.#piece(() => this.#lines.next(maxLength));
  }

  /** The next `count` bytes as they are. */
  readBytes(count: number): Promise<Uint8Array | null> {
    return this.#piece(() => this.#lines.take(count)?.slice() ?? null);
  }

  /** A whole list of arguments. */
  async readArguments(terminator: "nul" | "line"): Promise<ByteString[] | null> {
    const reader = new ArgumentListReader(terminator);
    reader.push(this.#lines.rest());
    for (;;) {
      const list = reader.next();
      if (list !== null) {
        this.#lines.push(reader.rest());
        return list;
      }
      const chunk = await this.#chunk();
      if (chunk === null) return null;
      reader.push(chunk);
    }
  }

  async #piece<T>(next: () => T | null): Promise<T | null> {
    for (;;) {
      const piece = next();
      if (piece !== null) return piece;
      const chunk = await this.#chunk();
      if (chunk === null) return null;
      this.#lines.push(chunk);
    }
  }

  write(text: ByteString): void {
    this.#stream.write(encodeByteString(text));
  }

  writeBytes(bytes: Uint8Array): void {
    this.#stream.write(bytes);
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
    const bytes = Buffer.concat([this.#lines.rest(), ...this.#queue]);
    this.#queue = [];
    return bytes;
  }

  async #chunk(): Promise<Uint8Array | null> {
    for (;;) {
      const chunk = this.#queue.shift();
      if (chunk !== undefined) return chunk;
      if (this.#failure) throw this.#failure;
      if (this.#ended) return null;
      if (this.#stream.receiveNow?.() === true) continue;
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
