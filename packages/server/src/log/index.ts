/**
 * The daemon's log.
 * @module
 */
export { DaemonLog, type DaemonLogOptions, type LineOptions } from "./daemon-log.js";
export { escapeLogText, formatFileLine } from "./file-line.js";
export { formatLogLine, type LogItem, logsEveryItem } from "./log-format.js";
export { FileLog, type LogLevel, type LogSink, openLog, StreamLog } from "./log-sink.js";
export {
  accessAllowedText,
  accessDeniedText,
  BUILDING_LIST_TEXT,
  connectText,
  HANDSHAKE_TIMEOUT_TEXT,
  moduleListText,
  proxyRejectedText,
  RECEIVING_LIST_TEXT,
  requestText,
  startingText,
  totalsText,
  unknownModuleText,
} from "./log-texts.js";
