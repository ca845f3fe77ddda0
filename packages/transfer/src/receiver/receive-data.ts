/**
 * Rebuilding one file from its tokens: literal data as it comes, matched blocks from the basis, and the checksum over
 * what results (spec 3-transfer, 5 to 8).
 * @module
 */
import { ProtocolError } from "@tsrsync/protocol";
import type { HashStream } from "@tsrsync/protocol/checksum";
import { historyOfBlock } from "@tsrsync/protocol/compress";
import { readToken, type SumHead } from "@tsrsync/protocol/delta";
import { available, type Cursor, decodeByteString, take } from "@tsrsync/protocol/wire";
import type { Session } from "../session/session.js";
import { TURN_MS, Turn } from "../session/turn.js";
import type { Awaitable, TreeFile } from "../tree/file-tree.js";
import { CompressedReader, type TokenSink } from "./compressed-reader.js";
import type { DataTarget } from "./data-target.js";

/** Size of a token's header. */
const TOKEN_BYTES = 4;
/** Consecutive matched blocks are copied in pieces of this many bytes. */
const COPY_BYTES = 256 << 10;

/** What came of one file's data. */
export interface ReceivedData {
  /** The checksum was right. */
  verified: boolean;
  length: number;
  literalBytes: number;
  matchedBytes: number;
  /** The checksum of the data, as the sender has it. */
  digest: Uint8Array;
}

/** Where the data goes to and comes from. Without `target` everything is read and thrown away. */
export interface DataPlan {
  head: SumHead;
  basis: TreeFile | null;
  target: DataTarget | null;
  /** The file checksum begins with so many bytes of the basis, to which the data is appended. */
  prefixLength: number;
  onProgress: ((position: number) => void) | null;
}

/** One receiver of file data per session: it keeps its buffers and its hash. */
export class DataReceiver {
  readonly #session: Session;
  readonly #hash: HashStream;
  readonly #compressed: CompressedReader | null;
  readonly #copy: Uint8Array = new Uint8Array(COPY_BYTES);
  /** Borrowed views of received data, not written yet. */
  #views: Uint8Array[] = [];
  #plan!: DataPlan;
  #length = 0;
  #literalBytes = 0;
  #runStart = 0;
  #runLength = 0;
  /** Blocks were referred to that the basis does not have (any more): the file can not be right. */
  #isSpoiled = false;
  #verdictDigest: (cursor: Cursor) => Uint8Array;
  #decodeToken: (cursor: Cursor) => number;

  constructor(session: Session) {
    this.#session = session;
    this.#hash = session.strong.createFileHash();
    const { compression, input } = session;
    this.#compressed = compression && new CompressedReader(input, compression.createExpander());
    const { digestLength } = session.strong;
    this.#verdictDigest = (cursor) => {
      const start = take(cursor, digestLength);
      return cursor.bytes.slice(start, start + digestLength);
    };
    this.#decodeToken = (cursor) => readToken(cursor, this.#plan.head.count);
  }

  /** Bytes of literal data in the file at hand. */
  get literalBytes(): number {
    return this.#literalBytes;
  }

  /**
   * Reads tokens to the end of the file and the file checksum.
   * @throws ProtocolError for a block that the basis does not have; FileIoError-worthy errors of the target pass through.
   */
  async receive(plan: DataPlan): Promise<ReceivedData> {
    this.#plan = plan;
    this.#length = 0;
    this.#literalBytes = 0;
    this.#runLength = 0;
    this.#isSpoiled = false;
    this.#views = [];
    this.#hash.reset();
    if (plan.prefixLength > 0) await this.#hashPrefix(plan.prefixLength);
    if (this.#compressed === null) await this.#readPlain();
    else await this.#compressed.readFile(plan.head.count, this.#expanded);
    if (this.#runLength > 0) await this.#flushRun();
    if (this.#views.length > 0) await this.#flushViews();
    const ended = plan.target?.end();
    if (ended instanceof Promise) await ended;
    const answer = this.#session.input.read(this.#verdictDigest);
    const expected = answer instanceof Promise ? await answer : answer;
    const isEqual = decodeByteString(expected) === decodeByteString(this.#hash.digest());
    const verified = isEqual && !this.#isSpoiled;
    return {
      verified,
      length: this.#length,
      literalBytes: this.#literalBytes,
      matchedBytes: this.#length - this.#literalBytes,
      digest: expected,
    };
  }

  async #readPlain(): Promise<void> {
    const { input } = this.#session;
    for (;;) {
      // What is here is written before we wait: the disk works while the network does.
      if (this.#views.length > 0 && available(input.cursor) < TOKEN_BYTES) await this.#flushViews();
      const answer = input.read(this.#decodeToken);
      const token = answer instanceof Promise ? await answer : answer;
      if (token === 0) return;
      const taken = token > 0 ? this.#literal(token) : this.#match(-token - 1);
      if (taken instanceof Promise) await taken;
    }
  }

  /** What compressed tokens expand to. */
  readonly #expanded: TokenSink = {
    beginRun: () => (this.#runLength > 0 ? this.#flushRun() : undefined),
    literal: (bytes) => {
      this.#hash.update(bytes);
      this.#length += bytes.length;
      this.#literalBytes += bytes.length;
      this.#plan.onProgress?.(this.#length);
      return this.#plan.target?.write(bytes);
    },
    match: (block) => this.#match(block),
  };

  /** Literal data that is here is taken at once. */
  #literal(count: number): Awaitable<void> {
    if (this.#runLength > 0 || available(this.#session.input.cursor) < count) {
      return this.#literalLater(count);
    }
    this.#takeView(count);
    this.#countLiteral(count);
    return undefined;
  }

  async #literalLater(count: number): Promise<void> {
    if (this.#runLength > 0) await this.#flushRun();
    const { input } = this.#session;
    const { cursor } = input;
    for (let left = count; left > 0; ) {
      if (cursor.offset === cursor.end) {
        await this.#flushViews();
        await input.ensureSome();
      }
      const size = Math.min(left, available(cursor));
      this.#takeView(size);
      left -= size;
    }
    this.#countLiteral(count);
  }

  #takeView(size: number): void {
    const { cursor } = this.#session.input;
    const view = cursor.bytes.subarray(cursor.offset, cursor.offset + size);
    cursor.offset += size;
    this.#hash.update(view);
    if (this.#plan.target !== null) this.#views.push(view);
  }

  #countLiteral(count: number): void {
    this.#length += count;
    this.#literalBytes += count;
    this.#plan.onProgress?.(this.#length);
  }

  async #flushViews(): Promise<void> {
    const views = this.#views;
    if (views.length === 0) return;
    this.#views = [];
    const done =
      views.length === 1 ? this.#plan.target?.write(views[0]!) : this.#plan.target?.writev(views);
    if (done instanceof Promise) await done;
  }

  async #hashPrefix(length: number): Promise<void> {
    const { basis } = this.#plan;
    if (basis === null) return; // it is gone: the checksum will tell
    const turn = new Turn(TURN_MS);
    for (let done = 0; done < length; ) {
      const piece = this.#copy.subarray(0, Math.min(length - done, COPY_BYTES));
      const read = await basis.readAt(piece, done);
      if (read === 0) return;
      this.#hash.update(piece.subarray(0, read));
      done += read;
      if (turn.isOver) await turn.pass();
    }
  }

  #blockSize(index: number): number {
    const { head } = this.#plan;
    return index === head.count - 1 && head.remainder > 0 ? head.remainder : head.blockLength;
  }

  async #match(index: number): Promise<void> {
    const { basis, target, head } = this.#plan;
    if (basis === null && target !== null) {
      throw new ProtocolError(`block ${index}: expected no block references without a basis file`);
    }
    const start = index * head.blockLength;
    const size = this.#blockSize(index);
    const extendsRun =
      start === this.#runStart + this.#runLength &&
      this.#runLength + size <= COPY_BYTES &&
      !(this.#remembersBlocks && this.#session.protocol < 31);
    if (this.#runLength > 0 && !extendsRun) await this.#flushRun();
    if (this.#runLength === 0) this.#runStart = start;
    this.#runLength += size;
    this.#length += size;
    this.#plan.onProgress?.(this.#length);
  }

  /** Copies the blocks gathered from the basis. */
  async #flushRun(): Promise<void> {
    const count = this.#runLength;
    this.#runLength = 0;
    if (count === 0) return;
    await this.#flushViews();
    const { basis, target } = this.#plan;
    if (this.#remembersBlocks) await this.#rememberBlock(count);
    // A few bytes from the peer must not make us write what is not there.
    if (basis === null || this.#isSpoiled) return;
    // A block of protocol 28 or 29 may be larger than the buffer.
    for (let done = 0; done < count; ) {
      const piece = this.#copy.subarray(0, Math.min(count - done, COPY_BYTES));
      const answer = basis.readAt(piece, this.#runStart + done);
      const read = answer instanceof Promise ? await answer : answer;
      if (read < piece.length) {
        this.#isSpoiled = true;
        return;
      }
      this.#hash.update(piece);
      const kept = target?.keeps(this.#runStart + done, piece) ?? true;
      if (!(kept instanceof Promise ? await kept : kept)) {
        const written = target!.write(piece); // there is nothing to keep without one
        if (written instanceof Promise) await written;
      }
      done += piece.length;
    }
  }

  /** Matched blocks enter the history of the expander, one by one below protocol 31 (spec 3-transfer, 6.3). */
  get #remembersBlocks(): boolean {
    return this.#compressed?.expander.matched !== undefined;
  }

  /** In place the basis may change under the copy, so this comes first. */
  async #rememberBlock(size: number): Promise<void> {
    const { basis } = this.#plan;
    for (const { offset, length } of historyOfBlock(size, this.#session.protocol)) {
      const bytes = this.#copy.subarray(0, length);
      const answer = basis?.readAt(bytes, this.#runStart + offset);
      const read = (answer instanceof Promise ? await answer : answer) ?? 0;
      // Of a file that is only read to be thrown away nothing is known.
      bytes.fill(0, read);
      this.#compressed!.expander.matched!(bytes);
    }
  }
}
