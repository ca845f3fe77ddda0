/**
 * Where the sender's tokens go to: as they are, or compressed.
 * @module
 */
import { MAX_LITERAL, storeLiteralHeader, writeEnd, writeMatch } from "@tsrsync/protocol/delta";
import { reserve } from "@tsrsync/protocol/wire";
import type { Output } from "../session/output.js";
import type { Awaitable } from "../tree/file-tree.js";

/** Size of a literal token's header. */
export const TOKEN_BYTES = 4;

export interface TokenWriter {
  startFile(): void;
  /** Bytes that the receiver does not have, borrowed. */
  literal(bytes: Uint8Array): void;
  /** Where given: to be called before `match` with the bytes of the block, borrowed. */
  readonly matchedBytes?: (bytes: Uint8Array) => void;
  match(block: number): void;
  /** The end of the file's data; once it has answered all of that is in the output. */
  end(): Awaitable<void>;
  /** Waits while more is on its way than should be. */
  settle(): Awaitable<void>;
}

/** Tokens without compression (spec 3-transfer, 6.1). */
export class PlainTokens implements TokenWriter {
  readonly #output: Output;

  constructor(output: Output) {
    this.#output = output;
  }

  startFile(): void {}

  literal(bytes: Uint8Array): void {
    const { writer } = this.#output;
    for (let at = 0; at < bytes.length; at += MAX_LITERAL) {
      const piece = bytes.subarray(at, at + MAX_LITERAL);
      const start = reserve(writer, TOKEN_BYTES + piece.length);
      storeLiteralHeader(writer.bytes, start, piece.length);
      writer.bytes.set(piece, start + TOKEN_BYTES);
      this.#output.flushWhenFull();
    }
  }

  match(block: number): void {
    writeMatch(this.#output.writer, block);
    this.#output.flushWhenFull();
  }

  end(): void {
    writeEnd(this.#output.writer);
  }

  settle(): Awaitable<void> {
    return this.#output.drained();
  }
}
