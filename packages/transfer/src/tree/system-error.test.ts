import { lstatSync } from "node:fs";
import { constants } from "node:os";
import { expect, test } from "vitest";
import { TreeError } from "./file-tree.js";
import { errorCode, errorNumber, errorText, reason, treeError } from "./system-error.js";

const thrownBy = (action: () => unknown): unknown => {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
};

test("Node's errors and a tree's read the same", () => {
  const errors = [
    thrownBy(() => lstatSync("/nothing/there")),
    treeError("ENOENT", "stat", "x"),
    treeError(constants.errno.ENOENT, "stat", "x"),
  ];
  for (const error of errors) {
    expect(errorCode(error)).toBe("ENOENT");
    expect(errorNumber(error)).toBe(2);
    expect(reason(error)).toBe("No such file or directory (2)");
  }
});

test("each errno of this system has a text", () => {
  for (const [code, number] of Object.entries(constants.errno)) {
    expect(errorText(code)).not.toMatch(/^Unknown/);
    expect(errorText(number)).not.toMatch(/^Unknown/);
  }
});

test("the texts are the C library's, not Node's", () => {
  expect(errorText("EACCES")).toBe("Permission denied");
  expect(errorText("EIO")).toBe("Input/output error");
  expect(errorText("ENOTSUP")).toBe("Operation not supported");
});

test("an errno that has no name keeps its number", () => {
  expect(reason(treeError(9999, "open", "x"))).toBe("Unknown error 9999 (9999)");
});

test.runIf(process.platform === "linux")("a damaged file system is named", () => {
  expect(reason(treeError(117, "open", "x"))).toBe("Structure needs cleaning (117)");
});

test("what is no system error gives its own message", () => {
  expect(reason(new RangeError("odd"))).toBe("odd");
  expect(reason("text")).toBe("text");
  expect(errorCode(null)).toBeNull();
  expect(errorCode(Object.assign(new Error(), { code: 5 }))).toBeNull();
  expect(errorNumber(undefined)).toBe(0);
});

test("the message names the operation and the path, escaped", () => {
  const error = treeError("EEXIST", "make directory", "a\n\x1bb");
  expect(error).toBeInstanceOf(TreeError);
  expect(error.message).toBe('make directory "a\\n\\u001bb": File exists (EEXIST)');
});
