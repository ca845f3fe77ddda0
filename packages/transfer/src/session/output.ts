/**
 * The writing end of a session: records are encoded into large reused buffers and go out as few writes.
 *
 * Encoders append to `writer`; nothing is sent before `flush`, which the session calls when a buffer is full or when it is
 * about to wait for the peer. Framing is laid around whatever was written (spec 1-session, 6).
 * @module
 */
import { ExitCode, RsyncError } from "@tsrsync/protocol";
import {
  FRAME_HEADER,
  MessageCode,
  reserve,
  storeFrameHeader,
  type Writer,
} from "@tsrsync/protocol/wire";
import type { Awaitable } from "../tree/file-tree.js";
import { BufferPool } from "./buffer-pool.js";
import type { ByteSink } from "./byte-stream.js";

/** A buffer goes out when it holds this much; one is a little larger so that a record more does not make it grow. */
const FLUSH_BYTES = 256 << 10;
const BUFFER_BYTES = FLUSH_BYTES + (48 << 10);
/** Less than this is copied out of its buffer, which can be filled on then. */
const COPIED_BYTES = 4 << 10;
/** Enough for a few sessions side by side. */
const pool = new BufferPool(BUFFER_BYTES, 8);
/** More than this handed over and not yet taken by the kernel means: wait. */
const IN_FLIGHT_BYTES = 1 << 20;
/** No peer that reads leaves this much: it may not fill our memory. */
const MAX_UNREAD_BYTES = 256 << 20;

const NO_BYTES = new Uint8Array(0);

export class Output {
  /** Where records are encoded to. Its buffer changes with every flush: do not keep `writer.bytes`. */
  readonly writer: Writer = { bytes: pool.take(), offset: 0 };
  /** Wire bytes handed to the stream or buffered for it, frame headers included. */
  get bytesWritten(): number {
    return this.#sentBytes + this.#pendingBytes();
  }
  /** How far what is written has come, the header of the frame at hand included. */
  get position(): number {
    return this.#sentBytes + this.#ahead.offset + this.writer.offset;
  }
  lastActivityMs: number = performance.now();
  /** Takes a copy of the data (not of messages) as it goes out; bytes are borrowed. */
  copyTo: ((data: Uint8Array) => void) | null = null;

  readonly #sink: ByteSink;
  readonly #spare: Uint8Array[] = [];
  /** Messages that need not wait for the data written before them. */
  readonly #ahead: Writer = { bytes: new Uint8Array(1024), offset: 0 };
  #sentBytes = 0;
  #framed = false;
  #frameStart = 0;
  #inFlight = 0;
  #aside = false;
  #soon: ReturnType<typeof setImmediate> | null = null;
  #waiters: (() => void)[] = [];
  #failure: RsyncError | null = null;

  constructor(sink: ByteSink) {
    this.#sink = sink;
    sink.on("error", this.#onError);
    sink.on("close", this.#onClose);
  }

  get framed(): boolean {
    return this.#framed;
  }

  /** From here on what is written goes into DATA frames; what was written before is sent first, as it is. */
  startFraming(): void {
    this.flush();
    this.#framed = true;
    this.#openFrame();
  }

  /** From here on what is written goes out bare, until `startFraming`. */
  pauseFraming(): void {
    this.flush();
    this.#closeFrame();
    this.#framed = false;
  }

  /** While it is on, data goes to `copyTo` only. */
  set aside(on: boolean) {
    this.flush();
    this.#aside = on;
  }

  /** Sends a message between the data. Without framing there is no way to, and nothing is sent. */
  message(code: MessageCode, payload: Uint8Array): void {
    if (!this.#framed) return;
    this.#closeFrame();
    putFrame(this.writer, code, payload);
    this.#openFrame();
  }

  /** Like `message`, but it overtakes what was written and not sent yet (spec 1-session, 6.4). */
  messageAhead(code: MessageCode, payload: Uint8Array): void {
    if (!this.#framed) return;
    putFrame(this.#ahead, code, payload);
    if (this.#ahead.offset >= FLUSH_BYTES) this.#sendAhead();
  }

  /**
   * An empty DATA frame: tells the peer that we are alive. What is on its way tells the same, so a peer that asks for
   * signs of life without reading them gets no more.
   */
  keepAlive(): void {
    if (this.#inFlight > 0) return;
    if (this.#framed && this.#pendingBytes() === 0)
      this.message(MessageCode.Data, new Uint8Array(0));
    this.flush();
  }

  /** Sends when a buffer is full; otherwise keeps collecting. Call it after each record. */
  flushWhenFull(): void {
    if (this.writer.offset >= FLUSH_BYTES) this.flush();
  }

  /** Hands everything written so far to the stream. */
  flush(): void {
    const { writer } = this;
    this.#sendAhead();
    if (this.#framed) this.#closeFrame();
    else if (this.#copy(writer.bytes, 0, writer.offset)) writer.offset = 0;
    if (writer.offset > 0) {
      const { bytes, offset } = writer;
      writer.offset = 0;
      if (offset < COPIED_BYTES) this.#send(Buffer.from(bytes.subarray(0, offset)), 0, offset);
      else {
        writer.bytes = this.takeBuffer();
        this.#send(bytes, 0, offset);
      }
    }
    if (this.#framed) this.#openFrame();
  }

  /** Flushes when all that can be done at once is done, so that what comes of it goes along. */
  flushSoon(): void {
    this.#soon ??= setImmediate(() => {
      this.#soon = null;
      try {
        this.flush();
      } catch {
        // noted: the next wait for this output ends with it
      }
    });
  }

  /**
   * A buffer for file data: the caller fills it from `FRAME_HEADER` on and gives it to `sendBuffer`. So data is read from
   * the disk straight into what goes to the socket.
   */
  takeBuffer(): Uint8Array {
    return this.#spare.pop() ?? pool.take();
  }

  /** Sends `bytes[FRAME_HEADER..end]` of a buffer from `takeBuffer`, after everything written before. */
  sendBuffer(bytes: Uint8Array, end: number): void {
    this.flush();
    if (this.#copy(bytes, FRAME_HEADER, end)) {
      this.#spare.push(bytes);
      return;
    }
    if (this.#framed) storeFrameHeader(bytes, 0, MessageCode.Data, end - FRAME_HEADER);
    this.#send(bytes, this.#framed ? 0 : FRAME_HEADER, end);
  }

  /** Waits while the stream has taken much less than was handed to it. `undefined` when there is no need to. */
  drained(): Awaitable<void> {
    if (this.#failure) throw this.#failure;
    if (this.#inFlight <= IN_FLIGHT_BYTES) return undefined;
    return this.#waitUntil(IN_FLIGHT_BYTES / 2);
  }

  /** Waits like `drained`, but a line that is broken is no error yet: the last words of the peer may explain it. */
  relieved(): Awaitable<void> {
    if (this.#failure !== null || this.#inFlight <= IN_FLIGHT_BYTES) return undefined;
    return this.#waitUntil(IN_FLIGHT_BYTES / 2).catch(() => {});
  }

  /** Flushes and waits until the kernel has taken everything. */
  async finish(): Promise<void> {
    this.flush();
    await this.#waitUntil(0);
  }

  /** Ends every present and future wait with `error`. */
  abort(error: RsyncError): void {
    this.#failure ??= error;
    this.#wakeUp();
  }

  /** Counting starts anew: what went out so far is not part of the statistics. */
  resetCount(): void {
    this.#sentBytes = 0;
  }

  /** Stops listening to the sink. Nothing is written any more. */
  detach(): void {
    if (this.#soon !== null) clearImmediate(this.#soon);
    pool.give(this.writer.bytes);
    this.writer.bytes = NO_BYTES;
    this.writer.offset = 0;
    for (const buffer of this.#spare.splice(0)) pool.give(buffer);
    this.#sink.off("error", this.#onError);
    this.#sink.off("close", this.#onClose);
  }

  readonly #onError = (cause: Error): void => {
    this.abort(new RsyncError(ExitCode.SocketIo, `write error: ${cause.message}`, { cause }));
  };

  readonly #onClose = (): void => {
    this.abort(new RsyncError(ExitCode.SocketIo, "write error: the connection is closed"));
  };

  async #waitUntil(limit: number): Promise<void> {
    while (this.#inFlight > limit) {
      if (this.#failure) throw this.#failure;
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
    if (this.#failure) throw this.#failure;
  }

  #wakeUp(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }

  #pendingBytes(): number {
    const { offset } = this.writer;
    const isFrameEmpty = this.#framed && offset === this.#frameStart + FRAME_HEADER;
    return this.#ahead.offset + (isFrameEmpty ? this.#frameStart : offset);
  }

  #sendAhead(): void {
    const { bytes, offset } = this.#ahead;
    if (offset === 0) return;
    this.#ahead.offset = 0;
    this.#send(Buffer.from(bytes.subarray(0, offset)), 0, offset);
  }

  #openFrame(): void {
    this.#frameStart = reserve(this.writer, FRAME_HEADER);
  }

  /** Completes the frame under construction; an empty one is taken back. */
  #closeFrame(): void {
    const { writer } = this;
    const length = writer.offset - this.#frameStart - FRAME_HEADER;
    const isTaken = this.#copy(writer.bytes, this.#frameStart + FRAME_HEADER, writer.offset);
    if (length === 0 || isTaken) writer.offset = this.#frameStart;
    else storeFrameHeader(writer.bytes, this.#frameStart, MessageCode.Data, length);
  }

  /** Hands data to `copyTo`; true when that was all that it is for. */
  #copy(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.copyTo !== null && end > start) this.copyTo(bytes.subarray(start, end));
    return this.#aside;
  }

  #send(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    this.#sentBytes += length;
    this.#inFlight += length;
    if (this.#inFlight > MAX_UNREAD_BYTES) {
      const error = new RsyncError(ExitCode.SocketIo, "write error: the peer does not read");
      this.abort(error);
      throw error;
    }
    this.lastActivityMs = performance.now();
    this.#sink.write(bytes.subarray(start, end), () => {
      this.#inFlight -= length;
      if (bytes.length === BUFFER_BYTES) this.#spare.push(bytes);
      this.#wakeUp();
    });
  }
}

function putFrame(writer: Writer, code: MessageCode, payload: Uint8Array): void {
  const start = reserve(writer, FRAME_HEADER + payload.length);
  storeFrameHeader(writer.bytes, start, code, payload.length);
  writer.bytes.set(payload, start + FRAME_HEADER);
}
