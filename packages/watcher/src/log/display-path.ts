/**
 * File names for people: logs, status and alarms.
 * @module
 */
import { type ByteString, encodeByteString } from "@tsrsync/protocol/wire";

const PLAIN = /^[ -[\]-~]*$/;
const UNSAFE = /[\\\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const escapeByte = (code: number): string => `\\x${code.toString(16).padStart(2, "0")}`;
const encoder = new TextEncoder();

/** Bytes as `\xNN`. */
const escapeBytes = (text: string): string =>
  Array.from(encoder.encode(text), (byte) => escapeByte(byte)).join("");

/**
 * A name in a form that fits any terminal and any JSON document: text where it is UTF-8, `\xNN` for other bytes and for whatever
 * moves the cursor, breaks the line or turns the direction of writing; a backslash is doubled, so no two names look the same.
 */
export function displayPath(path: ByteString): string {
  if (PLAIN.test(path)) return path;
  const bytes = encodeByteString(path);
  try {
    return strict
      .decode(bytes)
      .replace(UNSAFE, (found) => (found === "\\" ? "\\\\" : escapeBytes(found)));
  } catch {
    return decodeByRuns(bytes);
  }
}

/** Length of the UTF-8 sequence at `offset`, 0 where there is none. */
function sequenceLength(bytes: Uint8Array, offset: number): number {
  const first = bytes[offset] ?? 0;
  const length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  try {
    strict.decode(bytes.subarray(offset, offset + length));
    return Math.min(length, bytes.length - offset);
  } catch {
    return 0;
  }
}

function decodeByRuns(bytes: Uint8Array): string {
  let text = "";
  for (let offset = 0; offset < bytes.length; ) {
    const length = sequenceLength(bytes, offset);
    if (length === 0) {
      text += escapeByte(bytes[offset] ?? 0);
      offset++;
      continue;
    }
    const character = strict.decode(bytes.subarray(offset, offset + length));
    text += character.replace(UNSAFE, (found) => (found === "\\" ? "\\\\" : escapeBytes(found)));
    offset += length;
  }
  return text;
}
