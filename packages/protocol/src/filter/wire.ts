/**
 * The filter list on its way from the client to the server.
 *
 *     int length (> 0), rule text        for each rule
 *     int 0
 *
 * Spec: docs/protocol/2-file-list.md, 2.3.1 to 2.3.5.
 * @module
 */
import { ExitCode, RsyncError } from "../errors.js";
import {
  type ByteString,
  createWriter,
  finish,
  reserve,
  storeByteString,
  writeInt,
} from "../wire/index.js";
import {
  concerns,
  type DirMergeRule,
  effectiveSide,
  type PatternRule,
  type Rule,
  type RuleMarks,
} from "./rule.js";

/** What decides which rules are sent, and how. */
export interface FilterListContext {
  readonly protocol: number;
  /** True for a push. */
  readonly clientIsSender: boolean;
  /** Any delete mode is on. */
  readonly deletes: boolean;
  readonly deleteExcluded: boolean;
  readonly pruneEmptyDirs: boolean;
}

/** What decides how a rule is written. */
type Peer = Pick<FilterListContext, "protocol" | "clientIsSender">;

/** True when the client sends its list: always on a pull, and on a push when the receiver needs rules (2.3.1). */
export function isFilterListSent(context: FilterListContext): boolean {
  const { clientIsSender, deletes, deleteExcluded, pruneEmptyDirs, protocol } = context;
  if (!clientIsSender || pruneEmptyDirs) return true;
  return deletes && (!deleteExcluded || protocol >= 29);
}

/**
 * The whole list as the client sends it, its end included; `null` when nothing is sent. Call it in any case: rules
 * that the server can not understand are an error even when they would not have to be sent.
 * @param rules all rules but those of `-C`
 * @param cvsExclude the rules of `-C`, else empty
 * @throws RsyncError (exit 2) for a rule that the negotiated protocol can not express.
 */
export function encodeFilterList(
  rules: readonly Rule[],
  cvsExclude: readonly Rule[],
  context: FilterListContext,
): Uint8Array | null {
  const texts = formatFilterList(rules, cvsExclude, context);
  if (!isFilterListSent(context)) return null;
  const writer = createWriter();
  for (const text of texts) {
    writeInt(writer, text.length);
    const at = reserve(writer, text.length);
    storeByteString(writer.bytes, at, text);
  }
  writeInt(writer, 0);
  return finish(writer);
}

/** The texts of the rules that are sent, in order. */
export function formatFilterList(
  rules: readonly Rule[],
  cvsExclude: readonly Rule[],
  context: FilterListContext,
): ByteString[] {
  const sent = [...rules, ...cvsExcludeToSend(cvsExclude, context)];
  return sent
    .filter((rule) => isForServer(rule, context))
    .flatMap((rule) => expand(rule, context))
    .map((rule) => (context.protocol >= 29 ? formatRule(rule, context) : formatOld(rule, context)));
}

/** On a pull the server adds what `-C` means itself, in protocol 28 the per-directory part of it on a push too. */
function cvsExcludeToSend(rules: readonly Rule[], context: FilterListContext): readonly Rule[] {
  if (!context.clientIsSender) return [];
  return context.protocol >= 29 ? rules : rules.filter((rule) => rule.kind !== "dir-merge");
}

function isForServer(rule: Rule, { clientIsSender, deleteExcluded }: FilterListContext): boolean {
  return concerns(effectiveSide(rule, deleteExcluded), clientIsSender ? "receiver" : "sender");
}

/** A sending server has a CVS list of its own, so it gets the rule; others get what the rule stands for here. */
function expand(rule: Rule, { clientIsSender, protocol }: FilterListContext): readonly Rule[] {
  return rule.kind === "cvs-list" && (clientIsSender || protocol < 29) ? rule.rules : [rule];
}

function tooModern(): RsyncError {
  return new RsyncError(ExitCode.Protocol, "filter rules are too modern for remote rsync.");
}

/** The mark `p` as it is sent: older servers do not know it, but one that sends does not need it either. */
function perishableMark({ perishable }: RuleMarks, context: Peer): string {
  if (!perishable) return "";
  if (context.protocol >= 30) return "p";
  if (context.clientIsSender) throw tooModern();
  return "";
}

/** A rule as it is written in protocol 29 and later. */
export function formatRule(rule: Rule, context: Peer): ByteString {
  const type = rule.kind === "dir-merge" ? ":" : rule.include ? "+" : "-";
  const { absolute, xattr, side } = rule;
  const negated = rule.kind !== "dir-merge" && rule.negated;
  const sender = side === "sender" || side === "both";
  const receiver = side === "receiver" || side === "both";
  const modifiers =
    (absolute ? "/" : "") +
    (negated ? "!" : "") +
    (rule.kind === "pattern" ? "" : rule.kind === "cvs-list" ? "C" : mergeModifiers(rule)) +
    (xattr ? "x" : "") +
    (sender ? "s" : "") +
    (receiver ? "r" : "") +
    perishableMark(rule, context);
  return `${type}${modifiers} ${textOf(rule)}`;
}

function mergeModifiers({ style, inherited, words }: DirMergeRule): string {
  if (style === "cvs") return "C";
  const bare = style === "exclude" ? "-" : style === "include" ? "+" : "";
  return (inherited ? "" : "n") + (words ? "w" : "") + bare;
}

function textOf(rule: Rule): ByteString {
  switch (rule.kind) {
    case "pattern":
      return patternText(rule);
    case "dir-merge":
      return rule.name;
    case "cvs-list":
      return "";
  }
}

/** The text of a pattern, with the slash of a rule for directories only. */
export function patternText({ pattern, directoryOnly }: PatternRule): ByteString {
  return directoryOnly ? `${pattern}/` : pattern;
}

/** Protocol 28: a bare pattern, or with `- ` or `+ ` before it. */
function formatOld(rule: Rule, context: FilterListContext): ByteString {
  const isOld = rule.kind === "pattern" && !rule.absolute && !rule.negated && !rule.xattr;
  const isLost = context.clientIsSender && context.deleteExcluded;
  if (!isOld || isLost) throw tooModern();
  perishableMark(rule, context);
  const text = patternText(rule);
  if (rule.include) return `+ ${text}`;
  // rsync sends "!" bare, which the other side takes for "clear the list"; with the prefix it is a pattern.
  return /^(?:[-+] |!$)/.test(text) ? `- ${text}` : text;
}
