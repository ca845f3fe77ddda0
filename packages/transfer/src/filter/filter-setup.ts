/**
 * What a session is told about filters before it starts.
 * @module
 */
import type { FilterOption } from "@tsrsync/protocol/arguments";
import {
  type CvsIgnore,
  type FilterList,
  PLAIN_CVS_IGNORE,
  type Rule,
  RuleParser,
  type RuleParserOptions,
} from "@tsrsync/protocol/filter";
import type { RequestedNames } from "./requested-names.js";

/** Plain data but for `daemon` and `requested`; in a local copy both sides have the same. */
export interface FilterSetup {
  /** The user's rules in order, without those of `-C`. On a server what its arguments hold; the rest is received. */
  readonly rules: readonly Rule[];
  /** What the user has CVS ignore. */
  readonly cvsIgnore: Omit<CvsIgnore, "perishable">;
  /** `-0`: lines of per-directory files end at NUL. */
  readonly nulEnds: boolean;
  /** A daemon's own rules, for names that are relative to the module (spec 5-daemon, 5.9.1). */
  readonly daemon: FilterList | null;
  /** What a client that receives has asked for; `null` trusts the sender (spec 2-file-list, 2.8.4). */
  readonly requested: RequestedNames | null;
}

/** No rules at all. */
export const NO_FILTERS: FilterSetup = {
  rules: [],
  cvsIgnore: PLAIN_CVS_IGNORE,
  nulEnds: false,
  daemon: null,
  requested: null,
};

/**
 * The rules that options make, in their order.
 * @throws UsageError for a rule that can not be read; FileIoError when a file that an option or a rule names is missing.
 */
export function rulesOfOptions(
  filters: readonly FilterOption[],
  reading: Omit<RuleParserOptions, "nulEnds">,
): readonly Rule[] {
  // `-0` counts for the files that are named while it is in effect.
  const options = { ...reading, nulEnds: false };
  const parser = new RuleParser(options);
  for (const { kind, text, from0 } of filters) {
    options.nulEnds = from0;
    if (kind === "filter") parser.addRule(text);
    else if (kind === "include" || kind === "exclude") parser.addPattern(kind, text);
    else parser.addPatternFile(kind === "include-from" ? "include" : "exclude", text);
  }
  return parser.rules;
}
