/**
 * The rules of a module, which decide what its clients may know of at all (spec 5-daemon, 5.9.1).
 * @module
 */
import { FileIoError } from "@tsrsync/protocol";
import { FilterList, type Rule, RuleParser } from "@tsrsync/protocol/filter";
import { type ByteString, encodeByteString } from "@tsrsync/protocol/wire";
import { errorCode, readTrusted, reason } from "@tsrsync/transfer";
import type { ModuleConfig } from "../config/index.js";

type FilterParameters = Pick<
  ModuleConfig,
  "filter" | "include" | "includeFrom" | "exclude" | "excludeFrom"
>;

/**
 * Reads the rules of a module. To be called before privileges are dropped: the files that they name need not be readable
 * for the module's user.
 * @throws UsageError for a rule that can not be read; FileIoError for a file that can not be.
 */
export function moduleFilterRules(module: FilterParameters): readonly Rule[] {
  const { filter, include, includeFrom, exclude, excludeFrom } = module;
  const parser = new RuleParser({ readFile: readRuleFile, coverContent: true });
  if (filter) parser.addRule(filter, true);
  if (includeFrom) parser.addPatternFile("include", includeFrom);
  if (include) parser.addPattern("include", include, true);
  if (excludeFrom) parser.addPatternFile("exclude", excludeFrom);
  if (exclude) parser.addPattern("exclude", exclude, true);
  return parser.rules;
}

/** The rules at work; `null` when the module hides nothing. */
export function moduleFilter(rules: readonly Rule[]): FilterList | null {
  const list = new FilterList(rules, { side: "receiver" });
  return list.isEmpty ? null : list;
}

function readRuleFile(name: ByteString): Uint8Array | null {
  try {
    return encodeByteString(readTrusted(name));
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw new FileIoError(`failed to open exclude file ${name}: ${reason(error)}`, {
      cause: error,
    });
  }
}
