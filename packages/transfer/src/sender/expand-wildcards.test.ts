import { expect, test } from "vitest";
import { MemoryTree } from "../tree/index.js";
import { expandWildcards } from "./expand-wildcards.js";

const tree = new MemoryTree();
for (const path of ["a1", "a2", "b", "a1/x", "a2/x", "a2/y"]) tree.makeDirectory(path, 0o755);
tree.writeFile(".hidden", Buffer.from(""));

test.each([
  ["a*", ["a1", "a2"]],
  ["a*/x", ["a1/x", "a2/x"]],
  ["a?/[xy]/", ["a1/x/", "a2/x/", "a2/y/"]],
  ["*", [".hidden", "a1", "a2", "b"]],
  ["no*match", ["no*match"]],
  ["b", ["b"]],
  ["b/*", ["b/*"]],
  [".hidden/*", [".hidden/*"]],
])("%j stands for %j", async (pattern, expected) => {
  expect(await expandWildcards(tree, pattern)).toEqual(expected);
});
