import { expect, test } from "vitest";
import { errorName, exitLine, optionErrorLine } from "./error-line.js";

const origin = { file: "main.ts", line: 12, role: "sender", version: "0.1.0" } as const;

test("the last line of a failed run names the code", () => {
  expect(exitLine(23, origin)).toBe(
    "rsync error: some files/attrs were not transferred (see previous errors) (code 23) at main.ts(12) [sender=0.1.0]",
  );
});

test("vanished files are a warning", () => {
  expect(exitLine(24, origin)).toBe(
    "rsync warning: some files vanished before they could be transferred (code 24) at main.ts(12) [sender=0.1.0]",
  );
});

test("a code that nobody knows is unexplained", () => {
  expect(errorName(255)).toBe("unexplained error");
  expect(errorName(1)).toBe("syntax or usage error");
});

test("wrong options are told without a role", () => {
  expect(optionErrorLine("--foo: unknown option")).toBe("rsync: --foo: unknown option");
});
