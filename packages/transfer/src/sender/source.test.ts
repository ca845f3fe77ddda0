import { createEntry } from "@tsrsync/protocol/file-list";
import { expect, test } from "vitest";
import { MAX_SOURCES, markSource, parseSourceArgument, sourceIndexOf } from "./source.js";

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

test("an entry remembers its source beside its other flags", () => {
  for (const index of [0, 1, MAX_SOURCES]) {
    const entry = createEntry("x", 0o100644, 0, 0, 0, 0, 0, markSource(index));
    entry.flags |= 0x7;
    expect(sourceIndexOf(entry)).toBe(index);
  }
});
