/**
 * Events as the kernel writes them.
 *
 *     struct inotify_event   i32 watch, u32 mask, u32 cookie, u32 length of the name, name, zeros
 *
 * Spec 6, 3.1.
 * @module
 */
import { type ByteString, decodeByteString } from "@tsrsync/protocol/wire";
import { IN_MOVED_FROM, IN_MOVED_TO } from "./flags.js";

const HEADER_BYTES = 16;

/** A record with the longest name. */
export const MAX_EVENT_BYTES: number = HEADER_BYTES + 256;

/** Takes one event; `name` is empty when it is about the watched directory itself. */
export type EventVisitor = (watch: number, mask: number, cookie: number, name: ByteString) => void;

/** Events looked at between two questions whether to stop. */
const EVENTS_PER_LOOK = 32;

/**
 * Gives the events of one read to `visit`, from the byte `start` on, until `mayGoOn` says no. Returns where to go on, the
 * length of `bytes` at the end.
 * @throws RangeError when the bytes are not whole records, which no kernel writes.
 */
export function visitEvents(
  bytes: Uint8Array,
  start: number,
  visit: EventVisitor,
  mayGoOn: () => boolean,
): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let untilLook = EVENTS_PER_LOOK;
  let at = start;
  while (at < bytes.length) {
    const nameStart = at + HEADER_BYTES;
    const end = nameStart > bytes.length ? nameStart : nameStart + view.getUint32(at + 12, true);
    if (end > bytes.length) throw new RangeError(`inotify event: expected ${end} bytes`);
    const isNamed = end > nameStart;
    visit(
      view.getInt32(at, true),
      view.getUint32(at + 4, true),
      view.getUint32(at + 8, true),
      isNamed ? decodeByteString(bytes, nameStart, nameEnd(bytes, nameStart, end)) : "",
    );
    at = end;
    if (--untilLook > 0) continue;
    untilLook = EVENTS_PER_LOOK;
    if (!mayGoOn()) break;
  }
  return at;
}

/** Takes one half of a rename, which begins at the byte `at`. */
export type RenameVisitor = (at: number, mask: number, cookie: number) => void;

/** Gives the halves of renames in whole records to `visit`, from the byte `start` on, without taking the events. */
export function visitRenames(bytes: Uint8Array, start: number, visit: RenameVisitor): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = start; at < bytes.length; at += HEADER_BYTES + view.getUint32(at + 12, true)) {
    const mask = view.getUint32(at + 4, true);
    if (mask & (IN_MOVED_FROM | IN_MOVED_TO)) visit(at, mask, view.getUint32(at + 8, true));
  }
}

/** Names are padded with zeros. */
function nameEnd(bytes: Uint8Array, start: number, end: number): number {
  let last = end;
  while (last > start && bytes[last - 1] === 0) last--;
  return last;
}
