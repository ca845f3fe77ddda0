/**
 * Filter rules as values. Spec: docs/protocol/4-command.md, 11.1.
 * @module
 */
import type { ByteString } from "../wire/index.js";

/** The two sides that look at rules: the sender when it lists, the receiver when it deletes. */
export type FilterSide = "sender" | "receiver";

/** Which sides a rule names: `none` and `both` concern both, but travel and count differently (2.3.5). */
export type SideMark = FilterSide | "both" | "none";

/** What any rule may be marked with. */
export interface RuleMarks {
  /** `/`: the pattern is compared with the full path name of the item. */
  readonly absolute: boolean;
  /** `x`: the rule is about names of extended attributes. */
  readonly xattr: boolean;
  /** `p`: ignored inside directories that are being removed. */
  readonly perishable: boolean;
  /** `s`, `r`. */
  readonly side: SideMark;
}

/** A rule that includes or excludes what its pattern matches. */
export interface PatternRule extends RuleMarks {
  readonly kind: "pattern";
  readonly include: boolean;
  /** Without the trailing slash of a rule for directories only. */
  readonly pattern: ByteString;
  readonly directoryOnly: boolean;
  /** `!`: applies to what the pattern does not match. */
  readonly negated: boolean;
  /** The directory (full path name) that a leading slash stands for; `null` is the transfer root. */
  readonly base: ByteString | null;
  /** Missing in a rule that was typed, or that the peer has sent. */
  readonly source?: RuleSource;
}

/** Where a rule is from, for those who are told why an item is left out. */
export interface RuleSource {
  /** Its text may be told. */
  readonly isShown: boolean;
  /** The list that it belongs to, in words; empty for the one of the options. */
  readonly list: ByteString;
}

/** How a merge file is read: full rules, bare patterns, or words as in `.cvsignore`. */
export type MergeStyle = "rules" | "exclude" | "include" | "cvs";

/** A rule that stands for the rules found in a file of each directory (`:`). Its marks are defaults for them. */
export interface DirMergeRule extends RuleMarks {
  readonly kind: "dir-merge";
  /** The file's name; with a slash in it, the file is first looked for in the parents of the transfer root. */
  readonly name: ByteString;
  readonly style: MergeStyle;
  /** False with `n`: subdirectories start anew. */
  readonly inherited: boolean;
  /** `w`: words instead of lines. */
  readonly words: boolean;
  /** The rule stood in a rule file itself. */
  readonly isNested?: boolean;
}

/** The CVS ignore list where `-C` (or `+C`) stands as a rule; it travels as one rule to a server that sends. */
export interface CvsListRule extends RuleMarks {
  readonly kind: "cvs-list";
  readonly include: boolean;
  readonly negated: boolean;
  readonly rules: readonly PatternRule[];
}

export type Rule = PatternRule | DirMergeRule | CvsListRule;

/** The marks of a plain rule. */
export const NO_MARKS: RuleMarks = {
  absolute: false,
  xattr: false,
  perishable: false,
  side: "none",
};

/** True when a rule with this mark plays a part on `side`. */
export function concerns(mark: SideMark, side: FilterSide): boolean {
  return mark === side || mark === "both" || mark === "none";
}

/** The mark that counts: with `--delete-excluded` rules without one concern the sender only (2.3.5). */
export function effectiveSide(rule: Rule, deleteExcluded: boolean): SideMark {
  // A file of full rules may hold rules for the receiver, so both sides need it.
  const isFullFile = rule.kind === "dir-merge" && rule.style === "rules";
  return deleteExcluded && rule.side === "none" && !isFullFile ? "sender" : rule.side;
}

/** The last element of a merge file's name, by which two merge rules are one (11.5). */
export function mergeBaseName(name: ByteString): ByteString {
  return name.slice(name.lastIndexOf("/") + 1);
}

/** What a pattern rule may have besides its marks. */
export interface PatternDetails {
  readonly negated?: boolean;
  readonly base?: ByteString | null;
  readonly source?: RuleSource | undefined;
}

/** A pattern rule out of its text: a trailing slash (of more than `/`) restricts it to directories. */
export function createPatternRule(
  include: boolean,
  text: ByteString,
  marks: RuleMarks = NO_MARKS,
  { negated = false, base = null, source }: PatternDetails = {},
): PatternRule {
  const directoryOnly = text.length > 1 && text.endsWith("/");
  const pattern = directoryOnly ? text.slice(0, -1) : text;
  const { absolute, xattr, perishable, side } = marks;
  return {
    kind: "pattern",
    include,
    pattern,
    directoryOnly,
    negated,
    base,
    absolute,
    xattr,
    perishable,
    side,
    ...(source === undefined ? {} : { source }),
  };
}
