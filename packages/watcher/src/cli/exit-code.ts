/**
 * Exit codes of `tsrsync-watch`.
 * @module
 */
export const WatchExit = {
  Ok: 0,
  /** Wrong words on the command line, or a configuration that can not be used. */
  Usage: 1,
  /** A target lags behind, differs, or can not be used. */
  NotInSync: 2,
  /** No mirror runs on that state directory. */
  NotRunning: 3,
  /** A mirror runs there already. */
  AlreadyRunning: 4,
  /** What was asked for failed. */
  Failed: 5,
} as const;
export type WatchExit = number;
