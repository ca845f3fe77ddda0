/**
 * Log lines for people (spec 6, 8.4):
 *
 *     2026-01-20T14:30:22.123Z info push root=www target=web1 seq=48211 paths=37 bytes=1.2M wall=41ms ok
 *
 * @module
 */
import type { LogLevel } from "../config/settings.js";

/** A message whose fields hold neither secrets nor `undefined`. */
export interface LogRecord {
  time: Date;
  level: LogLevel;
  message: string;
  fields: Readonly<Record<string, string | number | boolean | null>>;
}

/** Fields that hold bytes, and those that hold milliseconds: JSON has the plain number, text a readable one. */
const SIZES: ReadonlySet<string> = new Set(["bytes", "sent", "matched", "size"]);
const TIMES: ReadonlySet<string> = new Set(["wall", "delay", "retry", "timeout"]);
/** Shown without its name. */
const BARE = "result";

const CONTROL = /[\x00-\x1f\x7f-\x9f\u2028\u2029]/g;
const NEEDS_QUOTES = /[\s"=]|^$/;
/** What is shown as it is: nearly every name and word. */
const PLAIN = /^[!#-<>-~]+$/;

const escapeControl = (text: string): string =>
  text.replace(CONTROL, (found) => {
    const code = found.charCodeAt(0);
    return code < 0x80
      ? `\\x${code.toString(16).padStart(2, "0")}`
      : `\\u${code.toString(16).padStart(4, "0")}`;
  });

const UNITS = ["", "k", "M", "G", "T", "P"];

/** Bytes as `310k`, `1.2M`; binary steps, one digit below ten. */
export function formatSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1023.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = unit > 0 && value < 9.95 ? 1 : 0;
  return `${value.toFixed(digits)}${UNITS[unit] ?? ""}`;
}

/** Milliseconds as `41ms`, `2.5s`, `90s`, `12m`, `5h`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)}s`;
  if (ms < 600_000) return `${Math.round(ms / 1000)}s`;
  return ms < 36_000_000 ? `${Math.round(ms / 60_000)}m` : `${Math.round(ms / 3_600_000)}h`;
}

function formatValue(key: string, value: string | number | boolean | null): string {
  if (typeof value === "number") {
    if (SIZES.has(key)) return formatSize(value);
    return TIMES.has(key) ? formatDuration(value) : String(value);
  }
  if (typeof value !== "string") return String(value);
  if (PLAIN.test(value)) return value;
  const text = escapeControl(value);
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '\\"')}"` : text;
}

/** One line, without its end. */
export function formatTextLine(record: LogRecord): string {
  let line = `${record.time.toISOString()} ${record.level} ${escapeControl(record.message)}`;
  for (const [key, value] of Object.entries(record.fields)) {
    if (key !== BARE) line += ` ${key}=${formatValue(key, value)}`;
  }
  const result = record.fields[BARE];
  return result === undefined ? line : `${line} ${formatValue(BARE, result)}`;
}
