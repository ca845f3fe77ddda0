/**
 * File names are bytes. A `ByteString` is a JavaScript string in which every character is one byte (U+0000 to U+00FF,
 * "latin1"): comparing two of them compares bytes, slicing costs nothing, and names that are not UTF-8 survive.
 * @module
 */

/** A string whose characters are bytes. Purely a name: the compiler does not tell it from `string`. */
export type ByteString = string;

interface NodeBytes {
  latin1Slice(start: number, end: number): string;
  latin1Write(text: string, offset: number, length: number): number;
}

// Node's own latin1 routines work on any Uint8Array and are about five times as fast as a loop; a browser has none.
const node = (globalThis as { Buffer?: { prototype: NodeBytes } }).Buffer?.prototype;

const CHUNK = 4096;

function sliceInChunks(bytes: Uint8Array, start: number, end: number): ByteString {
  let text = "";
  for (let at = start; at < end; at += CHUNK) {
    text += String.fromCharCode(...bytes.subarray(at, Math.min(end, at + CHUNK)));
  }
  return text;
}

/** The bytes `start..end` as a `ByteString` (an owned copy). */
export function decodeByteString(
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
): ByteString {
  return node ? node.latin1Slice.call(bytes, start, end) : sliceInChunks(bytes, start, end);
}

/** Stores `text` at `offset`; the caller has made sure that it fits and that every character is below U+0100. */
export function storeByteString(bytes: Uint8Array, offset: number, text: ByteString): void {
  if (node && text.length > 8) {
    node.latin1Write.call(bytes, text, offset, text.length);
    return;
  }
  for (let i = 0; i < text.length; i++) bytes[offset + i] = text.charCodeAt(i);
}

/** The bytes of `text`, owned by the caller. */
export function encodeByteString(text: ByteString): Uint8Array {
  const bytes = new Uint8Array(text.length);
  storeByteString(bytes, 0, text);
  return bytes;
}

/** The `ByteString` of ordinary text: its UTF-8 bytes. */
export function byteStringFromText(text: string): ByteString {
  if (/^[\x00-\x7f]*$/.test(text)) return text;
  const wellFormed = text.replace(/\p{Surrogate}/gu, "\ufffd");
  return encodeURIComponent(wellFormed).replace(/%([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
