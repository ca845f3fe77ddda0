import { expect, test } from "vitest";
import { MemoryTree } from "./memory-tree.js";
import { testTreeContract } from "./tree-contract.js";

testTreeContract({
  name: "MemoryTree",
  createPlace() {
    const base = new MemoryTree();
    return {
      base,
      open: (path, followLinks) => base.subtree(path).withLinks(followLinks),
      dispose() {},
    };
  },
  nanoseconds: true,
  nodes: true,
});

test("times come from the given clock", () => {
  const now = { seconds: 5, nanoseconds: 6 };
  const tree = new MemoryTree({ clock: () => now });
  tree.makeDirectory("d", 0o755);
  expect(tree.stat("d")).toMatchObject({ mtime: 5, mtimeNs: 6 });
});

test("a file that lost its name is still written by who has it open", () => {
  const tree = new MemoryTree();
  const { file, path } = tree.createTemporary("file", 0o644);
  tree.removeFile(path);
  file.write(Uint8Array.of(1));
  expect(file.stat()).toMatchObject({ size: 1, nlink: 0 });
});

test("devices keep their numbers", () => {
  const tree = new MemoryTree();
  tree.makeNode("null", 0o020666, 1, 3);
  expect(tree.stat("null")).toMatchObject({ mode: 0o020666, rdevMajor: 1, rdevMinor: 3 });
});
