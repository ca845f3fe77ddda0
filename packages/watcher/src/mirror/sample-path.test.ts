import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { byteStringFromText } from "@tsrsync/protocol/wire";
import { afterAll, expect, test } from "vitest";
import { openSourceTree } from "../batch/source-tree.js";
import { samplePath } from "./sample-path.js";

const root = mkdtempSync(`${tmpdir()}/tsrsync-sample-`);
afterAll(() => rmSync(root, { recursive: true }));

test("every path that is mirrored is picked sooner or later, and no other one", () => {
  mkdirSync(`${root}/a/b`, { recursive: true });
  mkdirSync(`${root}/empty`);
  mkdirSync(`${root}/hidden`);
  for (const name of ["x", "a/y", "a/b/z", "hidden/h"]) writeFileSync(`${root}/${name}`, "");
  const space = {
    tree: openSourceTree(byteStringFromText(root)),
    filter: { isHidden: (path: string) => path === "hidden" },
    oneFileSystem: true,
  };
  const picked = new Set<string | null>();
  for (let count = 0; count < 500; count++) picked.add(samplePath(space));
  expect([...picked].sort()).toEqual(["a/b/z", "a/y", "empty", "x"]);
  const nothing = { ...space, filter: { isHidden: () => true } };
  expect(samplePath(nothing)).toBeNull();
});
