/**
 * sersync's `errorlog.txt`: what the content network said, started anew every 1000 lines.
 * @module
 */
import { appendFile, rm } from "node:fs/promises";

const MAX_LINES = 1000;

/** Appends a line. Rejects when the file can not be written. */
export function createErrorLog(path: string): (line: string) => Promise<void> {
  let lines = 0;
  return async (line) => {
    if (lines === 0) await rm(path, { force: true });
    await appendFile(path, `${line.replace(/[\x00-\x1f\x7f]/g, " ")}\n`, { mode: 0o600 });
    lines = (lines + 1) % MAX_LINES;
  };
}
