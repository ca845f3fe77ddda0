/**
 * Timeouts and keepalives (spec 1-session, 6.6), and the user's wish to stop.
 * @module
 */
import { ExitCode, RsyncError } from "@tsrsync/protocol";
import { MessageCode } from "@tsrsync/protocol/wire";
import { intPayload, type Session } from "./session.js";

/** A daemon tells its client of the timeout in force, before anything else (protocol 31). */
export function announceTimeout(session: Session): void {
  const { timeout } = session.options;
  if (timeout > 0 && session.protocol >= 31) {
    session.output.message(MessageCode.IoTimeout, intPayload(timeout));
  }
}

/** Watches a session until `stop` is called. */
export interface Vitality {
  stop(): void;
}

/** Ends the session when nothing moves for `options.timeout` seconds; sends keepalives when half of that has passed in work. */
export function watchVitality(session: Session, signal?: AbortSignal): Vitality {
  const timer = setInterval(() => check(session), 1000);
  timer.unref();
  const onAbort = () => abort(session, abortReason(signal));
  if (signal?.aborted) onAbort();
  signal?.addEventListener("abort", onAbort);
  return {
    stop() {
      clearInterval(timer);
      signal?.removeEventListener("abort", onAbort);
    },
  };
}

/** Why a run is to end: the reason that was given, or the user's signal. */
export function abortReason(signal: AbortSignal | undefined): RsyncError {
  const reason: unknown = signal?.reason;
  if (reason instanceof RsyncError) return reason;
  return new RsyncError(ExitCode.Signal, "interrupted");
}

/** Why a session ends whose peer has been silent for so long. */
export function timeoutError(seconds: number): RsyncError {
  return new RsyncError(ExitCode.Timeout, `io timeout after ${seconds} seconds -- exiting`);
}

function check(session: Session): void {
  const limitMs = session.options.timeout * 1000;
  if (limitMs === 0) return;
  const { input, output } = session;
  const now = performance.now();
  if (now - Math.max(input.lastActivityMs, output.lastActivityMs) >= limitMs) {
    abort(session, timeoutError(session.options.timeout));
    return;
  }
  const due = now - output.lastActivityMs >= Math.ceil(session.options.timeout / 2) * 1000;
  if (due && (session.isSender || session.transferring) && isAtWork(session)) output.keepAlive();
}

/**
 * Two sides that wait for each other must not keep each other alive. Since protocol 31 whoever waits for a side at work needs no
 * sign from it; before, a side without input ends.
 */
function isAtWork(session: Session): boolean {
  return session.protocol < 31 || !session.isIdle();
}

function abort(session: Session, error: RsyncError): void {
  session.input.abort(error);
  session.output.abort(error);
}
