/**
 * What the four compressors have in common for the two roles.
 *
 * A literal run is all literal data between two block tokens. Each run is closed so that its reader has all of it before it
 * meets the next token.
 * @module
 */
import type { Awaitable } from "../tree/file-tree.js";

/** Makes payloads of data records out of the literal data of one direction of a session. */
export interface LiteralCompressor {
  /** No piece may be longer, in bytes. */
  readonly pieceBytes: number;
  /** Forgets what lives for one file only. */
  startFile(): void;
  /**
   * Compresses a piece, never an empty one. Pieces are given in order, without waiting for the earlier ones.
   * An answer that is there at once is borrowed: the next call may write over it.
   * @param piece - the caller leaves it alone until the answer is there.
   * @param endsRun - no more literal data comes before the next token.
   */
  compress(piece: Uint8Array, endsRun: boolean): Awaitable<readonly Uint8Array[]>;
  /** Data that the receiver has already enters the history, in whole blocks. Undefined where it does not. */
  readonly matched?: (block: Uint8Array) => void;
}

/** Takes expanded data; the bytes may be changed once it has answered. */
export type LiteralSink = (bytes: Uint8Array) => Awaitable<void>;

/** Makes literal data out of payloads. Both methods hand over all that there is before they answer. */
export interface LiteralExpander {
  /** Forgets what lives for one file only. */
  startFile(): void;
  /**
   * Takes the payload of one record, which stays as it is.
   * @throws StreamError (exit 12) when it can not be expanded.
   */
  expand(payload: Uint8Array, sink: LiteralSink): Awaitable<void>;
  /** A run is over: its last data comes. @throws StreamError when something is missing. */
  endRun(sink: LiteralSink): Awaitable<void>;
  /** See `LiteralCompressor`; here a block may come in stretches, as `historyOfBlock` says. */
  readonly matched?: (bytes: Uint8Array) => void;
}
