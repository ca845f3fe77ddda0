/**
 * The reading end of a session: raw bytes at first, frames later (spec 1-session, 6).
 *
 * Records are decoded from bytes that are already here; only when a record is incomplete does the caller wait. No promise
 * is made per field or per entry. File data is handed out as borrowed views of what the socket delivered, never copied.
 * @module
 */
import { ExitCode, RsyncError, StreamError } from "@tsrsync/protocol";
import {
  type Cursor,
  createCursor,
  decodeFrameHeader,
  FRAME_HEADER,
  MessageCode,
  UNDERFLOW,
} from "@tsrsync/protocol/wire";
import type { Awaitable } from "../tree/file-tree.js";
import type { ByteSource } from "./byte-stream.js";

/** Called for each message that stands between the data; `payload` is borrowed. */
export type MessageHandler = (code: MessageCode, payload: Uint8Array) => void;

/** Reading ahead stops when this many bytes wait to be decoded. */
const HIGH_WATER_BYTES = 1 << 20;

const NOTHING = new Uint8Array(0);

export class Input {
  /** The logical bytes at hand. Decoders move it; everything before `offset` is forgotten. */
  readonly cursor: Cursor = createCursor(NOTHING);
  /** Called before the session waits for the peer: the moment to send what was written so far. */
  beforeWaiting: () => void = () => {};
  /** Wire bytes consumed so far, frame headers included. */
  bytesRead = 0;
  /** Of these, those that were decoded. */
  get bytesDecoded(): number {
    return this.bytesRead - (this.cursor.end - this.cursor.offset);
  }
  /** When the peer was last heard of (`performance.now()`). */
  lastActivityMs: number = performance.now();
  /** Takes a copy of the data (not of messages) as it comes in; bytes are borrowed. */
  copyTo: ((data: Uint8Array) => void) | null = null;

  readonly #source: ByteSource;
  readonly #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  /** The source is paused until more of what waits is decoded. */
  #isFull = false;
  #raw: Uint8Array = NOTHING;
  #rawOffset = 0;
  #onMessage: MessageHandler | null = null;
  #paused: MessageHandler | null = null;
  #frameLeft = 0;
  /** Where pieces of a record are put together; it has room at its end. */
  #joined: Uint8Array = NOTHING;
  /** Header and payload of a message (or a header cut by a chunk border) on its way. */
  #partial: Uint8Array = NOTHING;
  #partialLength = 0;
  #wake: (() => void) | null = null;
  #ended = false;
  #failure: RsyncError | null = null;

  /**
   * @param initial bytes of the peer that were read before; they come first
   * @param hasEnded whoever read them was told of the source's end, too
   */
  constructor(source: ByteSource, initial: Uint8Array = NOTHING, hasEnded = false) {
    this.#source = source;
    this.#ended = hasEnded;
    if (initial.length > 0) this.#enqueue(initial);
    source.on("data", this.#onData);
    source.on("end", this.#onEnd);
    source.on("close", this.#onEnd);
    source.on("error", this.#onError);
  }

  /** From here on the input consists of frames. Bytes already at hand are part of them. */
  startFraming(onMessage: MessageHandler): void {
    const { cursor } = this;
    const left = cursor.bytes.subarray(cursor.offset, cursor.end);
    this.#setCursor(NOTHING, 0, 0);
    if (left.length > 0) this.#returnToFront(left);
    this.#onMessage = onMessage;
  }

  /** What comes next is bare, up to `resumeFraming`. Everything that was framed must have been read. */
  pauseFraming(): void {
    this.#paused = this.#onMessage;
    this.#onMessage = null;
  }

  /** Frames come again. */
  resumeFraming(): void {
    if (this.#paused !== null) this.startFraming(this.#paused);
    this.#paused = null;
  }

  /**
   * Decodes one record: at once when its bytes are here, else after waiting. `decode` may be called several times for one
   * record and must leave no trace when it throws `UNDERFLOW`.
   * @throws StreamError when the stream ends first.
   */
  read<T>(decode: (cursor: Cursor) => T): Awaitable<T> {
    const { cursor } = this;
    if (cursor.offset === cursor.end) this.#supply();
    for (;;) {
      const start = cursor.offset;
      try {
        return decode(cursor);
      } catch (thrown) {
        if (thrown !== UNDERFLOW) throw thrown;
      }
      cursor.offset = start;
      if (!this.#supplyRecord() && !this.#receiveNow()) return this.#readLater(decode);
    }
  }

  async #readLater<T>(decode: (cursor: Cursor) => T): Promise<T> {
    await this.#wait();
    return this.read(decode);
  }

  /** Waits for bytes beyond those at hand. @throws StreamError when the stream ends first. */
  async more(): Promise<void> {
    while (!this.#supply()) if (!this.#receiveNow()) await this.#wait();
  }

  /** Makes sure that the cursor holds at least one byte; waits when none is here. */
  ensureSome(): Awaitable<void> {
    const { cursor } = this;
    if (cursor.offset < cursor.end || this.#supply()) return undefined;
    while (this.#receiveNow()) if (this.#supply()) return undefined;
    return this.#waitForSome();
  }

  /** Whether the peer answers so fast that nobody has to be told to wait. */
  #receiveNow(): boolean {
    if (this.#source.receiveNow === undefined || this.#failure !== null || this.#ended)
      return false;
    this.beforeWaiting();
    return this.#source.receiveNow();
  }

  async #waitForSome(): Promise<void> {
    do await this.#wait();
    while (!this.#supply());
  }

  /** Waits until the peer has closed its side, discarding data but handling messages. */
  async drainToEnd(): Promise<void> {
    const { cursor } = this;
    for (;;) {
      cursor.offset = cursor.end;
      if (this.#supply()) continue;
      if (this.#ended) return;
      await this.#arrival();
    }
  }

  /** True when bytes of the peer are here that were not decoded yet. */
  get hasPending(): boolean {
    return (
      this.cursor.offset < this.cursor.end ||
      this.#rawOffset < this.#raw.length ||
      this.#queue.length > 0
    );
  }

  /** Somebody waits for bytes of the peer. */
  get isAwaited(): boolean {
    return this.#wake !== null;
  }

  /** Ends every present and future wait with `error`. */
  abort(error: RsyncError): void {
    this.#failure ??= error;
    this.#wakeUp();
  }

  /** Stops listening to the source. */
  detach(): void {
    this.#source.off("data", this.#onData);
    this.#source.off("end", this.#onEnd);
    this.#source.off("close", this.#onEnd);
    this.#source.off("error", this.#onError);
  }

  readonly #onData = (chunk: Uint8Array): void => {
    this.lastActivityMs = performance.now();
    this.#enqueue(chunk);
    if (this.#queuedBytes > HIGH_WATER_BYTES) {
      this.#isFull = true;
      this.#source.pause();
    }
    this.#wakeUp();
  };

  readonly #onEnd = (): void => {
    this.#ended = true;
    this.#wakeUp();
  };

  readonly #onError = (cause: Error): void => {
    this.#failure ??= new RsyncError(ExitCode.SocketIo, `read error: ${cause.message}`, { cause });
    this.#ended = true;
    this.#wakeUp();
  };

  #enqueue(chunk: Uint8Array): void {
    this.#queue.push(chunk);
    this.#queuedBytes += chunk.length;
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }

  #arrival(): Promise<void> {
    if (this.#source.isPaused()) this.#source.resume();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  async #wait(): Promise<void> {
    this.beforeWaiting();
    for (;;) {
      // What has arrived is used up before an end or a failure counts: it often explains it.
      if (this.#queue.length > 0) return;
      if (this.#failure) throw this.#failure;
      if (this.#ended) {
        throw new StreamError(
          `connection unexpectedly closed (${this.bytesRead} bytes received so far)`,
        );
      }
      await this.#arrival();
    }
  }

  #setCursor(bytes: Uint8Array, offset: number, end: number): void {
    const { cursor } = this;
    cursor.bytes = bytes;
    cursor.offset = offset;
    cursor.end = end;
  }

  #returnToFront(bytes: Uint8Array): void {
    const rest = this.#raw.subarray(this.#rawOffset);
    const joined = new Uint8Array(bytes.length + rest.length);
    joined.set(bytes);
    joined.set(rest, bytes.length);
    this.bytesRead -= bytes.length;
    this.#raw = joined;
    this.#rawOffset = 0;
  }

  /**
   * Supplies bytes to a record that is not complete. Each attempt at it costs as much as it is long, so, as far as they are
   * here, as many again are added: a record in frames of one byte must not take the square of its length.
   */
  #supplyRecord(): boolean {
    const { cursor } = this;
    const wanted = 2 * (cursor.end - cursor.offset);
    if (!this.#supply()) return false;
    while (cursor.end - cursor.offset < wanted && this.#supply());
    return true;
  }

  /** Adds logical bytes to the cursor from what has arrived; false when nothing was there. */
  #supply(): boolean {
    for (;;) {
      if (this.#rawOffset === this.#raw.length && !this.#nextChunk()) return false;
      if (this.#onMessage === null) {
        this.#append(this.#raw.length - this.#rawOffset);
        return true;
      }
      if (this.#frameLeft > 0) {
        const count = Math.min(this.#frameLeft, this.#raw.length - this.#rawOffset);
        this.#frameLeft -= count;
        this.#append(count);
        return true;
      }
      this.#readFrameHead();
    }
  }

  #nextChunk(): boolean {
    const chunk = this.#queue.shift();
    if (chunk === undefined) return false;
    this.#queuedBytes -= chunk.length;
    if (this.#isFull && this.#queuedBytes <= HIGH_WATER_BYTES / 2) {
      this.#isFull = false;
      this.#source.resume();
    }
    this.#raw = chunk;
    this.#rawOffset = 0;
    return true;
  }

  #append(count: number): void {
    const { cursor } = this;
    const start = this.#rawOffset;
    this.#rawOffset += count;
    this.copyTo?.(this.#raw.subarray(start, start + count));
    this.bytesRead += count;
    const left = cursor.end - cursor.offset;
    if (left === 0) {
      this.#setCursor(this.#raw, start, start + count);
      return;
    }
    const piece = this.#raw.subarray(start, start + count);
    // Bytes that were handed out are before `end`, and stay.
    if (cursor.bytes === this.#joined && cursor.end + count <= this.#joined.length) {
      this.#joined.set(piece, cursor.end);
      cursor.end += count;
      return;
    }
    this.#joined = new Uint8Array(left + Math.max(left, count));
    this.#joined.set(cursor.bytes.subarray(cursor.offset, cursor.end));
    this.#joined.set(piece, left);
    this.#setCursor(this.#joined, 0, left + count);
  }

  /** Consumes raw bytes of a frame header or of a message; handles a message once it is whole. */
  #readFrameHead(): void {
    if (this.#partialLength < FRAME_HEADER && !this.#collect(FRAME_HEADER)) return;
    const { code, length } = decodeFrameHeader(this.#partial, 0);
    if (code === MessageCode.Data) {
      this.#partialLength = 0;
      this.#frameLeft = length;
      return;
    }
    if (!this.#collect(FRAME_HEADER + length)) return;
    this.#partialLength = 0;
    this.#onMessage?.(code, this.#partial.subarray(FRAME_HEADER, FRAME_HEADER + length));
  }

  /** Brings `#partial` to `wanted` bytes as far as the chunk goes; true when it is complete. */
  #collect(wanted: number): boolean {
    if (this.#partial.length < wanted) {
      const bigger = new Uint8Array(Math.max(64, wanted));
      bigger.set(this.#partial.subarray(0, this.#partialLength));
      this.#partial = bigger;
    }
    const count = Math.min(wanted - this.#partialLength, this.#raw.length - this.#rawOffset);
    this.#partial.set(
      this.#raw.subarray(this.#rawOffset, this.#rawOffset + count),
      this.#partialLength,
    );
    this.#partialLength += count;
    this.#rawOffset += count;
    this.bytesRead += count;
    return this.#partialLength === wanted;
  }
}
