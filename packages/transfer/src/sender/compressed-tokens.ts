/**
 * Compressed tokens (spec 3-transfer, 6.2): literal data is gathered into pieces, which are compressed while the search goes
 * on, and goes out in the order in which it was found.
 * @module
 */
import { TokenRecordWriter } from "@tsrsync/protocol/compress";
import type { LiteralCompressor } from "../compression/index.js";
import type { Output } from "../session/output.js";
import type { Awaitable } from "../tree/file-tree.js";
import type { TokenWriter } from "./token-writer.js";

/** So many pieces may be at work when `settle` lets the sender go on. */
const PIECES_AT_WORK = 3;

/** Pieces of at most so many bytes are copied out of the buffer in which they were gathered. */
const COPIED_BYTES = 32 << 10;

type Payloads = readonly Uint8Array[];

/** What waits for its turn: a block, or the payloads of a piece. */
type Waiting = number | Promise<Payloads>;

export class CompressedTokens implements TokenWriter {
  readonly matchedBytes?: (bytes: Uint8Array) => void;
  readonly #output: Output;
  readonly #compressor: LiteralCompressor;
  readonly #records = new TokenRecordWriter();
  readonly #spare: Uint8Array[] = [];
  #piece: Uint8Array;
  #pieceLength = 0;
  #waiting: Waiting[] = [];
  #piecesAtWork = 0;

  constructor(output: Output, compressor: LiteralCompressor) {
    this.#output = output;
    this.#compressor = compressor;
    this.#piece = new Uint8Array(compressor.pieceBytes);
    const { matched } = compressor;
    if (matched === undefined) return;
    this.matchedBytes = (bytes) => {
      // The run before the block must be compressed without it.
      this.#endRun();
      matched(bytes);
    };
  }

  startFile(): void {
    this.#compressor.startFile();
    this.#records.startFile();
  }

  literal(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      // Only now is it certain that the piece does not end its run.
      if (this.#pieceLength === this.#piece.length) this.#compressPiece(false);
      const part = bytes.subarray(at, at + this.#piece.length - this.#pieceLength);
      this.#piece.set(part, this.#pieceLength);
      this.#pieceLength += part.length;
      at += part.length;
    }
  }

  match(block: number): void {
    this.#endRun();
    if (this.#waiting.length > 0) {
      this.#waiting.push(block);
    } else {
      this.#records.block(this.#output.writer, block);
      this.#output.flushWhenFull();
    }
  }

  end(): Awaitable<void> {
    this.#endRun();
    if (this.#waiting.length > 0) return this.#writeWaiting(0).then(() => this.#writeEnd());
    this.#writeEnd();
    return undefined;
  }

  settle(): Awaitable<void> {
    if (this.#piecesAtWork > PIECES_AT_WORK) return this.#writeWaiting(PIECES_AT_WORK);
    return this.#output.drained();
  }

  #writeEnd(): void {
    this.#records.end(this.#output.writer);
  }

  #endRun(): void {
    if (this.#pieceLength > 0) this.#compressPiece(true);
  }

  #compressPiece(endsRun: boolean): void {
    const isShort = this.#pieceLength <= COPIED_BYTES;
    // A short piece that has to wait shall not hold a whole buffer.
    const piece = this.#piece[isShort ? "slice" : "subarray"](0, this.#pieceLength);
    this.#pieceLength = 0;
    const answer = this.#compressor.compress(piece, endsRun);
    const isHere = !(answer instanceof Promise);
    if (isHere && this.#waiting.length === 0) {
      this.#writePayloads(answer);
      return;
    }
    this.#piecesAtWork++;
    const used = this.#piece;
    if (!isShort) this.#piece = this.#spare.pop() ?? new Uint8Array(used.length);
    const owned = isHere ? answer.map((bytes) => bytes.slice()) : answer;
    const finished = Promise.resolve(owned).then((payloads) => {
      if (!isShort) this.#spare.push(used);
      return payloads;
    });
    // A failure counts when the piece has its turn, not before.
    finished.catch(() => {});
    this.#waiting.push(finished);
  }

  /** Writes what waits, in order, until only so many pieces are at work. */
  async #writeWaiting(pieces: number): Promise<void> {
    while (this.#waiting.length > 0) {
      const next = this.#waiting[0]!;
      if (typeof next === "number") {
        this.#records.block(this.#output.writer, next);
        this.#output.flushWhenFull();
      } else {
        if (this.#piecesAtWork <= pieces) break;
        this.#writePayloads(await next);
        this.#piecesAtWork--;
      }
      void this.#waiting.shift();
    }
    const drained = this.#output.drained();
    if (drained instanceof Promise) await drained;
  }

  #writePayloads(payloads: Payloads): void {
    for (const payload of payloads) {
      this.#records.data(this.#output.writer, payload);
      this.#output.flushWhenFull();
    }
  }
}
