/**
 * The filter language: rules, their files, matching, and the filter list on the wire.
 * Spec: docs/protocol/4-command.md, 11; docs/protocol/2-file-list.md, 2.3.
 * @module
 */
export {
  CVS_DEFAULTS,
  CVS_MERGE,
  type CvsIgnore,
  createCvsList,
  cvsExcludeRules,
  PLAIN_CVS_IGNORE,
} from "./cvs.js";
export type { FilterListOptions } from "./directory-visit.js";
export { blankEndWarnings, explainRule } from "./explain-rule.js";
export { FilterList } from "./filter-list.js";
export { FilterListReader, MAX_RECEIVED_RULES, MAX_RULE_BYTES } from "./filter-list-reader.js";
export type { FilterScope } from "./filter-scope.js";
export {
  type CvsListRule,
  createPatternRule,
  type DirMergeRule,
  type FilterSide,
  type MergeStyle,
  NO_MARKS,
  type PatternRule,
  type Rule,
  type RuleMarks,
  type SideMark,
} from "./rule.js";
export { RuleParser } from "./rule-parser.js";
export type { ReadRuleFile, RuleParserOptions } from "./rule-parser-options.js";
export {
  compileWildcard,
  hasWildcard,
  type Wildcard,
  type WildText,
  wildmatch,
} from "./wildmatch.js";
export {
  encodeFilterList,
  type FilterListContext,
  formatFilterList,
  isFilterListSent,
} from "./wire.js";
export { choosesXattr, type XattrChoice } from "./xattr-filter.js";
