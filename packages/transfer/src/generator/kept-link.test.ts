import { expect, test } from "vitest";
import { MemoryTree } from "../tree/memory-tree.js";
import { throughKeptLink } from "./kept-link.js";

function build(): MemoryTree {
  const tree = new MemoryTree({ followLinks: true });
  tree.makeDirectory("real", 0o755);
  tree.makeDirectory("real/deep", 0o755);
  tree.writeFile("file", new Uint8Array(1));
  for (const [path, target] of [
    ["plain", "real"],
    ["chain", "plain/deep/.."],
    ["real/deep/up", "../../plain/deep"],
    ["to-file", "file"],
    ["dangling", "nothing"],
    ["out", "../elsewhere"],
    ["absolute", "/real"],
    ["round", "round"],
  ] as const) {
    tree.makeSymlink(path, target);
  }
  return tree;
}

test.each([
  ["real", "real"],
  ["plain", "real"],
  ["chain", "real"],
  ["real/deep/up", "real/deep"],
  ["plain/deep/up", "real/deep"],
])("%s leads to the directory %s", async (path, expected) => {
  const kept = await throughKeptLink(build(), path);
  expect(kept?.path).toBe(expected);
  expect((kept?.stat?.mode ?? 0) & 0o170000).toBe(0o040000);
});

test.each(["to-file", "dangling"])("%s is seen as the link that it is", async (path) => {
  const kept = await throughKeptLink(build(), path);
  expect(kept?.path).toBe(path);
  expect((kept?.stat?.mode ?? 0) & 0o170000).toBe(0o120000);
});

test.each(["out", "absolute", "round"])("%s is left alone", async (path) => {
  expect(await throughKeptLink(build(), path)).toBeNull();
});

test("nothing is nothing", async () => {
  expect(await throughKeptLink(build(), "nothing")).toEqual({ path: "nothing", stat: null });
});
