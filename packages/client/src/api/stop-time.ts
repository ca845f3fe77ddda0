/**
 * `--stop-at` and `--stop-after`: the run ends at a given time as if it was interrupted (spec 4-command, 12).
 * @module
 */
import { ExitCode, RsyncError } from "@tsrsync/protocol";
import { parseStopTime, type ResolvedSettings } from "@tsrsync/protocol/arguments";

/** Timers can not wait longer. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/** What ends a run. */
export interface StopWatch {
  /** Aborted at that time, with the error as its reason, or when the user's own signal is. */
  signal: AbortSignal | undefined;
  cancel(): void;
}

/** @throws OptionError for a time that can not be read, or is over. */
export function startStopWatch(
  { stopAt }: ResolvedSettings,
  signal: AbortSignal | undefined,
): StopWatch {
  if (stopAt === null) return { signal, cancel: () => {} };
  const endMs = parseStopTime(stopAt, new Date()).getTime();
  const controller = new AbortController();
  let timer: NodeJS.Timeout;
  const wait = () => {
    const leftMs = endMs - Date.now();
    if (leftMs <= 0) {
      controller.abort(new RsyncError(ExitCode.Timeout, "stopping at requested limit"));
    } else timer = setTimeout(wait, Math.min(leftMs, LONGEST_WAIT_MS)).unref();
  };
  wait();
  return {
    signal: signal === undefined ? controller.signal : AbortSignal.any([signal, controller.signal]),
    cancel: () => clearTimeout(timer),
  };
}
