/**
 * Reading compressed tokens (spec 3-transfer, 6.2).
 * @module
 */
import { type TokenRecordKind, TokenRecordReader } from "@tsrsync/protocol/compress";
import type { Cursor } from "@tsrsync/protocol/wire";
import type { LiteralExpander, LiteralSink } from "../compression/index.js";
import type { Input } from "../session/input.js";
import type { Awaitable } from "../tree/file-tree.js";

/** Takes what the tokens say, in order. */
export interface TokenSink {
  /** Literal data follows: the blocks before it are to be in the expander's history. */
  beginRun(): Awaitable<void>;
  literal: LiteralSink;
  match(block: number): Awaitable<void>;
}

export class CompressedReader {
  readonly expander: LiteralExpander;
  readonly #input: Input;
  readonly #records = new TokenRecordReader();
  readonly #decode = (cursor: Cursor): TokenRecordKind => this.#records.read(cursor);

  constructor(input: Input, expander: LiteralExpander) {
    this.#input = input;
    this.expander = expander;
  }

  /**
   * Reads the tokens of one file to its end.
   * @param blockCount blocks of the basis.
   */
  async readFile(blockCount: number, sink: TokenSink): Promise<void> {
    const records = this.#records;
    const { expander } = this;
    records.startFile(blockCount);
    expander.startFile();
    let inRun = false;
    for (;;) {
      const answer = this.#input.read(this.#decode);
      const kind = answer instanceof Promise ? await answer : answer;
      if (kind === "data") {
        const begun = inRun ? undefined : sink.beginRun();
        if (begun instanceof Promise) await begun;
        inRun = true;
        const expanded = expander.expand(records.payload, sink.literal);
        if (expanded instanceof Promise) await expanded;
        continue;
      }
      if (inRun) await expander.endRun(sink.literal);
      inRun = false;
      if (kind === "end") return;
      const { first, count } = records;
      for (let block = first; block < first + count; block++) await sink.match(block);
    }
  }
}
