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
export { type ListTravel, listCount, listEnd, listStart } from "./list-announcement.js";
export { ProgressMeter, type ProgressSettings, type ProgressTally } from "./progress.js";
export { noItems, type RunKind, statisticsLines, summaryLines, transferRate } from "./summary.js";
export type { KindCounts, TransferStatistics } from "./types.js";
