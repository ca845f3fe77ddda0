/**
 * A rule taken apart, and its modifiers. Spec: docs/protocol/4-command.md, 11.1.
 * @module
 */
import type { ByteString } from "../wire/index.js";
import type { MergeStyle, SideMark } from "./rule.js";

/** What a rule does. */
export type RuleAction = "exclude" | "include" | "merge" | "dir-merge" | "clear";

/** A rule taken apart; its pattern is not interpreted yet. */
export interface RuleSyntax {
  readonly action: RuleAction;
  readonly pattern: ByteString;
  readonly absolute: boolean;
  readonly negated: boolean;
  readonly xattr: boolean;
  readonly perishable: boolean;
  readonly side: SideMark;
  /** `C` on an include or exclude rule. */
  readonly cvsList: boolean;
  /** `C`, `-`, `+` on a merge rule. */
  readonly style: MergeStyle;
  readonly excludesItself: boolean;
  readonly inherited: boolean;
  readonly words: boolean;
}

/** A rule that is being taken apart. */
export type RuleDraft = { -readonly [Key in keyof RuleSyntax]: RuleSyntax[Key] };

/** A rule without modifiers and pattern; `side` is the one that its name says. */
export function createDraft(action: RuleAction, side: SideMark = "none"): RuleDraft {
  return {
    action,
    pattern: "",
    absolute: false,
    negated: false,
    xattr: false,
    perishable: false,
    side,
    cvsList: false,
    style: "rules",
    excludesItself: false,
    inherited: true,
    words: false,
  };
}

function withSide(side: SideMark, more: "sender" | "receiver"): SideMark {
  return side === "none" || side === more ? more : "both";
}

/** Applies one modifier to `draft`; false when the rule can not have it. */
export function modify(draft: RuleDraft, modifier: string, namesSide: boolean): boolean {
  const isMerge = draft.action === "merge" || draft.action === "dir-merge";
  switch (modifier) {
    case "/":
      draft.absolute = true;
      return true;
    case "x":
      draft.xattr = true;
      return true;
    case "p":
      draft.perishable = true;
      return true;
    case "s":
    case "r":
      draft.side = withSide(draft.side, modifier === "s" ? "sender" : "receiver");
      return !namesSide;
    case "!":
      draft.negated = true;
      return !isMerge;
    case "C":
      return modifyCvs(draft, isMerge, namesSide);
    default:
      return isMerge && modifyMerge(draft, modifier);
  }
}

function modifyCvs(draft: RuleDraft, isMerge: boolean, namesSide: boolean): boolean {
  if (namesSide || draft.cvsList || draft.style !== "rules") return false;
  if (isMerge) {
    draft.style = "cvs";
    draft.inherited = false;
    draft.words = true;
  } else {
    draft.cvsList = true;
  }
  return true;
}

function modifyMerge(draft: RuleDraft, modifier: string): boolean {
  switch (modifier) {
    case "-":
    case "+":
      if (draft.style !== "rules") return false;
      draft.style = modifier === "-" ? "exclude" : "include";
      return true;
    case "e":
      draft.excludesItself = true;
      return true;
    case "n":
      draft.inherited = false;
      return true;
    case "w":
      draft.words = true;
      return true;
    default:
      return false;
  }
}
