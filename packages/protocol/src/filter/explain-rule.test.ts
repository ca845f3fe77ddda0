import { expect, test } from "vitest";
import { encodeByteString } from "../wire/index.js";
import { createCvsList, PLAIN_CVS_IGNORE } from "./cvs.js";
import { blankEndWarnings, explainRule } from "./explain-rule.js";
import { FilterList } from "./filter-list.js";
import { NO_MARKS } from "./rule.js";
import { RuleParser } from "./rule-parser.js";

const FILES: Record<string, string> = {
  ".merge": "- secret \n: .other\n:e .third\n",
  named: "- hidden*\n",
};

const readFile = (name: string) => {
  const text = FILES[name];
  return text === undefined ? null : encodeByteString(text);
};

function rulesOf(...texts: string[]) {
  const parser = new RuleParser({ readFile });
  for (const text of texts) parser.addRule(text);
  return parser.rules;
}

/** Why `name` is left out below the directories that `enter` reads. */
function reason(name: string, ...texts: string[]): string | null {
  const list = new FilterList(rulesOf(...texts), { side: "sender" });
  const rule = list.at("/root").enter("", readFile).find(name, false);
  return rule === null ? null : explainRule(rule);
}

test("typed rules are shown as they were typed, those of files are not", () => {
  const [typed] = rulesOf("-s sub/");
  expect(typed?.kind === "pattern" && explainRule(typed)).toBe("sub/");
  expect(reason("b.o", "- *.o")).toBe("*.o");
  expect(reason("hidden1", ". named")).toBe("<rule from a file read earlier>");
  expect(reason("secret ", ": .merge")).toBe("<rule from a file read earlier> [per-dir .merge]");
  expect(reason(".third", ": .merge")).toBe("<rule from a file read earlier> [per-dir .merge]");
  expect(reason("else", ": .merge")).toBe(null);
});

test("what CVS ignores is called so", () => {
  const { rules } = createCvsList(PLAIN_CVS_IGNORE, false, NO_MARKS);
  expect(rules.map(explainRule).slice(0, 1)).toEqual(["RCS [global CVS]"]);
});

test("blanks at the end of typed rules are told, with all modifiers, those of files are not", () => {
  const typed = ["- a ", "+ b", "-/!rp c\t", "hide,p d ", ":n- e ", "- x/ "];
  expect(blankEndWarnings(rulesOf(". .merge", ...typed))).toEqual(
    ["- a ", "-/!rp c\t", "-sp d ", ":n- e ", "- x/ "].map(
      (text) => `add_rule(${text}) -- CAUTION: trailing whitespace!`,
    ),
  );
});
