/**
 * What a session wants of its connection: streams of Node have it all, but for what is optional here. That is for those who can
 * receive and send at once, without a turn of the event loop for each answer of a peer.
 * @module
 */

// biome-ignore lint/suspicious/noExplicitAny: as Node's own streams declare their listeners
type Listener = (...args: any[]) => void;

interface Emitter {
  on(event: string, listener: Listener): unknown;
  off(event: string, listener: Listener): unknown;
}

/** Bytes of the peer, as `data`; then `end`, `close`, or `error`. */
export interface ByteSource extends Emitter {
  pause(): unknown;
  resume(): unknown;
  isPaused(): boolean;
  /**
   * Emits `data` before it returns, and returns true, when bytes are there or come within a moment. False: nothing came, and
   * what comes, or the end of it, is told to whoever resumes the stream. The stream is paused meanwhile.
   */
  receiveNow?(): boolean;
}

/** Bytes for the peer. */
export interface ByteSink extends Emitter {
  readonly destroyed: boolean;
  /** @param done the bytes were taken; may be called before this returns */
  write(bytes: Uint8Array, done?: () => void): unknown;
}

/** Both ways. */
export interface ByteStream extends ByteSource, ByteSink {
  end(done?: () => void): unknown;
  destroy(error?: Error): unknown;
}
