/**
 * Frames: the multiplexing of ordinary data and messages in one direction.
 *
 *     byte 0..2   payload length, little-endian
 *     byte 3      7 + message code
 *     then        payload
 *
 * The payloads of all DATA frames, joined, are the logical stream; their borders mean nothing.
 * Spec: docs/protocol/1-session.md, 6.
 * @module
 */
import { StreamError } from "../errors.js";

/** Size of a frame header in bytes. */
export const FRAME_HEADER = 4;
/** The largest payload that the 24-bit length can tell. */
export const MAX_FRAME_PAYLOAD = 0xff_ffff;
/** A text or DELETED payload must be shorter than this. */
export const MAX_MESSAGE_PAYLOAD = 5120;

const TAG_BASE = 7;

/** Message codes that may travel between the two sides of a session. */
export const MessageCode = {
  Data: 0,
  ErrorXfer: 1,
  Info: 2,
  Error: 3,
  Warning: 4,
  IoError: 22,
  IoTimeout: 33,
  Noop: 42,
  ErrorExit: 86,
  Success: 100,
  Deleted: 101,
  NoSend: 102,
} as const;

export type MessageCode = (typeof MessageCode)[keyof typeof MessageCode];

/** Which payload lengths a code allows: exactly one of these, or text below `MAX_MESSAGE_PAYLOAD`. */
const ALLOWED_LENGTHS: ReadonlyMap<number, readonly number[] | "text"> = new Map<
  number,
  readonly number[] | "text"
>([
  [MessageCode.ErrorXfer, "text"],
  [MessageCode.Info, "text"],
  [MessageCode.Error, "text"],
  [MessageCode.Warning, "text"],
  [MessageCode.IoError, [4]],
  [MessageCode.IoTimeout, [4]],
  [MessageCode.Noop, [0]],
  [MessageCode.ErrorExit, [0, 4]],
  [MessageCode.Success, [4]],
  [MessageCode.Deleted, "text"],
  [MessageCode.NoSend, [4]],
]);

/** Stores a frame header at `at`. */
export function storeFrameHeader(
  bytes: Uint8Array,
  at: number,
  code: MessageCode,
  length: number,
): void {
  bytes[at] = length & 0xff;
  bytes[at + 1] = (length >>> 8) & 0xff;
  bytes[at + 2] = (length >>> 16) & 0xff;
  bytes[at + 3] = TAG_BASE + code;
}

/** A decoded frame header. */
export interface FrameHeader {
  code: MessageCode;
  length: number;
}

/**
 * Decodes the header in `bytes[at..at+4]`.
 * @throws StreamError for a code that may not come from a peer, or a length that the code does not allow.
 */
export function decodeFrameHeader(bytes: Uint8Array, at: number): FrameHeader {
  const length = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
  const code = bytes[at + 3]! - TAG_BASE;
  if (code === MessageCode.Data) return { code, length };
  const allowed = ALLOWED_LENGTHS.get(code);
  if (allowed === undefined) throw new StreamError(`unexpected tag ${code}`);
  const fits = allowed === "text" ? length < MAX_MESSAGE_PAYLOAD : allowed.includes(length);
  if (!fits) throw new StreamError(`invalid message ${code}: length ${length}`);
  return { code: code as MessageCode, length };
}
