/** Filters at work: in the sender's scan, in the receiver's deletion, and in what a client believes a sender. */
export { DestinationFilter } from "./destination-filter.js";
export { DirectoryFilter, isHiddenPath } from "./directory-filter.js";
export { type FilterSetup, NO_FILTERS, rulesOfOptions } from "./filter-setup.js";
export { pruneEmptyDirectories } from "./prune.js";
export { RequestedNames, type RequestOptions } from "./requested-names.js";
export { type FilterPlace, type ReadFullName, RuleFiles } from "./rule-files.js";
export {
  createSessionFilters,
  type EntryCheck,
  type SessionFilters,
} from "./session-filters.js";
