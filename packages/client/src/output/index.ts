export {
  type ErrorOrigin,
  errorName,
  exitLine,
  optionErrorLine,
  type Role,
} from "./error-line.js";
export {
  type EscapeStyle,
  escapeBytes,
  escapeMessage,
  messageBytes,
  terminalEscapeStyle,
} from "./escape.js";
export { type FileKind, fileKind, formatMode, formatPermissions } from "./file-mode.js";
export { debugHelp, infoHelp } from "./flag-help.js";
export {
  DEFAULT_NUMBERS,
  digitSeparator,
  formatBytes,
  formatCount,
  formatRate,
  formatRatio,
} from "./human-number.js";
export { ItemFlag, significantFlags } from "./item-flags.js";
export { formatItemized, type ItemizeSettings } from "./itemize.js";
export { type ListTravel, listCount, listEnd, listStart } from "./list-announcement.js";
export { type ListedEntry, listOnlyLine, moduleLine } from "./list-only.js";
export { formatLocalTime } from "./local-time.js";
export {
  type DeletionLine,
  deletionEvent,
  deletionLine,
  deletionLineKind,
  displayName,
  type ItemLine,
  itemLine,
  type NamePolicy,
  nameLine,
  upToDateLine,
} from "./names.js";
export {
  compileOutFormat,
  type DaemonFacts,
  type FormatSettings,
  ITEMIZE_FORMAT,
  NAME_FORMAT,
  type OutFormat,
} from "./out-format.js";
export { ProgressMeter, type ProgressSettings, type ProgressTally } from "./progress.js";
export { noItems, type RunKind, statisticsLines, summaryLines, transferRate } from "./summary.js";
export type { ItemEvent, KindCounts, NumberStyle, TransferStatistics } from "./types.js";
