import { UnsupportedError } from "@tsrsync/protocol";
import { expect, test } from "vitest";
import { assertMungingIsSafe } from "./munge-guard.js";

test("only a directory makes munged links lead somewhere", () => {
  expect(() => assertMungingIsSafe("/")).toThrow(UnsupportedError);
  expect(() => assertMungingIsSafe("/proc/self")).toThrow(UnsupportedError);
  expect(() => assertMungingIsSafe("/dev/null")).not.toThrow();
  expect(() => assertMungingIsSafe("/no/such/directory")).not.toThrow();
});
