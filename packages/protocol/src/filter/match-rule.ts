/**
 * Which names a rule applies to. Spec: docs/protocol/4-command.md, 11.3, rules 1 to 7.
 * @module
 */
import type { ByteString } from "../wire/index.js";
import type { PatternRule } from "./rule.js";
import { compileWildcard, floating, hasWildcard, wildmatch } from "./wildmatch.js";

/** The name that rules are tested on; made once and used for all names of a transfer root. */
export class Subject {
  isDirectory = false;
  readonly #root: ByteString;
  #path = "";
  #last: ByteString | null = null;
  #rooted: ByteString | null = null;

  /** @param root full path name of the transfer root, `""` for the root of the file system */
  constructor(root: ByteString) {
    this.#root = root;
  }

  set(path: ByteString, isDirectory: boolean): void {
    this.#path = path;
    this.isDirectory = isDirectory;
    this.#last = null;
    this.#rooted = null;
  }

  /** The last element of the path. */
  get last(): ByteString {
    this.#last ??= this.#path.slice(this.#path.lastIndexOf("/") + 1);
    return this.#last;
  }

  /** The path with a slash for the transfer root before it. */
  get rooted(): ByteString {
    this.#rooted ??= `/${this.#path}`;
    return this.#rooted;
  }

  /** The full path name. */
  get absolute(): ByteString {
    return this.#root + this.rooted;
  }

  /**
   * The path with a slash for the directory `base` before it; when it does not lie there, `null` or something without
   * a slash before it, which no anchored pattern matches.
   */
  relativeTo(base: ByteString): ByteString | null {
    const { absolute } = this;
    return absolute.startsWith(base) ? absolute.slice(base.length) : null;
  }
}

/** A rule that is ready to be tested on names. */
export interface CompiledRule {
  readonly rule: PatternRule;
  readonly applies: (subject: Subject) => boolean;
}

type Test = (subject: Subject) => boolean;
type TextOf = (subject: Subject) => ByteString | null;

/** Prepares a rule. */
export function compileRule(rule: PatternRule): CompiledRule {
  const matches = compilePattern(rule);
  const { directoryOnly, negated } = rule;
  if (!directoryOnly && !negated) return { rule, applies: matches };
  const applies: Test = (subject) =>
    ((!directoryOnly || subject.isDirectory) && matches(subject)) !== negated;
  return { rule, applies };
}

function compilePattern(rule: PatternRule): Test {
  const { pattern } = rule;
  const isWild = hasWildcard(pattern);
  const isDeep = pattern.includes("**");
  if (!isDeep && !pattern.includes("/")) return compileLastElement(pattern, isWild);
  const isAnchored = pattern.startsWith("/");
  const textOf = compileText(rule, isAnchored);
  if (!isWild) {
    if (isAnchored) return (subject) => textOf(subject) === pattern;
    const tail = `/${pattern}`;
    return (subject) => textOf(subject)?.endsWith(tail) === true;
  }
  if (!isAnchored && !isDeep) return compileLastElements(pattern, textOf);
  const wildcard = compileWildcard(pattern);
  const fromStart = isAnchored || pattern.startsWith("**");
  return compileWhole(fromStart ? wildcard : floating(wildcard), textOf, pattern.endsWith("***"));
}

/** What a pattern with slashes is compared with. */
function compileText({ absolute, base }: PatternRule, isAnchored: boolean): TextOf {
  if (absolute) return (subject) => subject.absolute;
  if (base === null || !isAnchored) return (subject) => subject.rooted;
  return (subject) => subject.relativeTo(base);
}

function compileLastElement(pattern: ByteString, isWild: boolean): Test {
  if (!isWild) return (subject) => subject.last === pattern;
  const suffix = pattern.slice(1);
  if (pattern[0] === "*" && !/[*?[\\]/.test(suffix)) {
    return (subject) => subject.last.endsWith(suffix);
  }
  const wildcard = compileWildcard(pattern);
  return (subject) => wildmatch(wildcard, subject.last);
}

/** A pattern with N slashes is compared with the last N + 1 elements; fewer never match. */
function compileLastElements(pattern: ByteString, textOf: TextOf): Test {
  const wildcard = compileWildcard(pattern);
  const elements = pattern.split("/").length;
  return (subject) => {
    const text = textOf(subject);
    if (text === null) return false;
    let slash = text.length;
    for (let i = 0; i < elements; i++) {
      if (slash === 0) return false;
      slash = text.lastIndexOf("/", slash - 1);
    }
    return wildmatch(wildcard, text, slash + 1);
  };
}

function compileWhole(
  wildcard: ReturnType<typeof compileWildcard>,
  textOf: TextOf,
  coversDirectory: boolean,
): Test {
  return (subject) => {
    const text = textOf(subject);
    if (text === null) return false;
    return wildmatch(wildcard, coversDirectory && subject.isDirectory ? `${text}/` : text);
  };
}
