import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AT_FDCWD, type LinuxCalls, loadLinuxCalls, O_PATH } from "../linux/index.js";
import { setModeWithoutFollowing } from "./kernel-mode.js";
import { type NodeTree, openTree } from "./node-tree.js";
import { errorCode } from "./system-error.js";

const calls = loadLinuxCalls();
const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;

/** Swaps the directory `d` and a link to the outside as fast as it can, until told to stop. */
const SWAPPER = `
  const { renameSync, symlinkSync, unlinkSync } = require("node:fs");
  const { parentPort, workerData: { root, stop } } = require("node:worker_threads");
  parentPort.postMessage("started");
  while (Atomics.load(stop, 0) === 0) {
    renameSync(root + "/d", root + "/moved");
    symlinkSync("../outside", root + "/d");
    unlinkSync(root + "/d");
    renameSync(root + "/moved", root + "/d");
  }
`;

describe.runIf(calls !== null)("a tree that the kernel confines", () => {
  let place: string;
  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), "tsrsync-kernel-"));
    mkdirSync(`${place}/root/d`, { recursive: true });
    mkdirSync(`${place}/outside`);
    writeFileSync(`${place}/outside/file`, "untouched", { mode: 0o600 });
  });
  afterEach(() => rmSync(place, { recursive: true }));

  const cases = (["openat2", "walk"] as const).flatMap((means) =>
    [true, false].map((followLinks) => ({ means, followLinks })),
  );
  test.each(cases)("holds while parents are swapped all the time (%j)", async (options) => {
    const stop = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(SWAPPER, {
      eval: true,
      workerData: { root: `${place}/root`, stop },
    });
    const ended = new Promise((resolve) => worker.once("exit", resolve));
    await new Promise((resolve) => worker.once("message", resolve));
    const outcomes = useWhileSwapped(`${place}/root`, options);
    Atomics.store(stop, 0, 1);
    await ended;
    expect(readdirSync(`${place}/outside`)).toEqual(["file"]);
    expect(readFileSync(`${place}/outside/file`, "utf8")).toBe("untouched");
    expect(statSync(`${place}/outside/file`).mode & 0o777).toBe(0o600);
    expect(outcomes.has("done")).toBe(true);
    for (const outcome of outcomes) expect(outcome).toMatch(/^(done|ELOOP|ENOENT|EAGAIN)$/);
  });

  /**
   * Writes, chmods and removes for a fifth of a second with fresh trees, which have nothing in hand yet; longer while nothing
   * has come through, as may be on a busy machine.
   */
  function useWhileSwapped(
    root: string,
    options: { followLinks: boolean; means: "openat2" | "walk" },
  ): Set<string | null> {
    const outcomes = new Set<string | null>();
    const attempt = (action: () => void): void => {
      try {
        action();
        outcomes.add("done");
      } catch (error) {
        outcomes.add(errorCode(error));
      }
    };
    const start = Date.now();
    const elapsed = () => Date.now() - start;
    while (elapsed() < 200 || (!outcomes.has("done") && elapsed() < 4000)) {
      const tree = openTree(root, options);
      attempt(() => tree.openForUpdate("d/file", 0o644).close());
      attempt(() => tree.setMode("d/file", 0o777));
      attempt(() => tree.setTimes("d/file", null, { seconds: 1, nanoseconds: 1 }));
      attempt(() => tree.removeFile("d/file"));
      attempt(() => {
        const { file, path } = tree.createTemporary("d/file", 0o600);
        file.close();
        tree.removeFile(path);
      });
      attempt(() => tree.list("d"));
      tree.close();
    }
    return outcomes;
  }

  test("gives back every descriptor", () => {
    const count = () => readdirSync("/proc/self/fd").length;
    const use = (tree: NodeTree): void => {
      tree.list("d");
      tree.createTemporary("d/file", 0o600).file.close();
      tree.makeSymlink("d/link", "../d/file");
      tree.statFollowing("d/link");
      tree.subtree("d").close();
      tree.subtree("").close();
      for (const path of ["d", "nothing", "d/nothing/x", "d/link/x", "d/link"]) {
        for (const action of [
          () => tree.open(path).close(),
          () => tree.setMode(path, 0o755),
          () => tree.subtree(path).close(),
          () => tree.list(path),
        ]) {
          try {
            action();
          } catch (error) {
            expect(errorCode(error)).not.toBeNull();
          }
        }
      }
      tree.removeFile("d/link");
    };
    const before = count();
    for (const { means, followLinks } of cases) {
      const tree = openTree(`${place}/root`, { means, followLinks });
      use(tree);
      tree.close();
      expect(count()).toBe(before);
    }
  });

  test("permissions are set without fchmodat2 too, and never through a link", () => {
    symlinkSync("../outside/file", `${place}/root/link`);
    writeFileSync(`${place}/root/file`, "");
    const old: LinuxCalls = { ...calls!, hasSetModeAt: false };
    const root = old.openAt(AT_FDCWD, `${place}/root`, O_PATH, 0);
    expect(setModeWithoutFollowing(old, root, "file", 0o4711)).toBe(0);
    expect(statSync(`${place}/root/file`).mode & 0o7777).toBe(0o4711);
    expect(setModeWithoutFollowing(old, root, "link", 0o777)).toBe(-constants.errno.ELOOP);
    expect(setModeWithoutFollowing(old, root, "nothing", 0o777)).toBe(-constants.errno.ENOENT);
    expect(statSync(`${place}/outside/file`).mode & 0o777).toBe(0o600);
  });

  test("a read-only file is updated by its owner, and stays read-only", () => {
    const file = `${place}/root/file`;
    writeFileSync(file, "old");
    chmodSync(file, 0o444);
    chmodSync(place, 0o755);
    if (isRoot) chownSync(file, NOBODY, NOBODY);
    // For the super-user nothing is read-only, so the test is somebody else for a moment.
    if (isRoot) process.seteuid?.(NOBODY);
    try {
      const tree = openTree(`${place}/root`, { followLinks: false });
      const update = tree.openForUpdate("file", 0o600);
      expect(statSync(file).mode & 0o777).toBe(0o444);
      update.write(Buffer.from("new"));
      update.close();
      tree.close();
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
    expect(readFileSync(file, "utf8")).toBe("new");
    expect(statSync(file).mode & 0o777).toBe(0o444);
  });

  test.runIf(isRoot)("somebody else's file is not made writable", () => {
    writeFileSync(`${place}/root/file`, "old", { mode: 0o644 });
    chmodSync(place, 0o755);
    process.seteuid?.(NOBODY);
    try {
      const tree = openTree(`${place}/root`, { followLinks: false });
      expect(() => tree.openForUpdate("file", 0o600)).toThrow(/EACCES|EPERM/);
      tree.close();
    } finally {
      process.seteuid?.(0);
    }
    expect(statSync(`${place}/root/file`).mode & 0o777).toBe(0o644);
  });

  test.runIf(isRoot)("device numbers survive being made and looked at", () => {
    const tree = openTree(`${place}/root`, { followLinks: false });
    tree.makeNode("device", 0o020600, 259, 70_000);
    expect(tree.stat("device")).toMatchObject({ rdevMajor: 259, rdevMinor: 70_000 });
    const checked = openTree(`${place}/root`, { followLinks: false, means: "paths" });
    expect(checked.stat("device")).toEqual(tree.stat("device"));
    expect(() => tree.open("device")).toThrow();
    tree.close();
  });

  test("what the kernel tells is what Node tells", () => {
    writeFileSync(`${place}/root/file`, "12345");
    const tree = openTree(`${place}/root`, { followLinks: false });
    const checked = openTree(`${place}/root`, { followLinks: false, means: "paths" });
    tree.setTimes("file", { seconds: -5, nanoseconds: 7 }, { seconds: 2 ** 33, nanoseconds: 9 });
    for (const path of ["", "d", "file"]) expect(tree.stat(path)).toEqual(checked.stat(path));
    expect(tree.stat("file")).toMatchObject({ atime: -5, atimeNs: 7, mtime: 2 ** 33, mtimeNs: 9 });
    tree.close();
  });
});
