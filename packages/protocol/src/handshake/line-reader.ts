/**
 * Lines of the text phase, out of chunks that are cut anywhere. What follows the last line taken stays untouched, for
 * whoever reads the binary part.
 * Spec: docs/protocol/1-session.md, 4.1; docs/protocol/5-daemon.md, 5.5.1.
 * @module
 */
import { ProtocolError } from "../errors.js";
import { type ByteString, decodeByteString } from "../wire/index.js";
import { ByteQueue } from "./byte-queue.js";

/** The longest greeting and request line that a daemon takes. */
export const MAX_REQUEST_LINE = 1022;

/** The longest login reply that a daemon takes. */
export const MAX_AUTH_LINE = 5118;

/** The longest line that a client takes. */
export const MAX_CLIENT_LINE = 5118;

const NUL = 0;
const LF = 0x0a;
const CR = 0x0d;

/** Reads LF-terminated lines; every CR is dropped. */
export class LineReader {
  readonly #queue = new ByteQueue();

  /** Adds bytes from the peer; the chunk belongs to the reader from now on. */
  push(chunk: Uint8Array): void {
    this.#queue.push(chunk);
  }

  /**
   * The next line without its LF, or null when it is not complete yet.
   * @throws ProtocolError for a line of more than `maxLength` bytes or with a NUL in it: close without a word.
   */
  next(maxLength: number): ByteString | null {
    const { bytes, offset } = this.#queue;
    // A CR costs no room in the line, but may not fill our memory either.
    const window = bytes.subarray(offset, offset + 2 * maxLength + 1);
    const end = window.indexOf(LF);
    const raw = end < 0 ? window : window.subarray(0, end);
    if (raw.includes(NUL))
      throw new ProtocolError("line of the text phase: expected text, got a NUL byte");
    const line = decodeByteString(raw.includes(CR) ? raw.filter((byte) => byte !== CR) : raw);
    if (line.length > maxLength || raw.length > 2 * maxLength) {
      throw new ProtocolError(
        `line of the text phase: expected at most ${maxLength} bytes, got more`,
      );
    }
    if (end < 0) return null;
    this.#queue.offset += end + 1;
    return line;
  }

  /** The next `count` bytes as they are (early input), or null when they are not all here yet. Borrowed. */
  take(count: number): Uint8Array | null {
    const { bytes, offset } = this.#queue;
    if (bytes.length - offset < count) return null;
    this.#queue.offset += count;
    return bytes.subarray(offset, offset + count);
  }

  /** All bytes after the last line taken; the reader is empty afterwards. */
  rest(): Uint8Array {
    return this.#queue.rest();
  }
}
