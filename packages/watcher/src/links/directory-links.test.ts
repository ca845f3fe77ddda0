import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSourceTree } from "../batch/source-tree.js";
import { DirectoryLinks } from "./directory-links.js";
import { openFollowedTree } from "./followed-tree.js";

let work = "";
beforeAll(() => {
  work = mkdtempSync(`${tmpdir()}/tsrsync-links-`);
  for (const path of ["root/a/b", "root/x", "root/y", "outside/deep/er"])
    mkdirSync(`${work}/${path}`, { recursive: true });
  writeFileSync(`${work}/root/file`, "1");
  writeFileSync(`${work}/outside/deep/file`, "1");
  const links = {
    inside: "a/b",
    "\xff\xfe": "a",
    absolute: `${work}/outside`,
    through: "absolute/deep",
    toFile: "file",
    nowhere: "gone",
    itself: "itself",
    here: ".",
    up: "..",
    "a/b/top": "../..",
    "a/b/self": "../b",
    "a/beside": "../x",
    "x/y": "../y",
    "y/x": "../x",
  };
  for (const [path, target] of Object.entries(links))
    symlinkSync(target, Buffer.from(`${work}/root/${path}`, "latin1"));
  symlinkSync("er", `${work}/outside/deep/down`);
  symlinkSync("..", `${work}/outside/deep/back`);
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const links = () => new DirectoryLinks(`${work}/root`);

describe("a link is the directory that it leads to", () => {
  test.each([
    ["inside", "root/a/b"],
    ["\xff\xfe", "root/a"],
    ["absolute", "outside"],
    ["through", "outside/deep"],
    ["a/beside", "root/x"],
    ["x/y", "root/y"],
    ["absolute/deep/down", "outside/deep/er"],
  ])("%j", (path, place) => {
    expect(links().behind(path)?.ino).toBe(statSync(`${work}/${place}`, { bigint: true }).ino);
    expect(links().isCircle(path)).toBe(false);
  });
});

describe("a link stays a link", () => {
  test.each(["toFile", "nowhere", "itself", "gone/link"])(
    "%s: it leads to no directory",
    (path) => {
      expect(links().behind(path)).toBeNull();
      expect(links().isCircle(path)).toBe(false);
    },
  );

  test.each([
    ["here", "the root"],
    ["up", "what the root lies in"],
    ["a/b/top", "the root, from below"],
    ["a/b/self", "its own directory"],
    ["\xff\xfe/b/top", "the root, by way of another link"],
    ["inside/self", "its own directory, by way of another link"],
    ["absolute/deep/back", "what a link led to"],
    ["x/y/x", "the directory of the link before it"],
  ])("%j: it leads in a circle, to %s", (path) => {
    expect(links().behind(path)).toBeNull();
    expect(links().isCircle(path)).toBe(true);
  });
});

test("all who look at the source see the same", () => {
  const root = `${work}/root`;
  const source = openSourceTree(root, links());
  const sent = openFollowedTree(root);
  const isDirectory = (mode: number) => (mode & 0o170000) === 0o040000;
  for (const path of ["inside", "through", "up", "toFile", "nowhere", "x/y", "x/y/x"]) {
    const look = source.lstat(path);
    const stat = sent.stat(path);
    if (look === null || look === "unreadable" || stat === null) throw new Error(path);
    expect(isDirectory(look.mode), path).toBe(links().behind(path) !== null);
    expect([stat.mode, stat.ino, stat.size], path).toEqual([look.mode, look.inode, look.size]);
  }
  expect(sent.list("through").sort()).toEqual(source.list("through")!.toSorted());
  expect(sent.stat("through/file")?.size).toBe(1);
  expect(sent.readLink("up")).toBe("..");
  sent.close();
});
