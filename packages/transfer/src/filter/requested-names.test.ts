import { createPatternRule, FilterList, type Rule } from "@tsrsync/protocol/filter";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RequestedNames, type RequestOptions } from "./requested-names.js";

const PLAIN: RequestOptions = { relative: false, recursive: false, dirs: false };
const RECURSIVE: RequestOptions = { ...PLAIN, recursive: true };
const DIRS: RequestOptions = { ...PLAIN, dirs: true };
const RELATIVE: RequestOptions = { ...RECURSIVE, relative: true };

describe("a name", () => {
  test.each([
    [["a/b"], PLAIN, "b", true],
    [["a/b"], PLAIN, "a", false],
    [["a/b"], PLAIN, "b/c", false],
    [["a/b"], RECURSIVE, "b/c/d", true],
    [["a/b"], RECURSIVE, "bc", false],
    [["a/b"], RECURSIVE, "c/b", false],
    [["a/b"], DIRS, "b/c", true],
    [["a/b"], DIRS, "b/c/d", false],
    [["a/"], RECURSIVE, "any/thing", true],
    [["a/"], DIRS, "any", true],
    [["a/"], DIRS, "any/thing", false],
    [["a/"], PLAIN, "any", false],
    [["a/."], RECURSIVE, "any", true],
    [["a/.."], RECURSIVE, "any", true],
    [[""], RECURSIVE, "any", true],
    [["x", "y"], PLAIN, "y", true],
    [["*.c"], PLAIN, "a.c", true],
    [["*.c"], PLAIN, "a.h", false],
    [["*"], RECURSIVE, "a/b", true],
    [["*"], PLAIN, "a/b", false],
    [["[x]"], PLAIN, "x", true],
    [["[x]"], PLAIN, "[x]", true],
    [["[x]"], RECURSIVE, "[x]/a", true],
    [["a\\b"], RECURSIVE, "a\\b/c", true],
    [["a\\*"], PLAIN, "a*", true],
    [["/p/a//b/./"], RELATIVE, "p/a/b/c", true],
    [["p/./a/b"], RELATIVE, "a/b", true],
    [["p/./a/b"], RELATIVE, "p/a/b", false],
    [["a/b"], RELATIVE, "a/c", false],
    [["*/b"], RELATIVE, "x/b/c", true],
    [["*/b"], RELATIVE, "x/c", false],
  ] as const)("of a request for %j with %j: %s is allowed: %s", (paths, options, name, allowed) => {
    expect(new RequestedNames(paths, options).allows(name, false)).toBe(allowed);
  });

  test("may be that of a directory on the way, with --relative", () => {
    const names = new RequestedNames(["a/b/c", "w*/x"], RELATIVE);
    for (const parent of ["a", "a/b", "wide"]) {
      expect(names.allows(parent, true)).toBe(true);
      expect(names.allows(parent, false)).toBe(false);
    }
  });

  test("may always be that of the root", () => {
    expect(new RequestedNames(["a"], PLAIN).allows(".", true)).toBe(true);
    expect(new RequestedNames(["a"], RELATIVE).allows("/.", true)).toBe(true);
  });
});

test.each([
  [["a/b"], RECURSIVE, ".", false],
  [["a/b"], RECURSIVE, "b", true],
  [["a/b"], RECURSIVE, "b/c/d", true],
  [["*"], RECURSIVE, ".", false],
  [[".*"], RECURSIVE, ".", false],
  [["a/"], RECURSIVE, ".", true],
  [["a/"], RECURSIVE, "any/thing", true],
  [["x", "a/"], RECURSIVE, ".", true],
  [["a/"], DIRS, ".", true],
  [["a/"], DIRS, "any", false],
  [["a/b"], DIRS, ".", false],
  [["a/b"], DIRS, "b/c", false],
  [["a/b/c"], RELATIVE, ".", false],
  [["a/b/c"], RELATIVE, "/.", false],
  [["a/b/c"], RELATIVE, "a", false],
  [["a/b/c"], RELATIVE, "a/b", false],
  [["a/b/c"], RELATIVE, "a/b/c", true],
  [["a/b/c"], RELATIVE, "a/b/c/d", true],
  [["p/./"], RELATIVE, ".", true],
] as const)(
  "of a request for %j with %j: the contents of %s are allowed: %s",
  (paths, options, name, allowed) => {
    expect(new RequestedNames(paths, options).allowsContents(name)).toBe(allowed);
  },
);

/** The rules that the specification makes of the arguments. */
function specified(paths: readonly string[], { recursive, dirs, relative }: RequestOptions) {
  const rules: Rule[] = [];
  const add = (pattern: string) => rules.push(createPatternRule(true, pattern));
  for (const path of paths) {
    const name = relative ? path.replace(/\/$/, "") : path.slice(path.lastIndexOf("/") + 1);
    const parts = name.split("/");
    for (let i = 1; i < parts.length; i++) add(`/${parts.slice(0, i).join("/")}/`);
    if (name !== "") add(`/${name}`);
    const below = name === "" ? "" : `/${name}`;
    if (recursive) add(`${below}/**`);
    else if (dirs) add(`${below}/*`);
    if (name.includes("[")) {
      const literal = name.replace(/[[*?]/g, "\\$&");
      add(`/${literal}`);
      if (recursive) add(`/${literal}/**`);
      else if (dirs) add(`/${literal}/*`);
    }
  }
  const scope = new FilterList(rules, { side: "sender" }).at("");
  return (name: string, isDirectory: boolean) => scope.find(name, isDirectory) !== null;
}

test("names are allowed exactly as by the rules that the specification makes of the arguments", () => {
  const part = fc.constantFrom("a", "b", "ab", "a*", "?", "[ab]", "*");
  const path = fc
    .tuple(fc.array(part, { minLength: 1, maxLength: 3 }), fc.boolean())
    .map(([parts, slash]) => parts.join("/") + (slash ? "/" : ""));
  const options = fc.record({
    relative: fc.boolean(),
    recursive: fc.boolean(),
    dirs: fc.boolean(),
  });
  const name = fc
    .array(fc.constantFrom("a", "b", "ab", "c", "[ab]"), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.join("/"));
  fc.assert(
    fc.property(
      fc.array(path),
      options,
      name,
      fc.boolean(),
      (paths, chosen, entry, isDirectory) => {
        const expected = specified(paths, chosen)(entry, isDirectory);
        expect(new RequestedNames(paths, chosen).allows(entry, isDirectory)).toBe(expected);
      },
    ),
    { numRuns: 2000 },
  );
});
