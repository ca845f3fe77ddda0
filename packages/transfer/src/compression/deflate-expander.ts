/**
 * Inflate for the receiver (spec 3-transfer, 6.3).
 *
 * Each run is expanded with the history as preset dictionary: a short one in one go, a long one by a stream that takes it as
 * it comes.
 * @module
 */
import { createInflateRaw, type InflateRaw, inflateRawSync } from "node:zlib";
import { StreamError } from "@tsrsync/protocol";
import { DeflateHistory } from "@tsrsync/protocol/compress";
import type { Awaitable } from "../tree/file-tree.js";
import type { LiteralExpander, LiteralSink } from "./literal-codec.js";
import { NodeStream } from "./node-stream.js";

/** Longer runs are streamed; shorter ones expand to no more than 1032 times this. */
const SHORT_RUN_BYTES = 24 << 10;
/** A stream is fed so much at a time. */
const FEED_BYTES = 64 << 10;
const STREAM_OUTPUT_BYTES = 128 << 10;

/** The end of the flush that the sender leaves out, and an empty last block: only a run that is whole ends there. */
const RUN_TAIL = Uint8Array.of(0, 0, 0xff, 0xff, 3, 0);

interface LongRun {
  inflate: InflateRaw;
  stream: NodeStream;
}

export class DeflateExpander implements LiteralExpander {
  readonly matched?: (bytes: Uint8Array) => void;
  readonly #history = new DeflateHistory();
  #parts: Uint8Array[] = [];
  #partBytes = 0;
  #long: LongRun | null = null;
  /** Compressed bytes of the run so far. */
  #runBytes = 0;

  /** @param remembersMatches zlib: yes; zlibx: no. */
  constructor(remembersMatches: boolean) {
    if (remembersMatches) this.matched = (bytes) => this.#history.append(bytes);
  }

  startFile(): void {
    this.#history.clear();
  }

  expand(payload: Uint8Array, sink: LiteralSink): Awaitable<void> {
    this.#parts.push(payload);
    this.#partBytes += payload.length;
    this.#runBytes += payload.length;
    if (this.#partBytes <= (this.#long === null ? SHORT_RUN_BYTES : FEED_BYTES)) return undefined;
    this.#long ??= this.#openLong();
    return this.#long.stream.feed(this.#takeParts(), this.#remembering(sink));
  }

  endRun(sink: LiteralSink): Awaitable<void> {
    if (this.#runBytes === 0) return undefined;
    const total = this.#runBytes + RUN_TAIL.length;
    this.#runBytes = 0;
    this.#parts.push(RUN_TAIL);
    const bytes = this.#takeParts();
    if (this.#long !== null) return this.#endLong(this.#long, bytes, total, sink);
    const expanded = this.#expandAtOnce(bytes);
    this.#history.append(expanded);
    return sink(expanded);
  }

  #expandAtOnce(bytes: Uint8Array): Uint8Array {
    const dictionary = this.#history.recent();
    let consumed: number;
    let expanded: Uint8Array;
    try {
      const options = dictionary.length > 0 ? { dictionary, info: true } : { info: true };
      // The declarations of Node know nothing of `info`.
      const answer = inflateRawSync(bytes, options) as unknown as {
        buffer: Uint8Array;
        engine: InflateRaw;
      };
      expanded = answer.buffer;
      consumed = answer.engine.bytesWritten;
    } catch (error) {
      throw new StreamError(`inflate: ${(error as Error).message}`, { cause: error });
    }
    if (consumed !== bytes.length) throw endedEarly();
    return expanded;
  }

  #openLong(): LongRun {
    const dictionary = this.#history.recent();
    const inflate = createInflateRaw({
      chunkSize: STREAM_OUTPUT_BYTES,
      ...(dictionary.length > 0 && { dictionary: dictionary.slice() }),
    });
    return { inflate, stream: new NodeStream(inflate, "inflate") };
  }

  async #endLong(
    { inflate, stream }: LongRun,
    bytes: Uint8Array,
    total: number,
    sink: LiteralSink,
  ): Promise<void> {
    this.#long = null;
    await stream.end(bytes, this.#remembering(sink));
    if (inflate.bytesWritten !== total) throw endedEarly();
    stream.close();
  }

  #remembering(sink: LiteralSink): LiteralSink {
    return (bytes) => {
      this.#history.append(bytes);
      return sink(bytes);
    };
  }

  #takeParts(): Uint8Array {
    const bytes = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#partBytes = 0;
    return bytes;
  }
}

function endedEarly(): StreamError {
  return new StreamError("inflate: the deflate stream ended before its run did");
}
