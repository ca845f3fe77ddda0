/**
 * The mirror's log as configured: level, form, place.
 * @module
 */
import type { LogLevel, LogSettings } from "../config/settings.js";
import { createFileSink, createStderrSink, type LineSink } from "./file-sink.js";
import { createJsonFormatter } from "./json-line.js";
import type { LogFields, Logger } from "./logger.js";
import { redactFields, redactText } from "./redact.js";
import { createRepeats } from "./repeats.js";
import { formatTextLine } from "./text-line.js";

const LEVELS: readonly LogLevel[] = ["error", "warn", "info", "debug", "trace"];
const HOLD_REPEATS_MS = 30_000;

/** A log that has a place. */
export interface Log extends Logger {
  setLevel(level: LogLevel): void;
  /** Opens the file anew, after `logrotate` or somebody else renamed it. */
  reopen(): void;
  /** Tells counts that wait, then closes the file. Messages that come later are dropped. */
  close(): void;
}

export interface LogOptions {
  now?: () => Date;
  /** In the place of the file or standard error that the settings name. */
  sink?: LineSink;
}

const openSink = (settings: LogSettings): LineSink =>
  settings.file === null
    ? createStderrSink()
    : createFileSink(settings.file, settings.rotate, (text) => process.stderr.write(`${text}\n`));

/**
 * Creates the log.
 * @throws the system's error when the log file can not be opened
 */
export function createLog(settings: LogSettings, options: LogOptions = {}): Log {
  const { now = () => new Date(), sink = openSink(settings) } = options;
  const format = settings.format === "json" ? createJsonFormatter() : formatTextLine;
  let threshold = LEVELS.indexOf(settings.level);
  let isClosed = false;
  let lastLevel: LogLevel = "info";

  const isEnabled = (level: LogLevel): boolean => !isClosed && LEVELS.indexOf(level) <= threshold;

  const write = (level: LogLevel, message: string, fields: LogFields): void =>
    sink.write(
      format({ time: now(), level, message: redactText(message), fields: redactFields(fields) }),
    );

  const repeats = createRepeats((count) => {
    const times = count === 1 ? "once" : `${count} times`;
    write(lastLevel, `last message repeated ${times}`, {});
  }, HOLD_REPEATS_MS);

  function put(level: LogLevel, message: string, fields: LogFields = {}): void {
    if (!isEnabled(level) || !repeats.admit(`${level} ${message} ${JSON.stringify(fields)}`))
      return;
    lastLevel = level;
    write(level, message, fields);
  }

  return {
    isEnabled,
    error: (message, fields) => put("error", message, fields),
    warn: (message, fields) => put("warn", message, fields),
    info: (message, fields) => put("info", message, fields),
    debug: (message, fields) => put("debug", message, fields),
    trace: (message, fields) => put("trace", message, fields),
    setLevel: (level) => void (threshold = LEVELS.indexOf(level)),
    reopen: () => sink.reopen(),
    close() {
      if (isClosed) return;
      repeats.flush();
      isClosed = true;
      sink.close();
    },
  };
}
