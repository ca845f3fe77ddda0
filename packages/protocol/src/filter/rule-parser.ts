/**
 * Building a list of rules out of options, rule files and received text.
 * Spec: docs/protocol/4-command.md, 11.1 and 11.2.
 * @module
 */
import { FileIoError, UsageError } from "../errors.js";
import type { ByteString } from "../wire/index.js";
import { createCvsList, PLAIN_CVS_IGNORE } from "./cvs.js";
import { type ParsedRule, parseBarePattern, parseRule } from "./parse-rule.js";
import {
  createPatternRule,
  type DirMergeRule,
  type MergeStyle,
  mergeBaseName,
  NO_MARKS,
  type Rule,
  type RuleMarks,
  type RuleSource,
} from "./rule.js";
import { MAX_PATTERN_BYTES, splitRuleFile } from "./rule-file.js";
import { describeFile, describeRule, type RuleOrigin } from "./rule-origin.js";
import type { RuleFilePlace, RuleParserOptions } from "./rule-parser-options.js";
import type { RuleSyntax } from "./rule-syntax.js";

/** How the rules of one text or file are to be read. */
interface Reading {
  readonly style: MergeStyle | "prefixed-exclude" | "prefixed-include";
  readonly words: boolean;
  /** Marks that a merge rule hands down to its content. */
  readonly defaults: RuleMarks;
  readonly origin: RuleOrigin;
  readonly base: ByteString | null;
}

const MAX_DEPTH = 32;
/** Rule files may name each other: without a limit, two lines are enough for 2^32 reads. */
const MAX_FILES = 4096;
const MAX_RULES = 1_000_000;

const TYPED: Reading = {
  style: "rules",
  words: false,
  defaults: NO_MARKS,
  origin: null,
  base: null,
};

/** Collects rules in order; one parser builds one list. */
export class RuleParser {
  /** The list so far; the parser's own until the last call. */
  readonly rules: Rule[] = [];
  readonly #options: RuleParserOptions;
  readonly #place: RuleFilePlace | null;
  /** What rules out of files are marked with. */
  #source: RuleSource = { isShown: false, list: "" };
  #filesRead = 0;
  #cleared = false;

  constructor(options: RuleParserOptions = {}, place: RuleFilePlace | null = null) {
    this.#options = options;
    this.#place = place;
  }

  /** True once a `!` rule has emptied the list. */
  get cleared(): boolean {
    return this.#cleared;
  }

  /**
   * Adds a rule as in `--filter`, or as it was received in protocol 29 and later.
   * @param words several rules, each ended by a blank, as in rsyncd.conf
   * @throws UsageError for a rule that can not be read; FileIoError when a file that it names is missing.
   */
  addRule(text: ByteString, words = false): void {
    this.#addText(text, { ...TYPED, words });
  }

  /**
   * Adds a bare pattern as in `--exclude` and `--include`, or as received in protocol 28: `- ` or `+ ` before it
   * decide, `!` alone clears the list.
   */
  addPattern(kind: "exclude" | "include", text: ByteString, words = false): void {
    this.#addText(text, { ...TYPED, style: `prefixed-${kind}`, words });
  }

  /** Adds the patterns in a file, as in `--exclude-from` and `--include-from`. */
  addPatternFile(kind: "exclude" | "include", name: ByteString): void {
    this.#addFile(name, { ...TYPED, style: `prefixed-${kind}` });
  }

  /** Adds the content of a per-directory file. */
  addDirMerge(rule: DirMergeRule, bytes: Uint8Array, fileName: ByteString): void {
    const { style, words } = rule;
    const base = this.#place?.base ?? null;
    this.#source = { isShown: false, list: `per-dir ${mergeBaseName(rule.name)}` };
    // A peer that chooses files by what it puts into other files learns neither their names nor their lines.
    const file = rule.isNested === true ? "a file read earlier" : fileName;
    const reading = { ...TYPED, style, words, defaults: rule, base };
    this.#addLines(bytes, file, reading, rule.isNested !== true);
  }

  #addText(text: ByteString, reading: Reading): void {
    let rest = text;
    for (;;) {
      if (reading.words) rest = rest.replace(/^[ \t-\r]+/, "");
      if (rest === "") return;
      const parsed = parse(rest, reading);
      this.#accept(parsed.syntax, rest, reading);
      rest = rest.slice(parsed.end);
    }
  }

  #addFile(name: ByteString, reading: Reading): void {
    const { origin } = reading;
    if ((origin?.depth ?? 0) >= MAX_DEPTH || ++this.#filesRead > MAX_FILES) {
      const limit = `merge-file include depth limit (${MAX_DEPTH}) exceeded`;
      throw new FileIoError(`${limit} at ${describeRule(name, origin)}`);
    }
    const bytes = this.#options.readFile?.(name) ?? null;
    if (bytes === null) {
      const kind = reading.style.endsWith("include") ? "include" : "exclude";
      const reason = origin === null ? ": No such file or directory (2)" : "";
      const shown = describeRule(name, origin);
      throw new FileIoError(`failed to open ${kind} file ${shown}${reason}`);
    }
    this.#addLines(bytes, describeFile(name, origin), reading, origin === null);
  }

  #addLines(bytes: Uint8Array, file: ByteString, reading: Reading, showsLines: boolean): void {
    const depth = (reading.origin?.depth ?? 0) + 1;
    for (const found of splitRuleFile(bytes, reading.words, !!this.#options.nulEnds)) {
      const { text } = found;
      const line = showsLines ? found.line : null;
      // A word is a rule by itself: nothing after a blank can belong to it.
      this.#addText(text, { ...reading, words: false, origin: { file, line, depth } });
    }
  }

  #accept(syntax: RuleSyntax, text: ByteString, reading: Reading): void {
    const { origin } = reading;
    if (syntax.pattern.length >= MAX_PATTERN_BYTES) {
      const shown = describeRule(syntax.pattern, origin);
      this.#options.warn?.(`discarding over-long filter: ${shown}`);
      return;
    }
    if (syntax.action === "clear") {
      this.rules.length = 0;
      this.#cleared = true;
      return;
    }
    const marks = this.#marksOf(syntax, text, reading);
    switch (syntax.action) {
      case "merge":
        this.#merge(syntax, marks, reading);
        return;
      case "dir-merge":
        this.#addDirMergeRule(syntax, marks, origin);
        return;
      default:
        this.#addMatchRule(syntax, marks, reading);
    }
  }

  #marksOf(syntax: RuleSyntax, text: ByteString, { defaults, origin }: Reading): RuleMarks {
    if (defaults.side !== "none" && syntax.side !== "none") {
      const shown = describeRule(text, origin);
      throw new UsageError(`specified-side merge file contains specified-side filter: ${shown}`);
    }
    return {
      absolute: syntax.absolute || defaults.absolute,
      xattr: syntax.xattr,
      perishable: syntax.perishable || defaults.perishable,
      side: defaults.side === "none" ? syntax.side : defaults.side,
    };
  }

  #merge(syntax: RuleSyntax, defaults: RuleMarks, { origin }: Reading): void {
    const { style, words } = syntax;
    if (syntax.excludesItself) this.#excludeFile(syntax.pattern, origin);
    const name = this.#place === null ? syntax.pattern : inDirectory(this.#place, syntax.pattern);
    // Anchored patterns of a file that is merged in place always name the transfer root.
    this.#addFile(name, { style, words, defaults, origin, base: null });
  }

  #addDirMergeRule(syntax: RuleSyntax, marks: RuleMarks, origin: RuleOrigin): void {
    const { pattern: name, style, inherited, words } = syntax;
    if (syntax.excludesItself) this.#excludeFile(name, origin);
    const baseName = mergeBaseName(name);
    const isKnown =
      this.#place?.knows(baseName) === true ||
      this.rules.some((rule) => rule.kind === "dir-merge" && mergeBaseName(rule.name) === baseName);
    if (!isKnown) {
      const rule: DirMergeRule = { ...marks, kind: "dir-merge", name, style, inherited, words };
      this.#push(origin !== null ? { ...rule, isNested: true } : rule);
    }
  }

  #excludeFile(name: ByteString, origin: RuleOrigin): void {
    const source = this.#sourceOf(origin);
    this.#push(createPatternRule(false, mergeBaseName(name), NO_MARKS, { source }));
  }

  #sourceOf(origin: RuleOrigin): RuleSource | undefined {
    return origin === null ? undefined : this.#source;
  }

  #addMatchRule(syntax: RuleSyntax, ownMarks: RuleMarks, { base, origin }: Reading): void {
    const include = syntax.action === "include";
    const marks = this.#withDeleteExcluded(ownMarks);
    const { negated } = syntax;
    if (syntax.cvsList) {
      const ignore = this.#options.cvsIgnore ?? PLAIN_CVS_IGNORE;
      this.#push(createCvsList(ignore, include, marks, negated));
      return;
    }
    const covers = this.#options.coverContent === true && /.\/$/s.test(syntax.pattern);
    const source = this.#sourceOf(origin);
    const text = covers ? `${syntax.pattern}***` : syntax.pattern;
    this.#push(createPatternRule(include, text, marks, { negated, base, source }));
  }

  #withDeleteExcluded(marks: RuleMarks): RuleMarks {
    const senderOnly = this.#options.deleteExcluded === true && marks.side === "none";
    return senderOnly ? { ...marks, side: "sender" } : marks;
  }

  #push(rule: Rule): void {
    const limit = this.#options.maxRules ?? MAX_RULES;
    if (this.rules.length >= limit) throw new UsageError(`more than ${limit} filter rules`);
    this.rules.push(rule);
  }
}

/** The name of a merge file in a per-directory file: with a slash it is relative to that file's directory. */
function inDirectory({ resolve }: RuleFilePlace, name: ByteString): ByteString {
  return name.includes("/") && !name.startsWith("/") ? resolve(name) : name;
}

function parse(text: ByteString, { style, words, origin }: Reading): ParsedRule {
  switch (style) {
    case "rules":
      return parseRule(text, words, origin);
    case "cvs":
      return parseBarePattern(text, false, "cvs", words, origin);
    case "exclude":
    case "include":
      return parseBarePattern(text, style === "include", "bare", words, origin);
    default:
      return parseBarePattern(text, style === "prefixed-include", "prefixed", words, origin);
  }
}
