import fc from "fast-check";
import { expect, test } from "vitest";
import { compileWildcard, floating, wildmatch } from "./wildmatch.js";

const matches = (pattern: string, text: string): boolean =>
  wildmatch(compileWildcard(pattern), text);

/** The plainest matcher there is, for patterns of letters, `?`, stars and slashes: exponential, and surely right. */
function oracle(pattern: string, text: string): boolean {
  if (pattern === "") return text === "";
  const star = /^\*+/.exec(pattern)?.[0] ?? "";
  if (star !== "") {
    if (oracle(pattern.slice(star.length), text)) return true;
    return text !== "" && (star !== "*" || text[0] !== "/") && oracle(pattern, text.slice(1));
  }
  const fits = pattern[0] === "?" ? text[0] !== "/" && text !== "" : pattern[0] === text[0];
  return fits && oracle(pattern.slice(1), text.slice(1));
}

/** How often the matcher looks at a byte of the text. */
function countSteps(pattern: string, text: string): { steps: number; matched: boolean } {
  let steps = 0;
  const counted = {
    length: text.length,
    charCodeAt: (at: number) => {
      steps++;
      return text.charCodeAt(at);
    },
  };
  return { matched: wildmatch(compileWildcard(pattern), counted), steps };
}

test("it agrees with a plain recursive matcher", () => {
  const parts = fc.constantFrom("a", "b", "/", "*", "**", "?", "a/", "/b", "*a", "**b");
  const pattern = fc.array(parts, { maxLength: 8 }).map((list) => list.join(""));
  const text = fc
    .array(fc.constantFrom("a", "b", "/", "ab", "/a"), { maxLength: 9 })
    .map((list) => list.join(""));
  fc.assert(
    fc.property(pattern, text, (p, t) => {
      expect(matches(p, t)).toBe(oracle(p, t));
    }),
    { numRuns: 20_000 },
  );
});

test("a floating pattern matches at the start of any path element", () => {
  const pattern = floating(compileWildcard("a/**/b"));
  expect(wildmatch(pattern, "/a/x/b")).toBe(true);
  expect(wildmatch(pattern, "/y/a/x/b")).toBe(true);
  expect(wildmatch(pattern, "/ya/x/b")).toBe(false);
});

// The worst that a peer may send: patterns and paths of 4096 bytes.
test.each([
  ["single stars", "a*".repeat(1000), "a".repeat(4000), "b"],
  ["double stars", "a**".repeat(1000), "a".repeat(4000), "b"],
  ["single behind double stars", `**${"a*".repeat(1000)}`, "a".repeat(4000), "/b"],
  ["elements behind double stars", `**${"/*a*".repeat(500)}`, "/aaa".repeat(1000), "/b"],
  ["restarts of a double star", "**a*a*a*", `${"a".repeat(4000)}/cc`, "/b"],
  ["restarts in each element", "**/*a*a*", "/aaaa".repeat(800), "/b"],
  ["mixed stars", "**a*".repeat(700), "aa/a".repeat(1000), "b"],
  ["long literals behind a star", `*${"a".repeat(2000)}b`, "a".repeat(4000), ""],
  ["long literals behind a double star", `**${"a".repeat(2000)}b`, "/".repeat(4000), ""],
])("steps stay below pattern times text: %s", (_, pattern, text, tail) => {
  const { steps, matched } = countSteps(`${pattern}${tail}`, text);
  expect(matched).toBe(false);
  expect(steps).toBeLessThanOrEqual(pattern.length * text.length);
});

test("the classic exponential pattern takes linear time", () => {
  const { steps } = countSteps(`${"a*".repeat(50)}b`, "a".repeat(2000));
  expect(steps).toBeLessThan(3 * 2000);
});

test("comparison is bytewise: a two-byte character needs two question marks", () => {
  expect(matches("?", "\xc3\xa9")).toBe(false);
  expect(matches("??", "\xc3\xa9")).toBe(true);
  expect(matches("[\xc3][\xa9]", "\xc3\xa9")).toBe(true);
});

// Observed with rsync 3.5.0.
test.each([
  ["[a-\\c]", "abc", "-d"],
  ["[\\a-\\b]", "ab", "-\\"],
  ["[[:alpha:]-z]", "aZ-z", "1"],
  ["[b-a]", "b", "a-"],
  ["[--a]", "-1Aa", "b"],
  ["[!]-a]", "bA1", "]^_a"],
  ["[[:digit:][:upper:]]", "1A", "a:["],
  ["[[:punct:]]", "!/".slice(0, 1), "a/"],
])("%s matches each of %j and none of %j", (pattern, members, others) => {
  for (const char of members) expect([char, matches(pattern, char)]).toEqual([char, true]);
  for (const char of others) expect([char, matches(pattern, char)]).toEqual([char, false]);
});

test.each(["[a", "[", "[]", "[!]", "[[:nosuch:]]", "[a\\", "*\\"])(
  "%s never matches",
  (pattern) => {
    for (const text of ["a", "[a", "[", "]", "", pattern, "n", "\\"]) {
      expect(matches(pattern, text)).toBe(false);
    }
  },
);

test("any pattern and any text give an answer", () => {
  const bytes = fc
    .uint8Array({ maxLength: 40 })
    .map((list) => Buffer.from(list).toString("latin1"));
  const special = fc
    .array(fc.constantFrom("[", "]", "!", "^", "-", "\\", "*", "?", ":", "a", "/"), {
      maxLength: 30,
    })
    .map((list) => list.join(""));
  fc.assert(
    fc.property(fc.oneof(bytes, special), fc.oneof(bytes, special), (pattern, text) => {
      expect(typeof matches(pattern, text)).toBe("boolean");
    }),
    { numRuns: 2000 },
  );
});
