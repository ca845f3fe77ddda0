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
export { debugHelp, infoHelp } from "./flag-help.js";
export { ItemFlag, significantFlags } from "./item-flags.js";
export { formatItemized, type ItemizeSettings } from "./itemize.js";
export { type ListTravel, listCount, listEnd, listStart } from "./list-announcement.js";
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
export type { ItemEvent, KindCounts, TransferStatistics } from "./types.js";
