/**
 * The handshake deadline: absolute, so that a client that trickles bytes gains nothing (spec 5-daemon, 5.5.2).
 * @module
 */
import { ExitCode, RsyncError } from "@tsrsync/protocol";
import type { LineChannel } from "@tsrsync/transfer";
import { HANDSHAKE_TIMEOUT_TEXT } from "../log/index.js";

const DEFAULT_SECONDS = 60;

/** Runs a part of the conversation; `timeoutSeconds` may shorten the usual 60 s. */
export async function withDeadline<T>(
  channel: LineChannel,
  timeoutSeconds: number,
  conversation: () => Promise<T>,
): Promise<T> {
  const shorter = timeoutSeconds >= 1 && timeoutSeconds <= DEFAULT_SECONDS;
  const seconds = shorter ? timeoutSeconds : DEFAULT_SECONDS;
  const timer = setTimeout(
    () => channel.abort(new RsyncError(ExitCode.Timeout, HANDSHAKE_TIMEOUT_TEXT)),
    seconds * 1000,
  );
  try {
    return await conversation();
  } finally {
    clearTimeout(timer);
  }
}
