/**
 * Two ends of a connection inside this process: what one writes, the other reads.
 * @module
 */
import { Duplex } from "node:stream";

/** So much waits to be read before a writer has to wait. */
const READ_AHEAD_BYTES = 1 << 20;

/** Short enough that nobody notices. */
const TURN_MS = 8;

/** One end. Chunks are copied once, because a session uses its buffers again as soon as a write is done. */
class MemoryEnd extends Duplex {
  #peer: MemoryEnd | null = null;
  #written: (() => void) | null = null;
  #turnEndsMs = 0;

  constructor() {
    super({
      readableHighWaterMark: READ_AHEAD_BYTES,
      writableHighWaterMark: READ_AHEAD_BYTES,
    });
  }

  joinTo(peer: MemoryEnd): void {
    this.#peer = peer;
  }

  /** The reader has room again: the writer at the other end may go on. */
  override _read(): void {
    if (this.#peer !== null) this.#peer.#goOn();
  }

  #goOn(): void {
    const written = this.#written;
    this.#written = null;
    written?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const peer = this.#peer;
    if (peer === null || peer.destroyed || peer.push(Buffer.from(chunk))) this.#proceed(done);
    else this.#written = () => this.#proceed(done);
  }

  /** Signals and timers have their turn now and then: two ends that keep each other busy would never let them. */
  #proceed(done: () => void): void {
    const nowMs = performance.now();
    if (nowMs < this.#turnEndsMs) {
      done();
      return;
    }
    this.#turnEndsMs = nowMs + TURN_MS;
    setImmediate(done);
  }

  override _final(done: () => void): void {
    this.#peer?.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const peer = this.#peer;
    this.#peer = null;
    if (peer !== null) {
      peer.#goOn();
      if (!peer.destroyed) peer.push(null);
    }
    done(error);
  }
}

/** Makes a connection; each end is to be ended or destroyed by its user. */
export function memoryPair(): [Duplex, Duplex] {
  const [a, b] = [new MemoryEnd(), new MemoryEnd()];
  a.joinTo(b);
  b.joinTo(a);
  return [a, b];
}
