/**
 * Rules as texts for the user show them. Spec: docs/protocol/4-command.md, 11.1 and 13.1.
 * @module
 */
import type { ByteString } from "../wire/index.js";
import type { PatternRule, Rule } from "./rule.js";
import { formatRule, patternText } from "./wire.js";

/** The rule that hid or showed an item. Its text is not shown if it came out of a file, which may be any file. */
export function explainRule(rule: PatternRule): ByteString {
  const { source } = rule;
  const text = source?.isShown === false ? "<rule from a file read earlier>" : patternText(rule);
  return source === undefined || source.list === "" ? text : `${text} [${source.list}]`;
}

/** Typed rules of which the last blank is easily overlooked, with that warning. */
export function blankEndWarnings(rules: readonly Rule[]): ByteString[] {
  return rules
    .filter((rule) => isTyped(rule))
    .map((rule) => formatRule(rule, { protocol: 31, clientIsSender: true }))
    .filter((text) => /[ \t]$/.test(text))
    .map((text) => `add_rule(${text}) -- CAUTION: trailing whitespace!`);
}

function isTyped(rule: Rule): boolean {
  switch (rule.kind) {
    case "pattern":
      return rule.source === undefined;
    case "dir-merge":
      return rule.isNested !== true;
    case "cvs-list":
      return false;
  }
}
