/**
 * Events as the kernel writes them.
 *
 *     struct inotify_event   i32 watch, u32 mask, u32 cookie, u32 length of the name, name, zeros
 *
 * Spec 6, 3.1.
 * @module
 */
import { type ByteString, decodeByteString } from "@tsrsync/protocol/wire";

const HEADER_BYTES = 16;

/** A record with the longest name. */
export const MAX_EVENT_BYTES: number = HEADER_BYTES + 256;

/** Takes one event; `name` is empty when it is about the watched directory itself. */
export type EventVisitor = (watch: number, mask: number, cookie: number, name: ByteString) => void;

/**
 * Gives each event of one read to `visit`.
 * @throws RangeError when the bytes are not whole records, which no kernel writes.
 */
export function visitEvents(bytes: Uint8Array, visit: EventVisitor): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; ) {
    const start = at + HEADER_BYTES;
    const end = start + view.getUint32(at + 12, true);
    if (end > bytes.length) throw new RangeError(`inotify event: expected ${end} bytes`);
    const name = end === start ? "" : decodeByteString(bytes, start, nameEnd(bytes, start, end));
    visit(
      view.getInt32(at, true),
      view.getUint32(at + 4, true),
      view.getUint32(at + 8, true),
      name,
    );
    at = end;
  }
}

/** Names are padded with zeros. */
function nameEnd(bytes: Uint8Array, start: number, end: number): number {
  let last = end;
  while (last > start && bytes[last - 1] === 0) last--;
  return last;
}
