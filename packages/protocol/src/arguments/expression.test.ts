import { expect, test } from "vitest";
import { compileExpression } from "./expression.js";
import { OPTIONS } from "./options.js";

const scope = { zero: 0, two: 2, yes: true, no: false, none: null, dir: "d" };
const evaluate = (source: string) => compileExpression(source)(scope);

test.each([
  ["yes", true],
  ["!yes", false],
  ["!!two", true],
  ["none === null", true],
  ["zero !== null", true],
  ["dir === 'd'", true],
  ["dir === ''", false],
  ["dir !== (none !== null ? '' : 'd')", false],
  ["two > 1", true],
  ["two >= 3", false],
  ["two < 3 && two <= 2", true],
  ["Math.min(two, 9)", 2],
  ["Math.min(two, 1)", 1],
  ["two > 1 ? 2 : 1", 2],
  ["zero > 1 ? 2 : 1", 1],
  ["no || yes && no", false],
  ["(yes || no) && !no", true],
  ["yes || no && no", true],
  ["true", true],
  ["false", false],
])("%s is %s", (source, value) => {
  expect(evaluate(source)).toBe(value);
});

test("what decides nothing is not evaluated, and an unknown name is an error", () => {
  expect(evaluate("yes || missing")).toBe(true);
  expect(evaluate("no && missing")).toBe(false);
  expect(() => evaluate("missing")).toThrow(new RangeError('the settings have no "missing"'));
  expect(() => evaluate("constructor")).toThrow(RangeError);
  expect(() => evaluate("__proto__")).toThrow(RangeError);
});

test.each([
  "",
  "a b",
  "a ===",
  "(a",
  "a ? b",
  "Math.min(a)",
  "a.b",
  "a = 1",
  "a; b",
  "a()",
  "`a`",
  "a[0]",
  "'open",
])("%j is not in the language", (source) => {
  expect(() => compileExpression(source)).toThrow(SyntaxError);
});

test("every expression of the table agrees with JavaScript", () => {
  const sources = new Set(
    OPTIONS.flatMap(({ wire }) => wire).flatMap(({ when, times }) => [when, times ?? "1"]),
  );
  const values = [0, 1, 2, true, false, null, "", "zlib"];
  for (const source of sources) {
    const names = [
      ...new Set(source.replace(/'[^']*'|Math\.min|null|true|false/g, "").match(/[a-z]\w*/gi)),
    ];
    const expected = new Function(...names, `return (${source});`) as (
      ...args: unknown[]
    ) => unknown;
    for (let round = 0; round < 40; round++) {
      const args = names.map((_, i) => values[(round * (i + 3) + i) % values.length]);
      const scope = Object.fromEntries(names.map((name, i) => [name, args[i]]));
      expect([source, args, compileExpression(source)(scope)]).toEqual([
        source,
        args,
        expected(...args),
      ]);
    }
  }
});
