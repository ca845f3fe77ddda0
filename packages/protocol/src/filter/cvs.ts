/**
 * What CVS ignores, for `-C`. Spec: docs/protocol/4-command.md, 11.5.
 * @module
 */
import { type ByteString, decodeByteString } from "../wire/index.js";
import {
  type CvsListRule,
  createPatternRule,
  type DirMergeRule,
  NO_MARKS,
  type PatternRule,
  type Rule,
  type RuleMarks,
  type RuleSource,
} from "./rule.js";

/** The patterns that are always in the list, in order. */
export const CVS_DEFAULTS: readonly ByteString[] = (
  "RCS SCCS CVS CVS.adm RCSLOG cvslog.* tags TAGS .make.state .nse_depinfo *~ #* .#* ,* _$* *$ " +
  "*.old *.bak *.BAK *.orig *.rej .del-* *.a *.olb *.o *.obj *.so *.exe *.Z *.elc *.ln core " +
  ".svn/ .git/ .hg/ .bzr/"
).split(" ");

/** Where the list of one user comes from. */
export interface CvsIgnore {
  /** Content of `$HOME/.cvsignore`; `null` when there is none. */
  readonly home: Uint8Array | null;
  /** `$CVSIGNORE`; `null` when not set. */
  readonly environment: ByteString | null;
  /** Protocol 30 and later, and always for a rule `-C`: the defaults do not keep a directory from being removed. */
  readonly perishable: boolean;
}

/** The bare list: no file, no environment. */
export const PLAIN_CVS_IGNORE: CvsIgnore = { home: null, environment: null, perishable: true };

const CVS_SOURCE: RuleSource = { isShown: true, list: "global CVS" };

function words(text: ByteString): ByteString[] {
  return text.split(/[ \t-\r\0]+/).filter((word) => word !== "");
}

/** The list as one rule, which stands for its patterns in order. `!` as a word drops those before it. */
export function createCvsList(
  ignore: CvsIgnore,
  include: boolean,
  marks: RuleMarks,
  negated = false,
): CvsListRule {
  const details = { negated, source: CVS_SOURCE };
  let rules: PatternRule[] = CVS_DEFAULTS.map((pattern) => {
    const perishable = marks.perishable || ignore.perishable;
    return createPatternRule(include, pattern, { ...marks, perishable }, details);
  });
  const home = ignore.home === null ? "" : decodeByteString(ignore.home);
  for (const word of [...words(home), ...words(ignore.environment ?? "")]) {
    if (word === "!") rules = [];
    else rules.push(createPatternRule(include, word, marks, details));
  }
  const { absolute, xattr, perishable, side } = marks;
  return { kind: "cvs-list", include, negated, rules, absolute, xattr, perishable, side };
}

/** `:C`: the `.cvsignore` of each directory. */
export const CVS_MERGE: DirMergeRule = {
  ...NO_MARKS,
  kind: "dir-merge",
  name: ".cvsignore",
  style: "cvs",
  inherited: false,
  words: true,
};

/**
 * The two rules that `-C` appends after all others. They travel by rules of their own (2.3.5): give them to the wire
 * functions apart from the rest.
 */
export function cvsExcludeRules(ignore: CvsIgnore): Rule[] {
  return [CVS_MERGE, createCvsList(ignore, false, NO_MARKS)];
}
