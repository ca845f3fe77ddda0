/**
 * Deflate for the sender (spec 3-transfer, 6.3).
 *
 * Each piece is a deflate stream of its own with the history as preset dictionary, which no reader can tell from one long
 * stream. So large pieces are compressed side by side by the threads of Node, and matched data enters the history without
 * passing through a compressor.
 * @module
 */
import { constants, deflateRaw, deflateRawSync, type ZlibOptions } from "node:zlib";
import { DeflateHistory, HISTORY_BYTES, historyOfBlock } from "@tsrsync/protocol/compress";
import type { Awaitable } from "../tree/file-tree.js";
import type { LiteralCompressor } from "./literal-codec.js";

/** Pieces from this size on go to another thread. */
const BACKGROUND_BYTES = 64 << 10;
/** What makes up for the cost of a compressor; less is stored. */
const WORTHWHILE_BYTES = 24;
/** Taking up a long history costs more time than compressing a short piece, so that gets less of one. */
const SHORT_BYTES = 2 << 10;
const SHORT_HISTORY = 4 << 10;
/** What a flush ends with; the reader adds it by itself at the end of a run. */
const FLUSH_TAIL = 4;

export interface DeflateOptions {
  /** 0 stores, 1 is fast, 9 is thorough. */
  level: number;
  protocol: number;
  /** zlib: yes; zlibx: no. */
  remembersMatches: boolean;
}

export class DeflateCompressor implements LiteralCompressor {
  readonly pieceBytes: number = 256 << 10;
  readonly matched?: (block: Uint8Array) => void;
  readonly #history = new DeflateHistory();
  readonly #level: number;

  constructor({ level, protocol, remembersMatches }: DeflateOptions) {
    this.#level = level;
    if (!remembersMatches) return;
    this.matched = (block) => {
      for (const { offset, length } of historyOfBlock(block.length, protocol)) {
        this.#history.append(block.subarray(offset, offset + length));
      }
    };
  }

  startFile(): void {
    this.#history.clear();
  }

  compress(piece: Uint8Array, endsRun: boolean): Awaitable<readonly Uint8Array[]> {
    const dictionary = this.#dictionary(piece.length);
    this.#history.append(piece);
    if (piece.length <= WORTHWHILE_BYTES) return [stored(piece, endsRun)];
    const options: ZlibOptions = {
      level: this.#level,
      finishFlush: constants.Z_SYNC_FLUSH,
      ...(dictionary.length > 0 && { dictionary }),
    };
    const trim = (bytes: Uint8Array) => [endsRun ? bytes.subarray(0, -FLUSH_TAIL) : bytes];
    if (piece.length < BACKGROUND_BYTES) return trim(deflateRawSync(piece, options));
    return new Promise((resolve, reject) => {
      deflateRaw(piece, options, (error, bytes) => {
        if (error) reject(error);
        else resolve(trim(bytes));
      });
    });
  }

  /** A copy: the history goes on while the piece is compressed. */
  #dictionary(length: number): Uint8Array {
    if (this.#level === 0 || length <= WORTHWHILE_BYTES) return new Uint8Array(0);
    return this.#history.recent(length < SHORT_BYTES ? SHORT_HISTORY : HISTORY_BYTES).slice();
  }
}

/** One stored block and the head of the empty one that a flush makes. */
function stored(piece: Uint8Array, endsRun: boolean): Uint8Array {
  const bytes = new Uint8Array(5 + piece.length + 1 + (endsRun ? 0 : FLUSH_TAIL));
  bytes.set([0, piece.length, 0, ~piece.length, 0xff]);
  bytes.set(piece, 5);
  if (!endsRun) bytes.set([0xff, 0xff], bytes.length - 2);
  return bytes;
}
