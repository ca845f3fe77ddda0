/**
 * Timeouts and keepalives (spec 1-session, 6.6), and the user's wish to stop.
 * @module
 */
import { ExitCode, RsyncError } from "@tsrsync/protocol";
import { MessageCode } from "@tsrsync/protocol/wire";
import { intPayload, type Session } from "./session.js";
import { Watchdog } from "./watchdog.js";
import { whenAborted } from "./when-aborted.js";

/** A daemon tells its client of the timeout in force, before anything else (protocol 31). */
export function announceTimeout(session: Session): void {
  const { timeout } = session.options;
  if (timeout > 0 && session.protocol >= 31) {
    session.output.message(MessageCode.IoTimeout, intPayload(timeout));
  }
}

/** How often sessions are looked at. */
const LOOK_MS = 1000;
/** The next look at each session of this process. */
const sessions = new Watchdog();

/** Watches a session until `stop` is called. */
export interface Vitality {
  stop(): void;
}

/** Ends the session when nothing moves for `options.timeout` seconds; sends keepalives when half of that has passed in work. */
export function watchVitality(session: Session, signal?: AbortSignal): Vitality {
  const look = () => {
    check(session);
    watch = sessions.start(LOOK_MS, look);
  };
  let watch = sessions.start(LOOK_MS, look);
  const takeBack = whenAborted(signal, () => abort(session, abortReason(signal)));
  return {
    stop() {
      sessions.stop(watch);
      takeBack();
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
