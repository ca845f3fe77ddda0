/**
 * Sending one file: whole, or as differences to the basis that the receiver has (spec 3-transfer, 5 and 6).
 * @module
 */
import type { HashStream } from "@tsrsync/protocol/checksum";
import {
  DeltaSearch,
  type DeltaSink,
  MAX_LITERAL,
  type Signature,
  storeLiteralHeader,
} from "@tsrsync/protocol/delta";
import { FRAME_HEADER, reserve } from "@tsrsync/protocol/wire";
import { BufferPool } from "../session/buffer-pool.js";
import type { Session } from "../session/session.js";
import { TURN_MS, Turn } from "../session/turn.js";
import { andThen, orRecover } from "../tree/awaitable.js";
import type { Awaitable } from "../tree/file-tree.js";
import { CompressedTokens } from "./compressed-tokens.js";
import { FileFrom, type ReadableFile, type SentFile } from "./file-from.js";
import { PlainTokens, TOKEN_BYTES, type TokenWriter } from "./token-writer.js";

/** So many full literal tokens are read from the disk at once. */
const RUN_TOKENS = 8;
/** What is appended to is hashed in pieces of this many bytes. */
const PREFIX_BYTES = 256 << 10;
/** A file that is at most this long is read in one go and shares a buffer with its neighbours. */
export const SMALL_BYTES: number = 2 * MAX_LITERAL;
const smallFiles = new BufferPool(SMALL_BYTES + 1, 4);
/** What is to be compressed is read in pieces of this size. */
const COMPRESSED_READ_BYTES = 256 << 10;

/** What one file cost. */
export interface SentData {
  literalBytes: number;
  matchedBytes: number;
  /** Reading failed in the middle: the checksum was spoiled, so the receiver rejects the file. */
  readError: unknown;
  /** The checksum of what was sent; `null` when it was spoiled. */
  digest: Uint8Array | null;
}

/** One sender of file data per session: it keeps its buffers and its hash. */
export class DataSender {
  readonly #session: Session;
  readonly #hash: HashStream;
  readonly #tokens: TokenWriter;
  #literalBytes = 0;
  #matchedBytes = 0;
  #readError: unknown = null;
  readonly #totals = { matches: 0, hashHits: 0, falseAlarms: 0, literalBytes: 0 };

  constructor(session: Session) {
    this.#session = session;
    this.#hash = session.strong.createFileHash();
    const { compression, output } = session;
    this.#tokens = compression
      ? new CompressedTokens(output, compression.createCompressor())
      : new PlainTokens(output);
  }

  /** How the searches went so far, as `--debug=deltasum` tells it. */
  searchReport(): string {
    const { matches, hashHits, falseAlarms, literalBytes } = this.#totals;
    return `total: matches=${matches}  hash_hits=${hashHits}  false_alarms=${falseAlarms} data=${literalBytes}`;
  }

  /** Sends all of `file` as literal data, then the end and the file checksum. */
  sendWhole(file: SentFile, onProgress: ((position: number) => void) | null): Promise<SentData> {
    this.#start();
    return this.#sendAll(file, onProgress);
  }

  /** Sends what `file` has from `start` on. `verify`: the file checksum is that of the whole file. */
  async sendAppended(
    file: SentFile,
    { start, verify }: { start: number; verify: boolean },
    onProgress: ((position: number) => void) | null,
  ): Promise<SentData> {
    this.#start();
    if (verify) await this.#hashPrefix(file, start);
    return this.#sendAll(new FileFrom(file, start), onProgress);
  }

  async #hashPrefix(file: SentFile, length: number): Promise<void> {
    const piece = new Uint8Array(PREFIX_BYTES);
    const turn = new Turn(TURN_MS);
    for (let done = 0; done < length; ) {
      const view = piece.subarray(0, Math.min(piece.length, length - done));
      const count = await this.#guarded(() => file.readAt(view, done));
      if (count === 0) return;
      this.#hash.update(view.subarray(0, count));
      done += count;
      if (turn.isOver) await turn.pass();
    }
  }

  async #sendAll(
    file: ReadableFile,
    onProgress: ((position: number) => void) | null,
  ): Promise<SentData> {
    const small = smallFiles.take();
    const answer = this.#guarded(() => file.read(small));
    const count = answer instanceof Promise ? await answer : answer;
    this.#literal(small.subarray(0, count));
    // A short read is the end of a regular file.
    if (count === small.length) {
      if (this.#session.compression) await this.#compressLarge(file, onProgress);
      else await this.#sendLarge(file, onProgress);
    }
    const sent = await this.#finish();
    smallFiles.give(small);
    return sent;
  }

  /**
   * Sends the differences between the basis behind `signature` and `file`. `inplace`: the receiver writes over the basis, so
   * only what is still there may be used.
   */
  async sendDelta(
    file: SentFile,
    synchronous: boolean,
    signature: Signature,
    inplace: boolean,
    onProgress: ((position: number) => void) | null,
  ): Promise<SentData> {
    this.#start();
    const tokens = this.#tokens;
    const search = new DeltaSearch(signature, this.#session.strong, { inplace });
    const sink: DeltaSink = {
      literal: (bytes) => this.#literal(bytes, false),
      match: (block) => {
        this.#matchedBytes += signature.blockSize(block);
        tokens.match(block);
      },
      matchedBytes: tokens.matchedBytes,
    };
    const source = synchronous ? file : new PrefetchedSource();
    const turn = new Turn(TURN_MS);
    for (;;) {
      if (source instanceof PrefetchedSource) await this.#guarded(() => source.refill(file));
      const goesOn = search.step((into) => {
        const count = this.#readNow(source, into);
        this.#hash.update(into.subarray(0, count));
        return count;
      }, sink);
      onProgress?.(this.#literalBytes + this.#matchedBytes);
      const waiting = tokens.settle();
      if (waiting instanceof Promise) await waiting;
      if (turn.isOver) await turn.pass();
      if (!goesOn) {
        this.#countSearch(search);
        return this.#finish();
      }
    }
  }

  #countSearch({ matches, hashHits, falseAlarms }: DeltaSearch): void {
    this.#totals.matches += matches;
    this.#totals.hashHits += hashHits;
    this.#totals.falseAlarms += falseAlarms;
  }

  #start(): void {
    this.#hash.reset();
    this.#tokens.startFile();
    this.#literalBytes = 0;
    this.#matchedBytes = 0;
    this.#readError = null;
  }

  #finish(): Awaitable<SentData> {
    return andThen(this.#tokens.end(), () => this.#writeDigest());
  }

  #writeDigest(): SentData {
    this.#totals.literalBytes += this.#literalBytes;
    const { writer } = this.#session.output;
    const digest = this.#hash.digest();
    if (this.#readError !== null) spoil(digest);
    const at = reserve(writer, digest.length);
    writer.bytes.set(digest, at);
    return {
      literalBytes: this.#literalBytes,
      matchedBytes: this.#matchedBytes,
      readError: this.#readError,
      digest: this.#readError === null ? digest : null,
    };
  }

  /** A read whose failure counts as the end of the file. */
  #guarded(read: () => Awaitable<number>): Awaitable<number> {
    return orRecover(read, (error) => {
      this.#readError ??= error;
      return 0;
    });
  }

  #readNow(source: SentFile | PrefetchedSource, into: Uint8Array): number {
    if (this.#readError !== null) return 0;
    try {
      return source.read(into) as number;
    } catch (error) {
      this.#readError = error;
      return 0;
    }
  }

  /** Writes literal data that is in memory. */
  #literal(bytes: Uint8Array, hashed = true): void {
    this.#tokens.literal(bytes);
    this.#literalBytes += bytes.length;
    if (hashed && bytes.length > 0) this.#hash.update(bytes);
  }

  /** Reads the rest of a file and compresses it. */
  async #compressLarge(
    file: ReadableFile,
    onProgress: ((position: number) => void) | null,
  ): Promise<void> {
    const buffer = new Uint8Array(COMPRESSED_READ_BYTES);
    const turn = new Turn(TURN_MS);
    for (;;) {
      const count = await this.#guarded(() => file.read(buffer));
      this.#literal(buffer.subarray(0, count));
      onProgress?.(this.#literalBytes);
      const waiting = this.#tokens.settle();
      if (waiting instanceof Promise) await waiting;
      if (turn.isOver) await turn.pass();
      if (count < buffer.length) return;
    }
  }

  /** Reads the rest of a file from the disk straight into the buffers that go to the socket. */
  async #sendLarge(
    file: ReadableFile,
    onProgress: ((position: number) => void) | null,
  ): Promise<void> {
    const { output } = this.#session;
    const stride = TOKEN_BYTES + MAX_LITERAL;
    for (;;) {
      const buffer = output.takeBuffer();
      const views: Uint8Array[] = [];
      for (let i = 0; i < RUN_TOKENS; i++) {
        const start = FRAME_HEADER + i * stride + TOKEN_BYTES;
        views.push(buffer.subarray(start, start + MAX_LITERAL));
      }
      const count = await this.#guarded(() => file.readv(views));
      let left = count;
      for (let i = 0; left > 0; i++) {
        const size = Math.min(left, MAX_LITERAL);
        storeLiteralHeader(buffer, FRAME_HEADER + i * stride, size);
        this.#hash.update(size === MAX_LITERAL ? views[i]! : views[i]!.subarray(0, size));
        left -= size;
      }
      this.#literalBytes += count;
      const tokens = Math.ceil(count / MAX_LITERAL);
      output.sendBuffer(buffer, FRAME_HEADER + count + tokens * TOKEN_BYTES);
      onProgress?.(this.#literalBytes);
      const waiting = output.drained();
      if (waiting instanceof Promise) await waiting;
      if (count < RUN_TOKENS * MAX_LITERAL) return;
    }
  }
}

/** All zeros, or with the last byte changed if zeros happen to be right (spec 3-transfer, 5.1). */
function spoil(digest: Uint8Array): void {
  const wasZero = digest.every((byte) => byte === 0);
  digest.fill(0);
  if (wasZero) digest[digest.length - 1] = 1;
}

/** Lets the synchronous search read a file of an asynchronous tree: data is fetched before each step. */
class PrefetchedSource {
  readonly #bytes = new Uint8Array(1 << 20);
  #offset = 0;
  #end = 0;

  async refill(file: SentFile): Promise<number> {
    this.#bytes.copyWithin(0, this.#offset, this.#end);
    this.#end -= this.#offset;
    this.#offset = 0;
    const count = await file.read(this.#bytes.subarray(this.#end));
    this.#end += count;
    return count;
  }

  read(into: Uint8Array): number {
    const count = Math.min(into.length, this.#end - this.#offset);
    into.set(this.#bytes.subarray(this.#offset, this.#offset + count));
    this.#offset += count;
    return count;
  }
}
