/**
 * The first bytes of a session over a remote shell: each side's version (spec 1-session, 5.2).
 * @module
 */
import { ProtocolError, StreamError } from "@tsrsync/protocol";
import { MIN_PROTOCOL } from "@tsrsync/protocol/handshake";
import { createCursor, readInt, storeInt } from "@tsrsync/protocol/wire";
import type { LineChannel } from "./line-channel.js";

/** A version outside of these is none: something else talks, often a login script. */
const OLDEST_SEEN = MIN_PROTOCOL;
const NEWEST_SEEN = 40;

/** Older peers still work, but should be replaced. */
const OLDEST_WELCOME = 25;

/**
 * Writes our version, reads the peer's and returns the protocol to speak: the smaller one.
 * @param peer what it is called when it is so old that this is worth a word
 * @param warn takes that word
 * @throws ProtocolError when the peer is no rsync, or too old.
 */
export async function exchangeVersions(
  channel: LineChannel,
  own: number,
  peer: "Client" | "Server",
  warn: (text: string) => void,
): Promise<number> {
  const bytes = new Uint8Array(4);
  storeInt(bytes, own, 0);
  channel.writeBytes(bytes);
  const answer = await channel.readBytes(4);
  if (answer === null) {
    throw new StreamError("connection unexpectedly closed (0 bytes received so far)");
  }
  const version = readInt(createCursor(answer));
  if (version < OLDEST_SEEN || version > NEWEST_SEEN) {
    throw new ProtocolError(
      "protocol version mismatch -- is your shell clean?\n(see the rsync manpage for an explanation)",
    );
  }
  if (version < OLDEST_WELCOME) {
    warn(`${peer} is very old version of rsync, upgrade recommended.`);
  }
  return Math.min(own, version);
}

/** What a server advertises to a client of a version that is not released yet. */
export function advertisedVersion(own: number, capabilities: string): number {
  const [, version, sub] = /^(\d+)\.(\d+)/.exec(capabilities) ?? [];
  if (version === undefined || Number(sub) === 0) return own;
  return Math.min(own, Number(version) > own ? own : Number(version) - 1);
}
