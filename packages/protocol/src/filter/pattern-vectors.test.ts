import { expect, test } from "vitest";
import golden from "../../../../docs/protocol/vectors/filters.json" with { type: "json" };
import { byteStringFromText } from "../wire/index.js";
import { FilterList } from "./filter-list.js";
import { createPatternRule, NO_MARKS } from "./rule.js";
import { RuleParser } from "./rule-parser.js";

const ROOT = "/tmp/w/src";

interface MatchCase {
  readonly pattern: string;
  readonly modifiers: string;
  readonly path: string;
  readonly dir: boolean;
  readonly matched: boolean;
}

function matches({ pattern, modifiers, path, dir }: MatchCase, root: string): boolean {
  const parser = new RuleParser();
  parser.addRule(byteStringFromText(`-${modifiers} ${pattern.replace("ROOT", ROOT)}`));
  const scope = new FilterList(parser.rules, { side: "sender" }).at(root);
  return scope.find(byteStringFromText(path), dir) !== null;
}

// One test per table: 1700 tests would say no more.
test.each([
  ["match", golden.match, ROOT],
  ["matchAbsolute", golden.matchAbsolute, ROOT],
  ["matchNamed", golden.matchNamed, "/tmp/w"],
])("every pattern of the table %s matches as in rsync 3.5.0", (_, cases, root) => {
  const wrong = cases.filter((row) => matches(row, root) !== row.matched);
  expect(wrong).toEqual([]);
  expect(cases.length).toBeGreaterThan(70);
});

// Observed with rsync 3.5.0: a slash in brackets counts as an element, and then nothing can be it.
test.each([
  ["[!/]", "b"],
  ["[^b-][!/]", "Db"],
  ["x[!/]y", "d/xay"],
])("%s does not match %s", (pattern, path) => {
  expect(matches({ pattern, modifiers: "", path, dir: false, matched: false }, ROOT)).toBe(false);
});

test("a per-directory rule for one directory does not reach into another whose name starts alike", () => {
  const scope = new FilterList([createPatternRule(false, "/x", NO_MARKS, { base: `${ROOT}/d` })], {
    side: "sender",
  }).at(ROOT);
  expect(["d/x", "d/e/x", "dx", "d1/x", "x"].filter((path) => scope.excludes(path, false))).toEqual(
    ["d/x"],
  );
});
