import { describe, expect, test } from "vitest";
import { encodeByteString } from "../wire/index.js";
import type { FilterListOptions } from "./directory-visit.js";
import { FilterList } from "./filter-list.js";
import type { FilterScope } from "./filter-scope.js";
import { RuleParser } from "./rule-parser.js";
import { choosesXattr } from "./xattr-filter.js";

const ROOT = "/w/src";

function listOf(rules: readonly string[], options: Partial<FilterListOptions> = {}): FilterList {
  const parser = new RuleParser();
  for (const rule of rules) parser.addRule(rule);
  return new FilterList(parser.rules, { side: "sender", ...options });
}

/** Reads files by full path name; names the transfer root's files as `src/...`. */
const reader = (files: Record<string, string>) => (name: string) => {
  const content = files[name.startsWith("/") ? name : `${ROOT}/${name}`];
  return content === undefined ? null : encodeByteString(content);
};

/** The scopes of the given directories, each entered from the one before. */
function descend(list: FilterList, files: Record<string, string>, directories: string[]) {
  const readFile = reader(files);
  let scope = list.at(ROOT);
  return directories.map((directory) => {
    scope = scope.enter(directory, readFile);
    return scope;
  });
}

const hides = (scope: FilterScope, paths: string[]): string[] =>
  paths.filter((path) => scope.excludes(path.replace(/\/$/, ""), path.endsWith("/")));

// All of these were observed with rsync 3.5.0.
describe("a per-directory file", () => {
  const paths = ["d/a.c", "d/a.o", "d/b.t", "d/e/"];

  test("may name another one, which counts in the same directory, at its place", () => {
    const files = { "/w/src/.r": ": .s\n- *.c\n", "/w/src/d/.s": "+ a.c\n- *.o\n" };
    const [top, d, e] = descend(listOf([": .r"]), files, ["", "d", "d/e"]);
    expect(hides(top!, ["a.c", "a.o"])).toEqual(["a.c"]);
    expect(hides(d!, paths)).toEqual(["d/a.o"]);
    expect(hides(e!, ["d/e/a.c", "d/e/a.o"])).toEqual(["d/e/a.o"]);
  });

  test("that is cleared takes the files that it named with it", () => {
    const files = {
      "/w/src/.r": ": .q\n- *.c\n",
      "/w/src/d/.r": "!\n",
      "/w/src/d/.q": "- *.t\n",
    };
    const [, d] = descend(listOf([": .r"]), files, ["", "d"]);
    expect(hides(d!, paths)).toEqual([]);
  });

  test("that is named again in a subdirectory keeps its place", () => {
    const files = {
      "/w/src/.r": ": .q\n",
      "/w/src/d/.r": ": .q\n+ b.t\n",
      "/w/src/d/.q": "- b.t\n- a.c\n",
    };
    const [, d] = descend(listOf([": .r"]), files, ["", "d"]);
    expect(hides(d!, paths)).toEqual(["d/a.c"]);
  });

  test("can not be named again under the same base name", () => {
    const files = { "/w/src/.r": ": .q\n: .r\n", "/w/src/.q": "+ a.c\n" };
    const [top] = descend(listOf([": .r", "- *.c", ": x/.q"]), files, [""]);
    expect(hides(top!, ["a.c"])).toEqual(["a.c"]);
  });

  test("merges files without a slash in their name from the transfer root, others from its directory", () => {
    const files = {
      "/w/src/d/.r": ". .s\n. ./.s\n. ../.s\n. ../../up\n",
      "/w/up": "- b.o\n",
      "/w/src/.s": "- a.o\n",
      "/w/src/d/.s": "- *.t\n- /e\n- /d/a.c\n",
    };
    const [d] = descend(listOf([": .r"]), files, ["d"]);
    // Anchored patterns of merged files name the transfer root.
    expect(hides(d!, [...paths, "d/b.o"])).toEqual(["d/a.c", "d/a.o", "d/b.t", "d/b.o"]);
  });

  test("anchors its patterns in its directory, whatever characters that has", () => {
    const files = { "/w/src/d[1]/.r": "- /x\n- /y*\n-! /**\n" };
    const [d] = descend(listOf([": .r"]), files, ["d[1]"]);
    expect(hides(d!, ["d[1]/x", "d[1]/y1", "d[1]/z", "d[1]/e/x", "d1/x"])).toEqual([
      "d[1]/x",
      "d[1]/y1",
      "d1/x",
    ]);
  });

  test("with the modifier / compares full path names", () => {
    const files = { "/w/src/d/.r": "- /e/a.o\n- e/b.t\n- /w/src/d/e/a.c\n" };
    const [d] = descend(listOf([":/ .r"]), files, ["d"]);
    expect(hides(d!, ["d/e/a.o", "d/e/b.t", "d/e/a.c"])).toEqual(["d/e/b.t", "d/e/a.c"]);
  });

  test("that is not inherited starts anew in each directory", () => {
    const [top, d] = descend(listOf([":n .r"]), { "/w/src/.r": "- *.o\n" }, ["", "d"]);
    expect([hides(top!, ["a.o"]), hides(d!, ["d/a.o"])]).toEqual([["a.o"], []]);
  });

  test("is named with its full path name in errors", () => {
    const files = { "/w/src/d/.r": "- x\nsecret\n" };
    expect(() => descend(listOf([": .r"]), files, ["d"])).toThrow(
      "Unknown filter rule: <rule from /w/src/d/.r line 2>",
    );
  });

  test("that concerns the other side is not even looked for", () => {
    const scope = listOf([":r .r", "P x"]).at(ROOT);
    const enter = () => {
      throw new Error("read");
    };
    expect(scope.enter("d", enter)).toBe(scope);
  });
});

describe("a per-directory file whose name has a path", () => {
  const files = {
    "/.r": "- 1\n",
    "/w/.r": "- 2\n- /src/3\n",
    "/w/src/.r": "- 4\n",
    "/w/src/d/.r": "- 5\n",
  };
  const names = ["1", "2", "3", "4", "5"];

  test.each([
    [".r", "", ["4"]],
    ["/.r", "", ["1", "2", "3", "4"]],
    ["../.r", "", ["2", "3", "4"]],
    ["/w/.r", "", ["2", "3", "4"]],
    ["./.r", "", ["4"]],
    ["d/.r", "", ["4"]],
    ["../src/.r", "", ["4"]],
    ["../../../../.r", "", ["1", "2", "3", "4"]],
    // The way up starts at the first directory that is entered, be it the root or not.
    ["../.r", "d", ["4", "5"]],
    ["../../.r", "d", ["2", "3", "4", "5"]],
    [".r", "d", ["5"]],
  ])("%s, first entered %j, brings the rules %j", (name, first, expected) => {
    const [scope] = descend(listOf([`: ${name}`]), files, [first]);
    expect(hides(scope!, names)).toEqual(expected);
  });

  test("is not looked for above a second time", () => {
    const asked: string[] = [];
    const readFile = (name: string) => {
      asked.push(name);
      return reader(files)(name);
    };
    const scope = listOf([": /.r"]).at(ROOT).enter(".", readFile).enter("d", readFile);
    expect(asked).toEqual(["/.r", "/w/.r", ".r", "d/.r"]);
    expect(hides(scope, names)).toEqual(names);
    const cleared = { ...files, "/w/src/d/.r": "!\n" };
    expect(hides(descend(listOf([": /.r"]), cleared, ["", "d"])[1]!, names)).toEqual([]);
  });
});

describe("a scope", () => {
  test("stays the same where no file makes a difference, and never changes by itself", () => {
    const list = listOf([": .r", "- *.o"]);
    const files = { "/w/src/d/.r": "+ a.o\n" };
    const [top, a, d] = descend(list, files, ["", "a", "d"]);
    expect(a).toBe(top);
    expect(d).not.toBe(top);
    expect([hides(top!, ["a.o"]), hides(d!, ["d/a.o"])]).toEqual([["a.o"], []]);
    const plain = listOf(["- a"]).at(ROOT);
    expect(plain.enter("d", reader(files))).toBe(plain);
  });

  test("tells nothing of the root itself, and is empty without rules for the side", () => {
    const scope = listOf(["- *", "- **"]).at(ROOT);
    expect([
      scope.excludes(".", true),
      scope.excludes("", true),
      scope.excludes("a", true),
    ]).toEqual([false, false, true]);
    expect([listOf([]).isEmpty, listOf(["P a"]).isEmpty, listOf([": a"]).isEmpty]).toEqual([
      true,
      true,
      false,
    ]);
  });

  test("skips perishable rules inside directories that are being removed", () => {
    const scope = listOf(["-p *.o", "+ a.o", "- *.c"]).at(ROOT);
    expect([scope.excludes("a.o", false), scope.excludes("a.o", false, true)]).toEqual([
      true,
      false,
    ]);
    expect(scope.excludes("a.c", false, true)).toBe(true);
  });

  test("finds what is excluded on the way to a path", () => {
    const scope = listOf(["- /a/b/"]).at(ROOT);
    expect(scope.excludesOnTheWay("a/b/c", false)).toBe(true);
    expect(scope.excludes("a/b/c", false)).toBe(false);
    expect([scope.excludesOnTheWay("a/b", false), scope.excludesOnTheWay("a/b", true)]).toEqual([
      false,
      true,
    ]);
  });

  test("counts rules without a side for the sender only with --delete-excluded", () => {
    const rules = ["- a", "-sr b", "P c", ":- .r", ": .s"];
    const options = { side: "receiver", deleteExcluded: true } as const;
    const files = { "/w/src/.r": "d\n", "/w/src/.s": "- e\nP f\n" };
    const [scope] = descend(listOf(rules, options), files, [""]);
    expect(hides(scope!, ["a", "b", "c", "d", "e", "f"])).toEqual(["b", "c", "f"]);
  });

  test("works when the transfer root is the root of the file system", () => {
    const scope = listOf([": /.r", "-/ /a/b"]).at("/");
    const inner = scope.enter("", (name) => (name === ".r" ? encodeByteString("- /c\n") : null));
    expect([inner.excludes("a/b", false), inner.excludes("c", false)]).toEqual([true, true]);
    expect(inner.excludes("a/c", false)).toBe(false);
  });
});

test("xattr rules are for attributes only, and switch off the usual choice", () => {
  const scope = listOf(["-x user.no*", "-x trusted.*", "- user.file"]).at(ROOT);
  const choice = { takesAll: false, takesOwn: false };
  const names = [
    "user.a",
    "user.none",
    "trusted.x",
    "system.acl",
    "user.rsync.%stat",
    "user.rsync.x",
  ];
  const chosen = (of: FilterScope, by: typeof choice) =>
    names.filter((name) => choosesXattr(of, name, by));
  expect(scope.excludes("user.none", false)).toBe(false);
  expect(chosen(scope, choice)).toEqual(["user.a", "system.acl", "user.rsync.x"]);
  const plain = listOf([]).at(ROOT);
  expect(chosen(plain, choice)).toEqual(["user.a", "user.none", "user.rsync.x"]);
  expect(chosen(plain, { takesAll: true, takesOwn: true })).toEqual([
    "user.a",
    "user.none",
    "trusted.x",
    "user.rsync.%stat",
    "user.rsync.x",
  ]);
});
