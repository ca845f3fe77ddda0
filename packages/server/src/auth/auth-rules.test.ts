import { describe, expect, test } from "vitest";
import { matchAuthRules, parseAuthRules, requiresLogin } from "./auth-rules.js";

const GROUPS: Record<string, string[]> = { joe: ["staff", "wheel"], sue: ["users"] };

const match = (list: string, user: string) =>
  matchAuthRules(parseAuthRules(list), user, (name) => GROUPS[name] ?? []);

describe("the first rule that matches decides", () => {
  test.each([
    ["joe", "joe", null],
    ["joe:RO", "joe", "ro"],
    ["joe:rwx", "joe", "rw"],
    ["joe:Deny *", "joe", "deny"],
    ["joe:d", "joe", "deny"],
    ["joe:", "joe", null],
    ["joe:x:deny", "joe", null],
    ["j?e:rw joe:deny", "joe", "rw"],
    ["*:ro", "sue", "ro"],
    ["[!j]*:ro,*:rw", "joe", "rw"],
    [", joe smith:rw", "joe smith", "rw"],
  ])("%j and %s: %s", (list, user, access) => {
    expect(match(list, user)).toEqual({ access, group: null });
  });
});

test.each([
  ["Joe", "joe"],
  ["*", "a/b"],
  [", sue : rw", "sue"],
  ["joe", ""],
  ["", "joe"],
  [",", "joe"],
])("%j has no rule for %j", (list, user) => expect(match(list, user)).toBeNull());

test("a group rule names the group that matched, and is for users of the system only", () => {
  expect(match("@w*:ro @staff:rw", "joe")).toEqual({ access: "ro", group: "wheel" });
  expect(match("@w* @users:deny", "sue")).toEqual({ access: "deny", group: "users" });
  expect(match("@*", "ghost")).toBeNull();
});

test("blanks ask for no login, commas alone for one that nobody passes", () => {
  expect(requiresLogin({ authUsers: " \t" })).toBe(false);
  expect(requiresLogin({ authUsers: "," })).toBe(true);
});
