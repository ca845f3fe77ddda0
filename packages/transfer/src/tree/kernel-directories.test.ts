import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { AT_FDCWD, loadLinuxCalls, O_PATH } from "../linux/index.js";
import { KernelDirectories } from "./kernel-directories.js";
import { openat2Resolver, type Resolver } from "./kernel-resolver.js";

const calls = loadLinuxCalls();
const openCount = () => readdirSync("/proc/self/fd").length;

describe.runIf(calls !== null)("the open directories of a tree", () => {
  let place: string;
  let directories: KernelDirectories;
  let resolve: ReturnType<typeof vi.fn<Resolver>>;

  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), "tsrsync-directories-"));
    for (let i = 0; i < 100; i++) mkdirSync(`${place}/d${i}/e`, { recursive: true });
    resolve = vi.fn(openat2Resolver(calls!));
    const root = calls!.openAt(AT_FDCWD, place, O_PATH, 0);
    directories = new KernelDirectories(calls!, root, resolve, false);
  });
  afterEach(() => {
    directories.releaseHeld();
    vi.useRealTimers();
    rmSync(place, { recursive: true });
  });

  test("a directory is resolved once for many items", () => {
    for (let i = 0; i < 10; i++) directories.enter(`d1/item ${i}`, 0);
    expect(resolve).toHaveBeenCalledTimes(1);
    expect(directories.leaf).toBe("item 9");
    for (let i = 0; i < 10; i++) directories.enter(`d${1 + (i % 2)}/e/item`, 0);
    expect(resolve).toHaveBeenCalledTimes(3);
  });

  test("items of the root need no resolution", () => {
    expect(directories.enter("item")).toBe(directories.root);
    expect(directories.enter("")).toBe(directories.root);
    expect(directories.leaf).toBe(".");
    expect(resolve).not.toHaveBeenCalled();
  });

  test("few descriptors are held, the last used ones, and all are given back", () => {
    const before = openCount();
    for (let i = 0; i < 100; i++) {
      directories.enter("d0/kept in use", 0);
      directories.enter(`d${i}/item`, 0);
    }
    expect(directories.heldCount).toBe(32);
    expect(openCount() - before).toBe(32);
    resolve.mockClear();
    directories.enter("d0/item", 0);
    directories.enter("d99/item", 0);
    expect(resolve).not.toHaveBeenCalled();
    directories.releaseHeld();
    expect(openCount()).toBe(before);
  });

  test("after a while, and when the clock goes back, a directory is resolved again", () => {
    const before = openCount();
    directories.enter("d1/item", 1000);
    directories.enter("d1/item", 1050);
    expect(resolve).toHaveBeenCalledTimes(1);
    directories.enter("d1/item", 1051);
    expect(resolve).toHaveBeenCalledTimes(2);
    directories.enter("d1/item", 900);
    expect(resolve).toHaveBeenCalledTimes(3);
    expect(openCount() - before).toBe(1);
  });

  test("a name that changes takes along what lies below it, and nothing else", () => {
    for (const path of ["d1/x", "d1/e/x", "d10/x", "d2/x"]) directories.enter(path, 0);
    directories.nameChanges("d1");
    expect(directories.heldCount).toBe(2);
    resolve.mockClear();
    directories.enter("d10/x", 0);
    directories.enter("d2/x", 0);
    expect(resolve).not.toHaveBeenCalled();
  });

  test("a directory that is gone is noticed when asked", () => {
    directories.enter("d1/e/x");
    expect(directories.lastIsGone()).toBe(false);
    rmSync(`${place}/d1`, { recursive: true });
    expect(directories.lastIsGone()).toBe(true);
    expect(directories.heldCount).toBe(0);
    expect(directories.lastIsGone()).toBe(false);
  });

  test("a directory that was seen in this millisecond is not asked about by who may lag", () => {
    const now = vi.spyOn(Date, "now").mockReturnValue(1000);
    directories.enter("d1/e/x");
    rmSync(`${place}/d1`, { recursive: true });
    expect(directories.lastIsLongGone()).toBe(false);
    now.mockReturnValue(1001);
    expect(directories.lastIsLongGone()).toBe(true);
    now.mockRestore();
  });
});
