/**
 * The lines that tell of items: on a screen, and in a log.
 * @module
 */
export { formatItemized, type ItemizeSettings } from "./itemize.js";
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
export { type PrintedItem, type PrintedItemOptions, printedItem } from "./printed-item.js";
