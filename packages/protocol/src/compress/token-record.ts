/**
 * The records of the compressed encodings: one flag byte, then what the flag says.
 *
 *     00       end of the file's data
 *     20       int block
 *     21       int first block, short n: n further blocks follow it
 *     40..7f   a byte; compressed data of (flag & 3f) * 256 + byte bytes
 *     80..bf   block = current + (flag & 3f)
 *     c0..ff   first block = current + (flag & 3f), short n
 *
 * `current` is 0 at the start of a file and then the last block named. Spec: docs/protocol/3-transfer.md, 6.2.
 * @module
 */
import { ProtocolError, StreamError } from "../errors.js";
import { type Cursor, readInt, reserve, storeInt, take, type Writer } from "../wire/index.js";

const END = 0x00;
const BLOCK_LONG = 0x20;
const RUN_LONG = 0x21;
const DATA = 0x40;
const RELATIVE = 0x80;
const RELATIVE_RUN = 0xc0;
const LOW_BITS = 0x3f;
const MAX_FURTHER = 0xffff;

/** No data record carries more, in bytes. */
export const MAX_RECORD_DATA: number = 0x3fff;

/** What a record is about. */
export type TokenRecordKind = "data" | "blocks" | "end";

/** Reads records one after the other; what a record says is in the fields until the next one is read. */
export class TokenRecordReader {
  /** Of "data": its bytes, borrowed from the cursor. */
  payload: Uint8Array = new Uint8Array(0);
  /** Of "blocks": the first one, and how many there are. */
  first = 0;
  count = 0;
  #blockCount = 0;
  #current = 0;

  /** A new file begins, whose basis has `blockCount` blocks. */
  startFile(blockCount: number): void {
    this.#blockCount = blockCount;
    this.#current = 0;
  }

  /**
   * Reads one whole record.
   * @throws StreamError for a flag that does not exist, ProtocolError for a block that the basis does not have.
   */
  read(cursor: Cursor): TokenRecordKind {
    const flag = cursor.bytes[take(cursor, 1)]!;
    if (flag === END) return "end";
    if (flag >= DATA && flag < RELATIVE) {
      const length = ((flag & LOW_BITS) << 8) | cursor.bytes[take(cursor, 1)]!;
      if (length === 0) throw new StreamError("compressed record: expected some data, got none");
      const start = take(cursor, length);
      this.payload = cursor.bytes.subarray(start, start + length);
      return "data";
    }
    if (flag < RELATIVE && flag !== BLOCK_LONG && flag !== RUN_LONG) {
      throw new StreamError(`compressed record: unknown flag 0x${flag.toString(16)}`);
    }
    const first = flag >= RELATIVE ? this.#current + (flag & LOW_BITS) : readInt(cursor);
    const isRun = flag === RUN_LONG || flag >= RELATIVE_RUN;
    this.#blocks(first, isRun ? readFurther(cursor) : 0);
    return "blocks";
  }

  #blocks(first: number, further: number): void {
    const last = first + further;
    if (first < 0 || last >= this.#blockCount) {
      const expected =
        this.#blockCount === 0 ? "none without a basis" : `0..${this.#blockCount - 1}`;
      throw new ProtocolError(`block number: expected ${expected}, got ${first} to ${last}`);
    }
    this.first = first;
    this.count = further + 1;
    this.#current = last;
  }
}

function readFurther(cursor: Cursor): number {
  const at = take(cursor, 2);
  const further = cursor.bytes[at]! | (cursor.bytes[at + 1]! << 8);
  if (further === 0) throw new StreamError("run of blocks: expected 1 or more further ones, got 0");
  return further;
}

/** Writes records. A run of blocks is held back until it can not be continued. */
export class TokenRecordWriter {
  #current = 0;
  #first = 0;
  #further = -1;

  startFile(): void {
    this.#current = 0;
    this.#further = -1;
  }

  block(writer: Writer, block: number): void {
    if (this.#further >= 0 && this.#further < MAX_FURTHER) {
      if (block === this.#first + this.#further + 1) {
        this.#further++;
        return;
      }
    }
    this.#endRun(writer);
    this.#first = block;
    this.#further = 0;
  }

  /** Compressed data, cut into as many records as it takes. */
  data(writer: Writer, payload: Uint8Array): void {
    this.#endRun(writer);
    for (let at = 0; at < payload.length; at += MAX_RECORD_DATA) {
      const piece = payload.subarray(at, at + MAX_RECORD_DATA);
      const start = reserve(writer, 2 + piece.length);
      writer.bytes[start] = DATA | (piece.length >> 8);
      writer.bytes[start + 1] = piece.length & 0xff;
      writer.bytes.set(piece, start + 2);
    }
  }

  /** The end of the file's data. */
  end(writer: Writer): void {
    this.#endRun(writer);
    writer.bytes[reserve(writer, 1)] = END;
  }

  #endRun(writer: Writer): void {
    if (this.#further < 0) return;
    const distance = this.#first - this.#current;
    const isRun = this.#further > 0;
    if (distance >= 0 && distance <= LOW_BITS) {
      writer.bytes[reserve(writer, 1)] = (isRun ? RELATIVE_RUN : RELATIVE) | distance;
    } else {
      const at = reserve(writer, 5);
      writer.bytes[at] = isRun ? RUN_LONG : BLOCK_LONG;
      storeInt(writer.bytes, this.#first, at + 1);
    }
    if (isRun) {
      const at = reserve(writer, 2);
      writer.bytes[at] = this.#further & 0xff;
      writer.bytes[at + 1] = this.#further >> 8;
    }
    this.#current = this.#first + this.#further;
    this.#further = -1;
  }
}
