/**
 * rsync's filter rules, with the engine that the client has.
 * @module
 */
import { readFileSync } from "node:fs";
import { UsageError } from "@tsrsync/protocol";
import {
  explainRule,
  FilterList,
  type FilterScope,
  type PatternRule,
  type Rule,
  RuleParser,
} from "@tsrsync/protocol/filter";
import { type ByteString, byteStringFromText } from "@tsrsync/protocol/wire";
import { errorCode, pathBytes } from "@tsrsync/transfer";
import type { HidingRules } from "./hiding-rule.js";

/** What the rules say on either side. */
export interface RsyncRules extends HidingRules {
  /** Whether the rules keep a name in a target from being deleted; see `PathFilter.isProtected`. */
  protects(path: ByteString, isDirectory: boolean): boolean;
}

/**
 * Reads rules as `--filter` takes them, and patterns of protected names.
 * @throws UsageError for a rule that can not be read, or that names a file in each directory: its changes would change
 *   what belongs to the mirror. FileIoError for a merge file that is missing.
 */
export function readRsyncRules(rules: readonly string[], protect: readonly string[]): RsyncRules {
  const parsed = parseRules(rules, protect);
  const hidden = scopeFor("sender", parsed);
  const kept = scopeFor("receiver", parsed);
  return {
    kind: "rule",
    find: ({ path, isDirectory }) => {
      const rule = hidden.find(path, isDirectory);
      return rule?.include === false ? `- ${textOf(rule)}` : null;
    },
    protects: (path, isDirectory) => kept.excludesOnTheWay(path, isDirectory),
  };
}

function parseRules(rules: readonly string[], protect: readonly string[]): readonly Rule[] {
  const parser = new RuleParser({ readFile: readRuleFile });
  // What is protected stays so whatever the other rules include.
  for (const pattern of protect) parser.addRule(`P ${byteStringFromText(pattern)}`);
  for (const rule of rules) parser.addRule(byteStringFromText(rule));
  for (const rule of parser.rules) {
    if (rule.kind !== "dir-merge") continue;
    const name = Buffer.from(rule.name, "latin1").toString();
    throw new UsageError(`filter rules in a file of each directory cannot be mirrored by: ${name}`);
  }
  return parser.rules;
}

function readRuleFile(name: ByteString): Uint8Array | null {
  try {
    return readFileSync(pathBytes(name));
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT") return null;
    throw thrown;
  }
}

function scopeFor(side: "sender" | "receiver", rules: readonly Rule[]): FilterScope {
  return new FilterList(rules, { side }).at("");
}

function textOf(rule: PatternRule): string {
  return Buffer.from(explainRule(rule), "latin1").toString();
}
