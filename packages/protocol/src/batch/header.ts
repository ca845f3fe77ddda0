/**
 * The head of a batch file: what the two sides of the recorded session had agreed on.
 *
 *     int     stream flags
 *     int     protocol
 *     varint  compatibility flags (protocol 30 and later)
 *     int     checksum seed
 *
 * The stream flags are written before the session is set up, the rest after; a reader takes the last two as it takes
 * them from a server. Spec: docs/protocol/3-transfer.md, 10.
 * @module
 */
import { ProtocolError } from "../errors.js";
import { MIN_PROTOCOL, PROTOCOL_VERSION, writeCompatFlags } from "../handshake/index.js";
import { type Cursor, createWriter, finish, readInt, writeInt } from "../wire/index.js";

/** What a session is recorded under. */
export interface BatchSession {
  protocol: number;
  compatFlags: number;
  checksumSeed: number;
}

/** The first int. */
export function encodeStreamFlags(flags: number): Uint8Array {
  const writer = createWriter();
  writeInt(writer, flags);
  return finish(writer);
}

/** All that follows the stream flags. */
export function encodeBatchSession(session: BatchSession): Uint8Array {
  const writer = createWriter();
  writeInt(writer, session.protocol);
  if (session.protocol >= 30) writeCompatFlags(writer, session.compatFlags);
  writeInt(writer, session.checksumSeed);
  return finish(writer);
}

/** How many bytes `readBatchStart` takes. */
export const BATCH_START_BYTES = 8;

/** Flags and protocol. @throws ProtocolError for a protocol that is not spoken here. */
export function readBatchStart(cursor: Cursor): { flags: number; protocol: number } {
  const flags = readInt(cursor);
  const protocol = readInt(cursor);
  if (protocol > PROTOCOL_VERSION) {
    const versions = `${protocol} > ${PROTOCOL_VERSION}`;
    throw new ProtocolError(`The protocol version in the batch file is too new (${versions}).`);
  }
  if (protocol < MIN_PROTOCOL) {
    const versions = `${protocol} < ${MIN_PROTOCOL}`;
    throw new ProtocolError(`The protocol version in the batch file is too old (${versions}).`);
  }
  return { flags, protocol };
}
