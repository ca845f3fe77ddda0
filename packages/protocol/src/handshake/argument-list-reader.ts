/**
 * The list of arguments that a client sends to a daemon (and, with secluded arguments, to any server), out of chunks
 * that are cut anywhere.
 *
 *     protocol 30 and later, and every secluded list   ARG NUL ARG NUL ... NUL
 *     before                                           ARG LF ARG LF ... LF      (CR ends an argument too)
 *
 * Spec: docs/protocol/1-session.md, 3.6 and 4.6; docs/protocol/5-daemon.md, 5.5.3.
 * @module
 */
import { ProtocolError } from "../errors.js";
import { type ByteString, decodeByteString } from "../wire/index.js";
import { ByteQueue } from "./byte-queue.js";

/** What a list may hold. */
export interface ArgumentListLimits {
  readonly maxArguments: number;
  readonly maxArgumentBytes: number;
  readonly maxTotalBytes: number;
}

// rsync counts 15,999 with its implicit program name, and cuts longer arguments silently. It has no limit for the
// whole; this one is more than any command line on Linux can hold, and keeps a peer from taking 80 MB.
const DEFAULT_LIMITS: ArgumentListLimits = {
  maxArguments: 15_998,
  maxArgumentBytes: 5119,
  maxTotalBytes: 16 << 20,
};

const NUL = 0;
const LF = 0x0a;
const CR = 0x0d;

/** Reads one list of arguments. */
export class ArgumentListReader {
  readonly #queue = new ByteQueue();
  readonly #arguments: ByteString[] = [];
  readonly #nulTerminated: boolean;
  readonly #limits: ArgumentListLimits;
  #totalBytes = 0;

  /** @param terminator `nul` for protocol 30 and later and for secluded lists, `line` before. */
  constructor(terminator: "nul" | "line", limits: Partial<ArgumentListLimits> = {}) {
    this.#nulTerminated = terminator === "nul";
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
  }

  /** Adds bytes from the peer; the chunk belongs to the reader from now on. */
  push(chunk: Uint8Array): void {
    this.#queue.push(chunk);
  }

  /**
   * The whole list, owned, once the empty argument at its end has come; null until then.
   * @throws ProtocolError when a limit is exceeded, or a line holds a NUL.
   */
  next(): ByteString[] | null {
    for (;;) {
      const argument = this.#nextArgument();
      if (argument === null) return null;
      if (argument === "") return this.#arguments;
      this.#totalBytes += argument.length;
      if (this.#arguments.length >= this.#limits.maxArguments)
        throw new ProtocolError("too many daemon arguments");
      if (this.#totalBytes > this.#limits.maxTotalBytes) {
        throw new ProtocolError(
          `arguments: expected at most ${this.#limits.maxTotalBytes} bytes, got more`,
        );
      }
      this.#arguments.push(argument);
    }
  }

  /** All bytes after the list; the reader is empty afterwards. */
  rest(): Uint8Array {
    return this.#queue.rest();
  }

  #nextArgument(): ByteString | null {
    const { bytes, offset } = this.#queue;
    const { maxArgumentBytes } = this.#limits;
    const last = Math.min(bytes.length, offset + maxArgumentBytes + 1);
    let end = offset;
    while (end < last && !this.#endsArgument(bytes[end]!)) end++;
    if (end - offset > maxArgumentBytes) {
      throw new ProtocolError(`argument: expected at most ${maxArgumentBytes} bytes, got more`);
    }
    if (end === bytes.length) return null;
    this.#queue.offset = end + 1;
    return decodeByteString(bytes, offset, end);
  }

  #endsArgument(byte: number): boolean {
    if (this.#nulTerminated) return byte === NUL;
    if (byte === NUL) throw new ProtocolError("argument: expected text, got a NUL byte");
    return byte === LF || byte === CR;
  }
}
