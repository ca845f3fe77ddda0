/**
 * The compression of a session: its name, its level, and where its two ends come from.
 * @module
 */

import type { ActiveCompression } from "./compression-name.js";
import { DeflateCompressor } from "./deflate-compressor.js";
import { DeflateExpander } from "./deflate-expander.js";
import type { LiteralCompressor, LiteralExpander } from "./literal-codec.js";
import { Lz4Expander, Lz4LiteralCompressor } from "./lz4-codec.js";
import { ZstdCompressor, ZstdExpander } from "./zstd-codec.js";

export class Compression {
  readonly name: ActiveCompression;
  readonly level: number;
  readonly #protocol: number;
  readonly #open: { close(): void }[] = [];

  constructor(name: ActiveCompression, level: number, protocol: number) {
    this.name = name;
    this.level = level;
    this.#protocol = protocol;
  }

  createCompressor(): LiteralCompressor {
    const { name, level } = this;
    if (name === "lz4") return new Lz4LiteralCompressor();
    if (name === "zstd") return this.#keep(new ZstdCompressor(level));
    const remembersMatches = name === "zlib";
    return new DeflateCompressor({ level, protocol: this.#protocol, remembersMatches });
  }

  createExpander(): LiteralExpander {
    const { name } = this;
    if (name === "lz4") return new Lz4Expander();
    if (name === "zstd") return this.#keep(new ZstdExpander());
    return new DeflateExpander(name === "zlib");
  }

  /** Frees what would otherwise wait for the garbage collector: at high levels zstd takes hundreds of megabytes. */
  close(): void {
    for (const codec of this.#open) codec.close();
    this.#open.length = 0;
  }

  #keep<T extends { close(): void }>(codec: T): T {
    this.#open.push(codec);
    return codec;
  }
}
