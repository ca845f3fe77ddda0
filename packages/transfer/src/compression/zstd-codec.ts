/**
 * zstd for both sides: one frame for a whole session and direction, flushed at the end of each run (spec 3-transfer, 6.5).
 * node:zlib has it from Node 22.15 on.
 * @module
 */
import type { Transform } from "node:stream";
import * as nodeZlib from "node:zlib";
import { StreamError } from "@tsrsync/protocol";
import type { Awaitable } from "../tree/file-tree.js";
import type { LiteralCompressor, LiteralExpander, LiteralSink } from "./literal-codec.js";
import { NodeStream } from "./node-stream.js";

/** What the declarations of Node 20 do not know yet. */
interface ZstdModule {
  createZstdCompress(options: object): Transform;
  createZstdDecompress(options: object): Transform;
  constants: Readonly<
    Record<"ZSTD_e_flush" | "ZSTD_c_compressionLevel" | "ZSTD_d_windowLogMax", number>
  >;
}
const zlib = nodeZlib as unknown as ZstdModule;

const OUTPUT_BYTES = 128 << 10;
/** The reader is fed so much at a time. */
const FEED_BYTES = 64 << 10;
/** The largest window that is taken, as a power of two: what level 22 uses. */
const MAX_WINDOW_BITS = 27;

export class ZstdCompressor implements LiteralCompressor {
  readonly pieceBytes: number = 256 << 10;
  readonly #stream: NodeStream;
  #earlier: Promise<unknown> = Promise.resolve();

  constructor(level: number) {
    const stream = zlib.createZstdCompress({
      chunkSize: OUTPUT_BYTES,
      // Everything written comes out at once: pieces are large enough for that to cost nothing.
      flush: zlib.constants.ZSTD_e_flush,
      params: { [zlib.constants.ZSTD_c_compressionLevel]: level },
    });
    this.#stream = new NodeStream(stream, "zstd");
  }

  startFile(): void {}

  compress(piece: Uint8Array): Promise<readonly Uint8Array[]> {
    const payloads: Uint8Array[] = [];
    const work = this.#earlier.then(async () => {
      await this.#stream.feed(piece, (bytes) => {
        payloads.push(bytes);
      });
      return payloads;
    });
    // Who asked for this piece hears of a failure; the next one fails by itself.
    this.#earlier = work.catch(() => {});
    return work;
  }

  close(): void {
    this.#stream.close();
  }
}

export class ZstdExpander implements LiteralExpander {
  readonly #stream: NodeStream;
  #parts: Uint8Array[] = [];
  #partBytes = 0;

  constructor() {
    const stream = zlib.createZstdDecompress({
      chunkSize: OUTPUT_BYTES,
      params: { [zlib.constants.ZSTD_d_windowLogMax]: MAX_WINDOW_BITS },
    });
    this.#stream = new NodeStream(stream, "zstd");
  }

  startFile(): void {}

  expand(payload: Uint8Array, sink: LiteralSink): Awaitable<void> {
    this.#parts.push(payload);
    this.#partBytes += payload.length;
    return this.#partBytes > FEED_BYTES ? this.endRun(sink) : undefined;
  }

  async endRun(sink: LiteralSink): Promise<void> {
    if (this.#partBytes === 0) return;
    const bytes = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#partBytes = 0;
    await this.#stream.feed(bytes, sink);
    if (this.#stream.ended) throw new StreamError("zstd: the frame ended before the session did");
  }

  close(): void {
    this.#stream.close();
  }
}
