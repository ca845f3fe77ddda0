import { createEntry } from "@tsrsync/protocol/file-list";
import { expect, test } from "vitest";
import {
  clampName,
  MAX_SOURCES,
  markSource,
  parseRelativeArgument,
  parseSourceArgument,
  sourceIndexOf,
} from "./source.js";

// spec 4-command, 7.1
test.each([
  ["a/b", "a", "b"],
  ["b", ".", "b"],
  ["/b", "/", "b"],
  ["a/b/", "a/b", "."],
  ["a/b/.", "a/b", "."],
  ["a/b/./", "a/b/.", "."],
  ["a/b//", "a/b", "."],
  ["a/b/..", "a/b/..", "."],
  ["..", "..", "."],
  [".", ".", "."],
  ["./", ".", "."],
  ["", ".", "."],
  ["/", "/", "."],
])("%j enters %j and lists %j", (path, directory, name) => {
  expect(parseSourceArgument(path)).toEqual({ directory, name });
});

test.each([
  ["a/b", ".", "a/b", false, false],
  ["/a//b", "/", "a/b", false, false],
  ["/", "/", ".", true, false],
  ["./a/b", ".", "a/b", false, true],
  ["a/./b/c", "a", "b/c", false, false],
  ["/a/b/./c/", "/a/b", "c", true, false],
  ["a/./b/./c", "a", "b/c", false, false],
  ["a/b/", ".", "a/b", true, false],
  ["a/b/.", ".", "a/b", true, false],
  ["a/./", "a", ".", true, false],
  [".", ".", ".", true, false],
  ["./", ".", ".", true, false],
])("with --relative %j enters %j and lists %j", (path, directory, name, contents, dotted) => {
  expect(parseRelativeArgument(path)).toEqual({ directory, name, contents, dotted });
});

test.each([
  ["a/b", "a/b"],
  ["/a//b", "a/b"],
  ["../../a", "a"],
  ["a/../../b", "b"],
  ["a/./b", "a/./b"],
  ["a/b/", "a/b/"],
  ["a/b/..", "a/"],
  ["a/..", ""],
])("the name %j of a list stays inside as %j", (name, clamped) => {
  expect(clampName(name)).toBe(clamped);
});

test("an entry remembers its source beside its other flags", () => {
  for (const index of [0, 1, MAX_SOURCES]) {
    const entry = createEntry("x", 0o100644, 0, 0, 0, 0, 0, markSource(index));
    entry.flags |= 0x7;
    expect(sourceIndexOf(entry)).toBe(index);
  }
});
