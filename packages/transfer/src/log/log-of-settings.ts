/**
 * `--log-file` and `--log-file-format` of a client, or of a server that is no daemon.
 * @module
 */
import type { ResolvedSettings } from "@tsrsync/protocol/arguments";
import { ITEMIZE_FORMAT } from "../item-lines/index.js";
import type { Role } from "../session/last-words.js";
import { reason } from "../tree/system-error.js";
import { FileLog, type LogSink } from "./log-sink.js";
import { SessionLog } from "./session-log.js";

/** What is left when a file can not be written any more. */
const NO_LOG: LogSink = { write: () => {}, close: () => {} };

/** Whose log it is. */
export interface LogOwner {
  role: Role;
  sending: boolean;
  /** We are the sender of a copy without a connection. */
  local: boolean;
  isServer: boolean;
}

/** A log, or why there is none although it was asked for: a text without LF. */
export interface OpenedLog {
  log: SessionLog | null;
  problem: string | null;
}

/** Opens the log that the options ask for. A run goes on without a log that can not be opened. */
export function logOfSettings(
  settings: ResolvedSettings,
  { role, sending, local, isServer }: LogOwner,
): OpenedLog {
  const { logFile, insecureLinks } = settings;
  if (logFile === null || logFile === "") return { log: null, problem: null };
  const file = new FileLog(logFile, NO_LOG, insecureLinks);
  try {
    file.open();
  } catch (error) {
    const problem = `rsync: [${role}] failed to open log-file ${logFile}: ${reason(error)}`;
    return { log: null, problem };
  }
  const format = settings.logFileFormat ?? ITEMIZE_FORMAT;
  const options = { settings, format, sending, local, isServer, daemon: null };
  return { log: new SessionLog((text) => file.write(text), options), problem: null };
}

/** What is told behind the problem. */
export const NO_LOG_TEXT = 'Ignoring "log file" setting.';
