/**
 * Where the data of a received file goes to, in its order.
 * @module
 */
import type { Awaitable, TreeFile } from "../tree/file-tree.js";
import { errorCode } from "../tree/system-error.js";

export interface DataTarget {
  write(bytes: Uint8Array): Awaitable<void>;
  writev(views: readonly Uint8Array[]): Awaitable<void>;
  /** Whether the next bytes, which the basis has from `position` on, are in their place already. Then they count. */
  keeps(position: number, bytes: Uint8Array): Awaitable<boolean>;
  /** All data has come. */
  end(): Awaitable<void>;
}

/** A new file that is written from its start to its end. */
export class NewFileTarget implements DataTarget {
  readonly #file: TreeFile;

  constructor(file: TreeFile) {
    this.#file = file;
  }

  write(bytes: Uint8Array): Awaitable<void> {
    return this.#file.write(bytes);
  }

  writev(views: readonly Uint8Array[]): Awaitable<void> {
    return this.#file.writev(views);
  }

  keeps(): boolean {
    return false;
  }

  end(): void {}
}

/** How a {@link PlacedTarget} writes. */
export interface PlacedTargetOptions {
  /** Where the first byte goes to. */
  start: number;
  /** How many bytes the file takes already. */
  size: number;
  /** Zeros become holes. */
  sparse: boolean;
  /** The file is the basis: what is matched in its own place is there already. */
  isBasis: boolean;
}

/** Holes are made of whole blocks of this size; file systems have no smaller ones. */
const HOLE_BYTES = 4096;
const ZEROS = new Uint8Array(HOLE_BYTES);

/** A file that is written at positions: over what is in it, or leaving holes. In the end it has the length of the data. */
export class PlacedTarget implements DataTarget {
  readonly #file: TreeFile;
  readonly #size: number;
  readonly #sparse: boolean;
  readonly #isBasis: boolean;
  #position: number;
  #canPunch = true;

  constructor(file: TreeFile, { start, size, sparse, isBasis }: PlacedTargetOptions) {
    this.#file = file;
    this.#size = size;
    this.#sparse = sparse;
    this.#isBasis = isBasis;
    this.#position = start;
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (!this.#sparse) {
      await this.#put(bytes);
      return;
    }
    await this.#eachRun(bytes, (others) => this.#put(others));
  }

  /** Leaves out the blocks that are all zero, and hands out what is between them. */
  async #eachRun(bytes: Uint8Array, take: (others: Uint8Array) => Awaitable<void>): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const zeros = this.#run(bytes, at, true);
      if (zeros > 0) await this.#leaveOut(bytes.subarray(at, at + zeros));
      const others = this.#run(bytes, at + zeros, false);
      if (others > 0) await take(bytes.subarray(at + zeros, at + zeros + others));
      at += zeros + others;
    }
  }

  async writev(views: readonly Uint8Array[]): Promise<void> {
    for (const view of views) await this.write(view);
  }

  keeps(position: number, bytes: Uint8Array): Awaitable<boolean> {
    if (!this.#isBasis || position !== this.#position) return false;
    if (this.#sparse) return this.#thinOut(bytes);
    this.#position += bytes.length;
    return true;
  }

  /** What is in its place stays there, but its zeros give back their space. */
  async #thinOut(bytes: Uint8Array): Promise<true> {
    await this.#eachRun(bytes, (others) => {
      this.#position += others.length;
    });
    return true;
  }

  async end(): Promise<void> {
    await this.#file.truncate(this.#position);
  }

  async #put(bytes: Uint8Array): Promise<void> {
    const written = this.#file.writeAt(bytes, this.#position);
    if (written instanceof Promise) await written;
    this.#position += bytes.length;
  }

  /** How many bytes from `start` on lie in blocks (or parts of such) that are all zero, or that are not. */
  #run(bytes: Uint8Array, start: number, zero: boolean): number {
    let at = start;
    while (at < bytes.length) {
      const inBlock = HOLE_BYTES - ((this.#position + at - start) % HOLE_BYTES);
      const piece = bytes.subarray(at, at + inBlock);
      if (isZero(piece) !== zero) break;
      at += piece.length;
    }
    return at - start;
  }

  async #leaveOut(zeros: Uint8Array): Promise<void> {
    const position = this.#position;
    const taken = Math.min(zeros.length, this.#size - position);
    if (taken > 0 && !(await this.#punch(position, taken))) {
      await this.#put(zeros);
      return;
    }
    this.#position += zeros.length;
  }

  async #punch(position: number, count: number): Promise<boolean> {
    if (!this.#canPunch) return false;
    try {
      await this.#file.punchHole(position, count);
      return true;
    } catch (error) {
      const code = errorCode(error) ?? "";
      if (!["ENOSYS", "EOPNOTSUPP", "ENOTSUP"].includes(code)) throw error;
      this.#canPunch = false;
      return false;
    }
  }
}

function isZero(piece: Uint8Array): boolean {
  return Buffer.compare(piece, ZEROS.subarray(0, piece.length)) === 0;
}
