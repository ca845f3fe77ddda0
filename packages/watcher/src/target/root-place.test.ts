import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { RootPlace } from "./root-place.js";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "tsrsync-place-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test("what a push reads is what the names mean when it begins, though another push read them just before", async () => {
  for (const [name, content] of [
    ["one", "1"],
    ["other", "22"],
  ] as const) {
    mkdirSync(`${root}/${name}`);
    writeFileSync(`${root}/${name}/file`, content);
  }
  const place = new RootPlace(root);
  expect((await place.look().stat("one/file"))?.size).toBe(1);
  renameSync(`${root}/one`, `${root}/gone`);
  renameSync(`${root}/other`, `${root}/one`);
  expect((await place.look().stat("one/file"))?.size).toBe(2);
  place.close();
});

test("a root that was replaced is another one for the next push", async () => {
  const place = new RootPlace(`${root}/top`);
  mkdirSync(`${root}/top`);
  expect(await place.look().stat("file")).toBe(null);
  renameSync(`${root}/top`, `${root}/old`);
  mkdirSync(`${root}/top`);
  writeFileSync(`${root}/top/file`, "");
  expect(await place.tree.stat("file")).toBe(null);
  expect((await place.look().stat("file"))?.size).toBe(0);
  rmSync(`${root}/top`, { recursive: true });
  expect(() => place.look()).toThrow("ENOENT");
});
