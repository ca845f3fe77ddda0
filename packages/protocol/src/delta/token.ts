/**
 * The token stream without compression.
 *
 *     int v > 0   v literal bytes follow
 *     int v < 0   block -v-1
 *     int 0       end of the file's data
 *
 * Spec: docs/protocol/3-transfer.md, 6.1.
 * @module
 */
import { ProtocolError } from "../errors.js";
import { type Cursor, readInt, storeInt, type Writer, writeInt } from "../wire/index.js";

/** No literal token that we write is longer, in bytes. */
export const MAX_LITERAL: number = 32768;

/**
 * Reads a token as it is on the wire: a count of literal bytes that follow, 0 at the end, or -block-1.
 * @param blockCount - the count of the sum head; blocks are below it.
 * @throws ProtocolError for a block that does not exist.
 */
export function readToken(cursor: Cursor, blockCount: number): number {
  const token = readInt(cursor);
  if (token < -blockCount) {
    throw new ProtocolError(
      blockCount === 0
        ? `block number: expected none without a basis, got ${-token - 1}`
        : `block number: expected 0..${blockCount - 1}, got ${-token - 1}`,
    );
  }
  return token;
}

/** Stores the four bytes that announce `count` literal bytes at `at`. */
export function storeLiteralHeader(bytes: Uint8Array, at: number, count: number): void {
  storeInt(bytes, count, at);
}

export function writeMatch(writer: Writer, block: number): void {
  writeInt(writer, -block - 1);
}

/** The end of the file's data. */
export function writeEnd(writer: Writer): void {
  writeInt(writer, 0);
}
