/**
 * Names in entries: each tells how many bytes it shares with the one before. Spec: docs/protocol/2-file-list.md, 2.5.4
 * and 2.8.1.
 *
 *     [byte shared]              with SameName
 *     byte or int/varint length  of the rest; the long form with LongName
 *     rest
 * @module
 */
import { ExitCode, ProtocolError } from "../errors.js";
import {
  type ByteString,
  type Cursor,
  decodeByteString,
  readByte,
  readInt,
  readVarint,
  take,
} from "../wire/index.js";
import { WireFlag } from "./wire-flags.js";

/** The longest name is one less. */
export const MAX_PATH = 4096;
/** The longest prefix that one name can share with the one before. */
export const MAX_SHARED = 255;

const SLASH = 0x2f;
const DOT = 0x2e;

/** Rebuilds names from shared prefixes; remembers the last name once it is committed. */
export class NameReader {
  /** Prefix length of the name being read. */
  shared = 0;
  /** Length of the name being read. */
  length = 0;
  readonly #bytes: Uint8Array = new Uint8Array(MAX_PATH);
  #committedLength = 0;

  /**
   * Reads a name into the buffer. Only bytes after the shared prefix are overwritten, so that reading the same entry
   * again after an underflow finds what it needs.
   * @throws ProtocolError for a prefix or length out of range (exit 22 for the latter).
   */
  read(cursor: Cursor, wireFlags: number, protocol: number): void {
    const shared = wireFlags & WireFlag.SameName ? readByte(cursor) : 0;
    if (shared > this.#committedLength) {
      const limit = this.#committedLength;
      throw new ProtocolError(`shared name prefix: expected at most ${limit}, got ${shared}`);
    }
    const count = readSuffixLength(cursor, wireFlags, protocol);
    if (count < 0 || shared + count >= MAX_PATH) {
      const message = `overflow: name length: expected 1..${MAX_PATH - 1}, got ${shared} + ${count}`;
      throw new ProtocolError(message, { exitCode: ExitCode.OutOfMemory });
    }
    const start = take(cursor, count);
    const source = cursor.bytes;
    const target = this.#bytes;
    for (let i = 0; i < count; i++) target[shared + i] = source[start + i]!;
    this.shared = shared;
    this.length = shared + count;
  }

  /** The name as sent. */
  wireName(): ByteString {
    return decodeByteString(this.#bytes, 0, this.length);
  }

  /** Whether the name can be used as it is: no empty, `.` or `..` component, no NUL. */
  isClean(): boolean {
    const bytes = this.#bytes;
    const { length } = this;
    let start = 0;
    for (let i = 0; i <= length; i++) {
      const byte = i < length ? bytes[i]! : SLASH;
      if (byte === 0) return false;
      if (byte !== SLASH) continue;
      const size = i - start;
      if (size <= 2 && isDots(bytes, start, size)) return false;
      start = i + 1;
    }
    return true;
  }

  /** The entry is complete: the next name builds on this one. */
  commit(): void {
    this.#committedLength = this.length;
  }
}

function readSuffixLength(cursor: Cursor, wireFlags: number, protocol: number): number {
  if (!(wireFlags & WireFlag.LongName)) return readByte(cursor);
  return protocol < 30 ? readInt(cursor) : readVarint(cursor);
}

/** Whether these 0 to 2 bytes are all dots. */
function isDots(bytes: Uint8Array, start: number, size: number): boolean {
  if (size === 0) return true;
  return bytes[start] === DOT && (size === 1 || bytes[start + 1] === DOT);
}

/**
 * Cleans a name from the peer: repeated and trailing slashes and `.` components vanish.
 * @throws ProtocolError for NUL, an empty name, `..`, or a leading slash without `relative` (exit 4).
 */
export function cleanName(name: ByteString, relative: boolean): ByteString {
  const absolute = name.startsWith("/");
  const parts = name.split("/");
  if (name.includes("\0") || name === "" || (absolute && !relative) || parts.includes("..")) {
    throw new ProtocolError(`ABORTING due to unsafe pathname from sender: ${name}`, {
      exitCode: ExitCode.Unsupported,
    });
  }
  const path = parts.filter((part) => part !== "" && part !== ".").join("/") || ".";
  return absolute ? `/${path}` : path;
}
