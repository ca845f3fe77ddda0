/**
 * lz4 for both sides: every record is a block by itself (spec 3-transfer, 6.4).
 * @module
 */
import { StreamError } from "@tsrsync/protocol";
import { expandLz4Block, Lz4Compressor, MAX_RECORD_DATA } from "@tsrsync/protocol/compress";
import type { Awaitable } from "../tree/file-tree.js";
import type { LiteralCompressor, LiteralExpander, LiteralSink } from "./literal-codec.js";

/** A record may expand to this much: the buffer of rsync. */
const MAX_EXPANDED = 32912;
/** Expanded data is gathered up to here before it is handed over. */
const GATHERED_BYTES = 512 << 10;

/** So many records make a piece. */
const PIECE_RECORDS = 8;

export class Lz4LiteralCompressor implements LiteralCompressor {
  readonly pieceBytes: number = PIECE_RECORDS * MAX_RECORD_DATA;
  readonly #compressor = new Lz4Compressor();
  /** The blocks of a piece. They grow by less than a hundredth, and each is made in the room of a whole record. */
  readonly #blocks = new Uint8Array((PIECE_RECORDS + 1) * MAX_RECORD_DATA);
  #end = 0;

  startFile(): void {}

  compress(piece: Uint8Array): readonly Uint8Array[] {
    const payloads: Uint8Array[] = [];
    this.#end = 0;
    for (let at = 0; at < piece.length; at += MAX_RECORD_DATA) {
      this.#addBlocks(piece.subarray(at, at + MAX_RECORD_DATA), payloads);
    }
    return payloads;
  }

  /** Data that grows beyond a record goes into two of half the size. */
  #addBlocks(source: Uint8Array, payloads: Uint8Array[]): void {
    const target = this.#blocks.subarray(this.#end, this.#end + MAX_RECORD_DATA);
    const length = this.#compressor.compress(source, target);
    if (length >= 0) {
      this.#end += length;
      payloads.push(target.subarray(0, length));
      return;
    }
    const half = source.length >> 1;
    this.#addBlocks(source.subarray(0, half), payloads);
    this.#addBlocks(source.subarray(half), payloads);
  }
}

export class Lz4Expander implements LiteralExpander {
  readonly #gathered = new Uint8Array(GATHERED_BYTES);
  #end = 0;

  startFile(): void {}

  expand(payload: Uint8Array, sink: LiteralSink): Awaitable<void> {
    const room = this.#gathered.subarray(this.#end, this.#end + MAX_EXPANDED);
    const count = expandLz4Block(payload, room);
    // rsync takes this for the end of the file.
    if (count === 0) throw new StreamError("lz4 block: it holds nothing");
    this.#end += count;
    if (this.#end + MAX_EXPANDED > GATHERED_BYTES) return this.endRun(sink);
    return undefined;
  }

  endRun(sink: LiteralSink): Awaitable<void> {
    const bytes = this.#gathered.subarray(0, this.#end);
    this.#end = 0;
    return bytes.length > 0 ? sink(bytes) : undefined;
  }
}
