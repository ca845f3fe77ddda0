import { expect, test } from "vitest";
import type { OpenFilePolicy } from "../config/settings.js";
import { openPolicies } from "./open-policy.js";

const APPEND: OpenFilePolicy = { kind: "append", interval: 1 };
const EVERY: OpenFilePolicy = { kind: "every", interval: 2 };
const NEVER: OpenFilePolicy = { kind: "never" };

test("the first pattern that fits decides", () => {
  const policy = openPolicies([
    { pattern: "*.log", policy: APPEND },
    { pattern: "/db/*", policy: EVERY },
    { pattern: "b/c", policy: EVERY },
    { pattern: "*", policy: NEVER },
  ]);
  expect(policy("x.log")).toBe(APPEND);
  expect(policy("a/b/x.log")).toBe(APPEND);
  expect(policy("db/x")).toBe(EVERY);
  expect(policy("a/db/x")).toBe(NEVER);
  expect(policy("db/x/y")).toBe(NEVER);
  expect(policy("a/b/c")).toBe(EVERY);
  expect(policy("b/c")).toBe(EVERY);
  expect(policy("ab/c")).toBe(NEVER);
});

test("without a pattern files are sent when they are closed", () => {
  expect(openPolicies([])("x")).toEqual(NEVER);
});
