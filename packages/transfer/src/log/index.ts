/**
 * Log files of clients, servers and daemons.
 * @module
 */
export { escapeLogText, formatFileLine } from "./file-line.js";
export { type LogOwner, logOfSettings, NO_LOG_TEXT, type OpenedLog } from "./log-of-settings.js";
export { FileLog, type LogLevel, type LogSink, openLog, StreamLog } from "./log-sink.js";
export { SessionLog, type SessionLogOptions } from "./session-log.js";
export { BUILDING_LIST_TEXT, RECEIVING_LIST_TEXT, totalsText } from "./session-texts.js";
