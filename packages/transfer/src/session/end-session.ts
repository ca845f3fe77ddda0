/**
 * How a session ends: in order, or by an error that the peer is told of (spec 1-session, 6.7).
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { ExitCode, RsyncError } from "@tsrsync/protocol";
import { type ByteString, MessageCode } from "@tsrsync/protocol/wire";
import { intPayload, RemoteExit, type Session } from "./session.js";
import { type Vitality, watchVitality } from "./vitality.js";

/** The peer gets this long to confirm an error exit. */
const LAST_WORDS_MS = 10_000;

/** What a peer said before the line broke is here already, or never comes. */
const BROKEN_LINE_MS = 1000;

/** These mean that the connection or the peer is of no use any more: there is nobody to tell. */
const UNTOLD: ReadonlySet<ExitCode> = new Set([
  ExitCode.SocketIo,
  ExitCode.Stream,
  ExitCode.Timeout,
  19,
]);

/** Whether `conductSession` tells the peer of an error, so that nobody else has to. */
export function isToldToPeer(error: RsyncError): boolean {
  return !UNTOLD.has(error.exitCode);
}

/**
 * Runs the roles of a session. Whatever goes wrong in them is told to the peer, as far as it is there and the protocol can,
 * before it is thrown again. The stream is left to the caller.
 * @param lastWords what a server tells its client of an error, without the last LF.
 */
export async function conductSession<T>(
  session: Session,
  signal: AbortSignal | undefined,
  roles: () => Promise<T>,
  lastWords: (error: RsyncError) => ByteString = (error) => error.message,
): Promise<T> {
  const vitality: Vitality = watchVitality(session, signal);
  try {
    return await roles();
  } catch (thrown) {
    const error = await explained(session, RsyncError.from(thrown));
    await tellPeer(session, error, lastWords);
    throw error;
  } finally {
    vitality.stop();
    session.input.detach();
    session.output.detach();
    session.compression?.close();
  }
}

/** A line that does not take what we write may have been closed by a peer that has said why. */
async function explained(session: Session, error: RsyncError): Promise<RsyncError> {
  if (error.exitCode !== ExitCode.SocketIo || session.closing) return error;
  try {
    await Promise.race([
      session.input.drainToEnd(),
      delay(BROKEN_LINE_MS, undefined, { ref: false }),
    ]);
    return error;
  } catch (thrown) {
    return thrown instanceof RemoteExit ? thrown : error;
  }
}

async function tellPeer(
  session: Session,
  error: RsyncError,
  lastWords: (error: RsyncError) => ByteString,
): Promise<void> {
  if (error instanceof RemoteExit || session.closing) return;
  const { output, protocol } = session;
  try {
    if (session.isServer) {
      for (const line of lastWords(error).split("\n")) session.tellClient(line);
    }
    if (protocol >= 31 && isToldToPeer(error)) {
      output.message(MessageCode.ErrorExit, intPayload(error.exitCode));
      output.flush();
      await Promise.race([
        session.input.drainToEnd(),
        delay(LAST_WORDS_MS, undefined, { ref: false }),
      ]);
    } else {
      output.flush();
    }
  } catch {
    // The connection is gone or the peer has confirmed: either way it knows, and our own error is what counts.
  }
}
