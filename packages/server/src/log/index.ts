/**
 * The daemon's log.
 * @module
 */
export { DaemonLog, type DaemonLogOptions, type LineOptions } from "./daemon-log.js";
export {
  accessAllowedText,
  accessDeniedText,
  connectText,
  HANDSHAKE_TIMEOUT_TEXT,
  moduleListText,
  proxyRejectedText,
  requestText,
  startingText,
  unknownModuleText,
} from "./log-texts.js";
