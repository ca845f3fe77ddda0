/**
 * Log lines for programs: the same keys as in the text form, with plain numbers (bytes, milliseconds).
 * @module
 */
import { pino } from "pino";
import type { LogRecord } from "./text-line.js";

/** Makes lines, without their ends, through pino: `{"level":"info","time":"…","msg":"push","root":"www",…}`. */
export function createJsonFormatter(): (record: LogRecord) => string {
  let line = "";
  let time = "";
  const logger = pino(
    {
      level: "trace",
      base: null,
      timestamp: () => `,"time":"${time}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (text: string) => void (line = text) },
  );
  return (record) => {
    time = record.time.toISOString();
    logger[record.level](record.fields, record.message);
    return line.trimEnd();
  };
}
