/**
 * The syntax of one rule: `NAME[,MODIFIERS][ |_]PATTERN` or a letter for the name.
 * Spec: docs/protocol/4-command.md, 11.1.
 * @module
 */
import { UsageError } from "../errors.js";
import type { ByteString } from "../wire/index.js";
import type { SideMark } from "./rule.js";
import { describeRule, type RuleOrigin } from "./rule-origin.js";
import {
  createDraft,
  modify,
  type RuleAction,
  type RuleDraft,
  type RuleSyntax,
} from "./rule-syntax.js";

/** A rule and where the text behind it starts; that is its length unless words were read. */
export interface ParsedRule {
  readonly syntax: RuleSyntax;
  readonly end: number;
}

interface Prefix {
  readonly action: RuleAction;
  readonly side?: SideMark;
}

const LETTERS: ReadonlyMap<string, Prefix> = new Map([
  ["-", { action: "exclude" }],
  ["+", { action: "include" }],
  [".", { action: "merge" }],
  [":", { action: "dir-merge" }],
  ["!", { action: "clear" }],
  ["H", { action: "exclude", side: "sender" }],
  ["S", { action: "include", side: "sender" }],
  ["P", { action: "exclude", side: "receiver" }],
  ["R", { action: "include", side: "receiver" }],
]);

const NAMES: ReadonlyMap<string, string> = new Map([
  ["exclude", "-"],
  ["include", "+"],
  ["merge", "."],
  ["dir-merge", ":"],
  ["clear", "!"],
  ["hide", "H"],
  ["show", "S"],
  ["protect", "P"],
  ["risk", "R"],
]);

const WHITESPACE = /[ \t-\r]/;
const LONG_NAME = /^([a-z-]+)(?=[ \t-\r,_]|$)/;

function invalidModifier(text: ByteString, at: number, origin: RuleOrigin): UsageError {
  const which = origin === null ? ` '${text[at]}' at position ${at}` : "";
  return new UsageError(`invalid modifier${which} in filter rule: ${describeRule(text, origin)}`);
}

/** Where the pattern that starts at `start` ends: at the next blank when words are read, else with the text. */
function patternEnd(text: ByteString, start: number, words: boolean): number {
  if (!words) return text.length;
  const length = text.slice(start).search(WHITESPACE);
  return length < 0 ? text.length : start + length;
}

/** Reads the name of the rule at the start of `text`; `length` is how much of it that took. */
function readPrefix(text: ByteString, origin: RuleOrigin): { prefix: Prefix; length: number } {
  const name = LONG_NAME.exec(text)?.[1] ?? "";
  const long = NAMES.get(name);
  const prefix = LETTERS.get(long ?? text[0] ?? "");
  if (prefix === undefined) {
    throw new UsageError(`Unknown filter rule: ${describeRule(text, origin)}`);
  }
  const length = long === undefined ? 1 : name.length;
  return { prefix, length: text[length] === "," ? length + 1 : length };
}

/** Reads modifiers into `draft` from `start` on; returns where they end. */
function readModifiers(
  text: ByteString,
  start: number,
  draft: RuleDraft,
  words: boolean,
  origin: RuleOrigin,
): number {
  const namesSide = draft.side !== "none";
  let at = start;
  for (; at < text.length; at++) {
    const char = text[at]!;
    if (char === " " || char === "_" || (words && WHITESPACE.test(char))) break;
    if (!modify(draft, char, namesSide)) throw invalidModifier(text, at, origin);
  }
  return at;
}

/**
 * Parses the rule at the start of `text`, which is not empty.
 * @param words the pattern ends at a blank, and another rule may follow
 * @throws UsageError with the text that rsync shows.
 */
export function parseRule(text: ByteString, words: boolean, origin: RuleOrigin): ParsedRule {
  const { prefix, length } = readPrefix(text, origin);
  const draft = createDraft(prefix.action, prefix.side);
  if (draft.action === "clear") {
    if (patternEnd(text, length, words) > length) {
      const shown = describeRule(text, origin);
      throw new UsageError(`'!' rule has trailing characters: ${shown}`);
    }
    return { syntax: draft, end: length };
  }
  const modifiersEnd = readModifiers(text, length, draft, words, origin);
  if (draft.cvsList) return { syntax: draft, end: words ? modifiersEnd : text.length };
  const start = Math.min(modifiersEnd + 1, text.length);
  const end = patternEnd(text, start, words);
  draft.pattern = text.slice(start, end);
  if (draft.pattern === "" && draft.style === "cvs") draft.pattern = ".cvsignore";
  if (draft.pattern === "") {
    throw new UsageError(`unexpected end of filter rule: ${describeRule(text, origin)}`);
  }
  return { syntax: draft, end };
}

/**
 * Parses the bare pattern at the start of `text`.
 * @param prefixes `- ` and `+ ` decide what it is, and `!` alone clears, as in `--exclude` and its files
 * @param clears `!` alone clears, as in `.cvsignore`
 */
export function parseBarePattern(
  text: ByteString,
  include: boolean,
  form: "bare" | "prefixed" | "cvs",
  words: boolean,
  origin: RuleOrigin,
): ParsedRule {
  const first = text[0];
  const hasPrefix = form === "prefixed" && (first === "-" || first === "+") && text[1] === " ";
  const start = hasPrefix ? 2 : 0;
  const end = patternEnd(text, start, words);
  const pattern = text.slice(start, end);
  if (pattern === "") {
    throw new UsageError(`unexpected end of filter rule: ${describeRule(text, origin)}`);
  }
  if (pattern === "!" && !hasPrefix && form !== "bare") {
    return { syntax: createDraft("clear"), end };
  }
  const includes = hasPrefix ? first === "+" : include;
  return {
    syntax: { ...createDraft(includes ? "include" : "exclude"), pattern },
    end,
  };
}
