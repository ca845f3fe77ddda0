/**
 * The log of a client, or of a server that is no daemon.
 * @module
 */
import type { ResolvedSettings } from "@tsrsync/protocol/arguments";
import { type LogOwner, logOfSettings, NO_LOG_TEXT, type SessionLog } from "@tsrsync/transfer";

/** The log that the options ask for; without one, `null`. `tell` takes the lines, LF included, that say why there is none. */
export function openLog(
  settings: ResolvedSettings,
  owner: LogOwner,
  tell: (line: string, level: "error" | "info") => void,
): SessionLog | null {
  const { log, problem } = logOfSettings(settings, owner);
  if (problem === null) return log;
  tell(`${problem}\n`, "error");
  tell(`${NO_LOG_TEXT}\n`, "info");
  return log;
}
