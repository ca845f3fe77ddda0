/**
 * The names of a tree's directories, byte by byte in one array: a string for each would take about three times as much.
 * @module
 */
import { type ByteString, decodeByteString, storeByteString } from "@tsrsync/protocol/wire";

const FIRST_BYTES = 1024;

/** Grows at its end only; who owns the names copies the living ones to a new heap when too many are dead. */
export class NameHeap {
  #bytes: Uint8Array = new Uint8Array(FIRST_BYTES);
  #end = 0;

  /** Bytes in use, the dead names' included. */
  get end(): number {
    return this.#end;
  }

  get capacity(): number {
    return this.#bytes.length;
  }

  /** Stores a name of at most 255 bytes and returns where. */
  add(name: ByteString): number {
    const start = this.#reserve(name.length);
    storeByteString(this.#bytes, start, name);
    return start;
  }

  /** The same for a name of another heap. */
  copy(from: NameHeap, start: number, length: number): number {
    const to = this.#reserve(length);
    this.#bytes.set(from.#bytes.subarray(start, start + length), to);
    return to;
  }

  read(start: number, length: number): ByteString {
    return decodeByteString(this.#bytes, start, start + length);
  }

  equals(start: number, length: number, name: ByteString): boolean {
    if (length !== name.length) return false;
    for (let at = 0; at < length; at++) {
      if (this.#bytes[start + at] !== name.charCodeAt(at)) return false;
    }
    return true;
  }

  #reserve(length: number): number {
    const start = this.#end;
    this.#end += length;
    if (this.#end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#end, Math.ceil(this.#bytes.length * 1.5)));
      grown.set(this.#bytes.subarray(0, start));
      this.#bytes = grown;
    }
    return start;
  }
}
