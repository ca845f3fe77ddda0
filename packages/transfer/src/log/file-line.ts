/**
 * A line of a log file.
 *
 *     YYYY/MM/DD HH:MM:SS [PID] TEXT LF
 *
 * Spec: docs/protocol/5-daemon.md, 5.10.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { formatLocalTime } from "../text/index.js";

/** Longer texts are cut, before they are escaped. */
const MAX_TEXT = 2047;

// Control bytes but TAB, and a backslash that would read as one of our own escapes.
const ESCAPED = /[\x00-\x08\x0a-\x1f\x80-\x9f]|\\(?=#\d{3})/g;

/** Writes every byte that could forge a line or move a terminal as `\#ooo`. */
export function escapeLogText(text: ByteString): ByteString {
  return text.replace(ESCAPED, (byte) => `\\#${byte.charCodeAt(0).toString(8).padStart(3, "0")}`);
}

/** The line for a text, LF included. Line ends behind the text are dropped. */
export function formatFileLine(text: ByteString, processId: number, date: Date): ByteString {
  let end = Math.min(text.length, MAX_TEXT);
  while (end > 0 && (text[end - 1] === "\n" || text[end - 1] === "\r")) end--;
  return `${formatLocalTime(date.getTime() / 1000)} [${processId}] ${escapeLogText(text.slice(0, end))}\n`;
}
