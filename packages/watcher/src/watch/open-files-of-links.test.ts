import {
  chmodSync,
  closeSync,
  linkSync,
  openSync,
  renameSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { inotifyHub } from "../inotify/inotify-hub.js";
import { keepReader, TestRoot } from "./testing-root.js";

/** The kernel tells nothing of what is written through a name that is gone: the end is found by asking for writers. */
describe.runIf(inotifyHub() !== null)("a file with several names that is written to", () => {
  afterAll(keepReader());
  let tree: TestRoot;
  let file = -1;
  beforeEach(() => {
    tree = new TestRoot();
  });
  afterEach(async () => {
    await tree.end();
  });

  function finish(): void {
    writeSync(file, "more");
    closeSync(file);
  }

  test("through its first name, gone since: the other one is marked at the end", async () => {
    await tree.watch({ hardLinks: true });
    file = openSync(tree.path("first"), "a");
    writeSync(file, "some");
    await tree.marks();
    linkSync(tree.path("first"), tree.path("second"));
    await tree.marks();
    unlinkSync(tree.path("first"));
    await tree.marks();
    finish();
    expect(await tree.marks()).toEqual(["second:0"]);
  });

  test("through a name that was there when the watch began", async () => {
    file = openSync(tree.path("first"), "a");
    writeSync(file, "some");
    linkSync(tree.path("first"), tree.path("second"));
    await tree.watch({ hardLinks: true });
    await tree.marks();
    unlinkSync(tree.path("first"));
    await tree.marks();
    finish();
    expect(await tree.marks()).toEqual(["second:0"]);
  });

  test.each<[string, (tree: TestRoot) => void]>([
    ["deleted", (of) => unlinkSync(of.path("first"))],
    ["moved out", (of) => renameSync(of.path("first"), `${of.place}/first`)],
    ["covered by another", (of) => renameSync(of.path("third"), of.path("first"))],
  ])("through a name that was opened later and %s then", async (_, lose) => {
    writeFileSync(tree.path("first"), "1");
    linkSync(tree.path("first"), tree.path("second"));
    writeFileSync(tree.path("third"), "3");
    await tree.watch({ hardLinks: true });
    await tree.marks();
    file = openSync(tree.path("first"), "a");
    writeSync(file, "some");
    await tree.marks();
    lose(tree);
    await tree.marks();
    finish();
    expect(await tree.marks()).toContain("second:0");
  });

  test.each<[string, (name: string, outside: string) => void]>([
    ["deleted", (name) => unlinkSync(name)],
    ["moved out", (name, outside) => renameSync(name, outside)],
  ])("through a new name that was %s before anybody could look", async (_, lose) => {
    for (const name of ["file", "linked"]) writeFileSync(tree.path(name), name);
    linkSync(tree.path("linked"), tree.path("also"));
    await tree.watch({ hardLinks: true });
    await tree.marks();
    for (let round = 0; round < 5; round++) {
      linkSync(tree.path("file"), tree.path("new"));
      chmodSync(tree.path("new"), 0o600 + round);
      lose(tree.path("new"), `${tree.place}/out-${round}`);
      expect(await tree.marks()).toContain("file:0");
    }
  });
});
