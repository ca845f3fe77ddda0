/**
 * Texts that client and server write alike: modes, numbers, times and listings.
 * @module
 */
export { type FileKind, fileKind, formatMode, formatPermissions } from "./file-mode.js";
export {
  DEFAULT_NUMBERS,
  digitSeparator,
  formatBytes,
  formatCount,
  formatRate,
  formatRatio,
  type NumberStyle,
} from "./human-number.js";
export { entryLine, type ListedEntry, listOnlyLine, moduleLine } from "./list-only.js";
export { formatLocalTime } from "./local-time.js";
