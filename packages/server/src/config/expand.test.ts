import { RsyncError } from "@tsrsync/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { expandModule, expandVariables } from "./expand.js";
import { createModule } from "./module-defaults.js";

const variables = { HOME: "/h", "A B": "blank", __proto__: null } as unknown as Record<
  string,
  string
>;

test.each([
  ["%HOME%/x", "/h/x"],
  ["100%%", "100%%"],
  ["%%HOME%%", "%/h%"],
  ["%home%", "%home%"],
  ["%NOPE%", "%NOPE%"],
  ["%HOME %HOME%%HOME%", "%HOME /h/h"],
  ["%A B%", "blank"],
  ["%HOME", "%HOME"],
  ["%constructor% %Constructor%", "%constructor% %Constructor%"],
])("%j becomes %j", (text, expanded) => {
  expect(expandVariables(text, variables)).toBe(expanded);
});

test("what was inserted is not expanded again", () => {
  expect(expandVariables("%A%", { A: "%B%", B: "x" })).toBe("%B%");
});

test("more than 2048 bytes of growth are refused", () => {
  const long = { A: "x".repeat(2048 + 3) };
  expect(expandVariables("%A%", long)).toHaveLength(2051);
  expect(() => expandVariables("%A%", { A: `${long.A}x` })).toThrow(RsyncError);
  expect(() => expandVariables("%A%%A%", long)).toThrow(expect.objectContaining({ exitCode: 22 }));
});

test("text without variables of the environment stays as it is", () => {
  fc.assert(fc.property(fc.string(), (text) => expandVariables(text, {}) === text));
});

test("a module's strings get the variables of a connection, its hooks do not", () => {
  const module = createModule({
    name: "m",
    path: "/home/%RSYNC_USER_NAME%",
    preXferExec: "echo %RSYNC_USER_NAME%",
    timeout: 5,
  });
  expect(expandModule(module, { RSYNC_USER_NAME: "joe" })).toEqual({
    ...module,
    path: "/home/joe",
  });
});
