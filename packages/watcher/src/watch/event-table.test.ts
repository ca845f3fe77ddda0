import { execFileSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { inotifyHub } from "../inotify/inotify-hub.js";
import { keepReader, TestRoot } from "./testing-root.js";

describe.runIf(inotifyHub() !== null)("what each event means", () => {
  let it: TestRoot;
  beforeAll(() => keepReader());
  beforeEach(() => {
    it = new TestRoot();
  });
  afterEach(() => it.end());

  test("a file that is made, written and closed is marked once it is closed", async () => {
    await it.watch();
    const file = openSync(it.path("f"), "w");
    writeSync(file, "one");
    expect(await it.marks()).toEqual([":0"]);
    expect(it.watcher.figures().openFiles).toBe(1);
    closeSync(file);
    expect(await it.marks()).toEqual(["f:0"]);
    expect(it.watcher.figures().openFiles).toBe(0);
  });

  test("a directory is touched by the names that come and go in it, and changed by nothing else", async () => {
    mkdirSync(it.path("d"));
    writeFileSync(it.path("d/old"), "one");
    await it.watch({ isHidden: (path) => path.endsWith(".swp") });
    const told = async (isTouched: boolean): Promise<string[]> => {
      await it.watcher.drain();
      const marks = it.recorder.marks.filter(({ touched = false }) => touched === isTouched);
      return [...new Set(marks.map(({ path }) => path))].sort();
    };
    const file = openSync(it.path("d/new"), "w");
    expect([await told(true), await told(false)]).toEqual([["d"], []]);
    closeSync(file);
    unlinkSync(it.path("d/old"));
    expect([await told(true), await told(false)]).toEqual([["d"], ["d/new", "d/old"]]);
    it.recorder.marks = [];
    writeFileSync(it.path("d/.new.swp"), "x");
    expect([await told(true), await told(false)]).toEqual([["d"], []]);
    it.recorder.marks = [];
    mkdirSync(it.path("d/made"));
    expect([await told(true), await told(false)]).toEqual([["d"], ["d/made"]]);
    chmodSync(it.path("d"), 0o700);
    expect(await told(false)).toEqual(["d", "d/made"]);
  });

  test("an append is marked when the file is closed", async () => {
    writeFileSync(it.path("f"), "one");
    await it.watch();
    const file = openSync(it.path("f"), "a");
    writeSync(file, "two");
    expect(await it.marks()).toEqual([]);
    closeSync(file);
    expect(await it.marks()).toEqual(["f:0"]);
  });

  test("a file closed without having been written to may have been changed through a mapping", async () => {
    writeFileSync(it.path("f"), "one");
    await it.watch();
    closeSync(openSync(it.path("f"), "r+"));
    expect(await it.marks()).toEqual(["f:0!"]);
  });

  test("truncate by path is found although nothing is closed", async () => {
    writeFileSync(it.path("f"), "one");
    await it.watch();
    execFileSync("python3", ["-c", `import os; os.truncate(${JSON.stringify(it.path("f"))}, 1)`]);
    expect(await it.marks()).toEqual(["f:0"]);
  });

  test("a link made from an unnamed file is found without a close event", async () => {
    await it.watch();
    const script = `import os
d=os.open(${JSON.stringify(it.root)}, os.O_RDONLY)
f=os.open(${JSON.stringify(it.root)}, os.O_TMPFILE|os.O_RDWR)
os.write(f, b"x")
os.link("/proc/self/fd/%d" % f, "f", dst_dir_fd=d, follow_symlinks=True)
`;
    execFileSync("python3", ["-c", script]);
    expect(await it.marks()).toEqual([":0", "f:0"]);
  });

  test("what was written through a new link is found, though the link is gone when the other name is looked for", async () => {
    writeFileSync(it.path("f"), "one");
    await it.watch({ hardLinks: true });
    linkSync(it.path("f"), it.path("g"));
    // The link is seen; the search for the other names of the file waits for more of them.
    await expect.poll(() => it.watcher.figures().events).toBeGreaterThan(0);
    await delay(20);
    writeFileSync(it.path("g"), "two");
    unlinkSync(it.path("g"));
    expect(await it.marks()).toContain("f:0");
  });

  test("links and special files are marked when they are made", async () => {
    writeFileSync(it.path("f"), "one");
    await it.watch();
    symlinkSync("f", it.path("symlink"));
    linkSync(it.path("f"), it.path("link"));
    execFileSync("mkfifo", [it.path("fifo")]);
    expect(await it.marks()).toEqual([":0", "fifo:0", "link:0", "symlink:0"]);
  });

  test("all names of a file are marked, also when it is changed under one of them", async () => {
    mkdirSync(it.path("d"));
    writeFileSync(it.path("f"), "one");
    await it.watch({ hardLinks: true });
    linkSync(it.path("f"), it.path("d/g"));
    expect(await it.marks()).toEqual(["d/g:0", "d:0", "f:0"]);
    writeFileSync(it.path("d/g"), "two");
    expect(await it.marksOfAnyForce()).toEqual(["d/g:0", "f:0"]);
    renameSync(it.path("d"), it.path("e"));
    await it.marks();
    chmodSync(it.path("f"), 0o600);
    expect(await it.marksOfAnyForce()).toEqual(["e/g:0", "f:0"]);
  });

  test("what was written by way of a name that is gone is found under the others", async () => {
    writeFileSync(it.path("f"), "one");
    linkSync(it.path("f"), it.path("g"));
    await it.watch({ hardLinks: true });
    writeFileSync(it.path("g"), "two");
    unlinkSync(it.path("g"));
    expect(await it.marksOfAnyForce()).toEqual([":0", "f:0", "g:0"]);
  });

  test("a rename marks both names, and tells that they belong together", async () => {
    mkdirSync(it.path("d"));
    writeFileSync(it.path("f"), "one");
    utimesSync(it.path("f"), 1, 1);
    const told = await it.watch();
    renameSync(it.path("f"), it.path("d/g"));
    expect(await it.marks()).toEqual([":0", "d/g:0!", "d:0", "f:0"]);
    expect(told.takeRenames()).toEqual(["f>d/g"]);
  });

  test("a file that takes the place of another one, just written or long ago, is not taken for the same", async () => {
    for (const name of ["f", "g", "h"]) {
      writeFileSync(it.path(name), name);
      utimesSync(it.path(name), 1, 1);
    }
    await it.watch();
    writeFileSync(it.path("f.tmp"), "two");
    renameSync(it.path("f.tmp"), it.path("f"));
    expect(await it.marks()).toContain("f:0!");
    renameSync(it.path("g"), it.path("h"));
    expect(await it.marks()).toEqual([":0", "g:0", "h:0!"]);
  });

  test("a directory that is renamed stays watched under its new name", async () => {
    mkdirSync(it.path("d/e"), { recursive: true });
    const told = await it.watch();
    const { watches } = it.watcher.figures();
    renameSync(it.path("d"), it.path("n"));
    expect(await it.marks()).toEqual([":0", "d:2", "n:1"]);
    expect(told.takeRenames()).toEqual(["d>n/"]);
    writeFileSync(it.path("n/e/f"), "one");
    expect(await it.marks()).toEqual(["n/e/f:0", "n/e:0"]);
    expect(it.watcher.figures().watches).toBe(watches);
  });

  test("directories that change places are each watched in the right one", async () => {
    mkdirSync(it.path("a/in-a"), { recursive: true });
    mkdirSync(it.path("b/in-b"), { recursive: true });
    await it.watch();
    const script = `import ctypes, os
libc=ctypes.CDLL(None)
os.chdir(${JSON.stringify(it.root)})
assert libc.renameat2(-100, b"a", -100, b"b", 2) == 0
`;
    execFileSync("python3", ["-c", script]);
    expect(await it.marks()).toEqual([":0", "a:2!", "b:2!"]);
    writeFileSync(it.path("a/in-b/f"), "");
    writeFileSync(it.path("b/in-a/g"), "");
    expect(await it.marks()).toEqual(["a/in-b/f:0", "a/in-b:0", "b/in-a/g:0", "b/in-a:0"]);
    expect(it.watcher.figures().watches).toBe(5);
  });

  test("what is moved in is marked as a whole, and watched", async () => {
    mkdirSync(`${it.place}/d/e`, { recursive: true });
    await it.watch();
    renameSync(`${it.place}/d`, it.path("d"));
    expect(await it.marks()).toEqual([":0", "d:1"]);
    writeFileSync(it.path("d/e/f"), "one");
    expect(await it.marks()).toEqual(["d/e/f:0", "d/e:0"]);
  });

  test("what is moved out is marked, and its watches are given back", async () => {
    mkdirSync(it.path("d/e"), { recursive: true });
    await it.watch();
    renameSync(it.path("d"), `${it.place}/d`);
    expect(await it.marks()).toEqual([":0", "d:2"]);
    expect(it.watcher.figures().watches).toBe(1);
    writeFileSync(`${it.place}/d/e/f`, "one");
    expect(await it.marks()).toEqual([]);
  });

  test("a move out is told without anyone asking", async () => {
    writeFileSync(it.path("f"), "");
    const told = await it.watch();
    renameSync(it.path("f"), `${it.place}/f`);
    await expect.poll(() => told.take()).toEqual([":0", "f:0"]);
  });

  test("what was made in a new directory before it was watched is found", async () => {
    await it.watch();
    execFileSync("sh", [
      "-c",
      `mkdir -p ${it.path("a/b/c")} && echo x >${it.path("a/b/c/f")} && ln -s f ${it.path("a/b/l")}`,
    ]);
    const marks = await it.marks();
    expect(marks).toEqual(expect.arrayContaining(["a:0", "a/b:0", "a/b/c:0", "a/b/c/f:0"]));
    expect(marks).toContain("a/b/l:0");
    writeFileSync(it.path("a/b/c/g"), "");
    expect(await it.marks()).toEqual(["a/b/c/g:0", "a/b/c:0"]);
  });

  test("a directory that is deleted is marked, and forgotten", async () => {
    mkdirSync(it.path("d/e"), { recursive: true });
    writeFileSync(it.path("d/e/f"), "one");
    await it.watch();
    rmSync(it.path("d"), { recursive: true });
    expect(await it.marks()).toContain("d:0");
    expect(it.watcher.figures().watches).toBe(1);
  });

  test("a name may become another kind of thing", async () => {
    mkdirSync(it.path("d"));
    writeFileSync(it.path("f"), "one");
    await it.watch();
    rmdirSync(it.path("d"));
    writeFileSync(it.path("d"), "");
    unlinkSync(it.path("f"));
    mkdirSync(it.path("f"));
    expect(await it.marksOfAnyForce()).toEqual([":0", "d:0", "f:0"]);
    writeFileSync(it.path("f/g"), "");
    expect(await it.marks()).toEqual(["f/g:0", "f:0"]);
  });

  test("changes of attributes are marked", async () => {
    mkdirSync(it.path("d"));
    writeFileSync(it.path("f"), "one");
    await it.watch();
    chmodSync(it.path("f"), 0o600);
    expect(await it.marks()).toEqual(["f:0"]);
    utimesSync(it.path("d"), 1, 1);
    expect(await it.marks()).toEqual(["d:0"]);
    chmodSync(it.root, 0o750);
    expect(await it.marks()).toEqual([":0"]);
  });

  test("names are bytes", async () => {
    await it.watch();
    const name = Buffer.from([0xff, 0x0a, 0x24, 0x80]);
    const parent = Buffer.concat([Buffer.from(`${it.root}/`), name]);
    mkdirSync(parent);
    writeFileSync(Buffer.concat([parent, Buffer.from("/"), name]), "");
    const bytes = name.toString("latin1");
    const marks = await it.marks();
    expect(marks).toContain(`${bytes}:0`);
    expect(marks).toContain(`${bytes}/${bytes}:0`);
    writeFileSync(Buffer.concat([parent, Buffer.from("/"), name]), "x");
    expect(await it.marksOfAnyForce()).toEqual([`${bytes}/${bytes}:0`]);
  });

  test("what is hidden is neither marked nor watched, but the time of its directory is mirrored", async () => {
    mkdirSync(it.path("d/hidden/e"), { recursive: true });
    await it.watch({ isHidden: (path) => path.endsWith("hidden") });
    expect(it.watcher.figures().watches).toBe(2);
    writeFileSync(it.path("hidden"), "");
    writeFileSync(it.path("d/hidden/e/f"), "");
    expect(await it.marks()).toEqual([":0"]);
    writeFileSync(it.path("hidden"), "again");
    expect(await it.marks()).toEqual([]);
    renameSync(it.path("hidden"), it.path("seen"));
    expect(await it.marksOfAnyForce()).toEqual([":0", "seen:0"]);
    renameSync(it.path("d/hidden"), it.path("d/seen"));
    writeFileSync(it.path("d/seen/e/g"), "");
    expect(await it.marks()).toEqual(expect.arrayContaining(["d/seen:1", "d:0"]));
    writeFileSync(it.path("d/seen/e/h"), "");
    expect(await it.marks()).toEqual(["d/seen/e/h:0", "d/seen/e:0"]);
  });
});
