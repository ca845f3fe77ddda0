import { closeSync, openSync, renameSync, writeFileSync, writeSync } from "node:fs";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { inotifyHub } from "../inotify/inotify-hub.js";
import { loadWriterTest } from "../inotify/writer-test.js";
import { keepReader, PLAIN, TestRoot } from "./testing-root.js";

describe.runIf(inotifyHub() !== null)("a file that is held open for writing", () => {
  let it: TestRoot;
  let file: number;
  beforeAll(() => keepReader());
  beforeEach(() => {
    it = new TestRoot();
    file = openSync(it.path("x.log"), "a");
    writeSync(file, "one");
  });
  afterEach(async () => {
    closeSync(file);
    await it.end();
  });

  test("is sent now and then when its policy says so, as long as it grows", async () => {
    const told = await it.watch({
      whileOpen: [{ pattern: "*.log", policy: { kind: "every", interval: 100 } }],
    });
    writeSync(file, "two");
    await expect.poll(() => told.take(), { timeout: 3000 }).toEqual(["x.log:0"]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(told.take()).toEqual([]);
    writeSync(file, "three");
    await expect.poll(() => told.take(), { timeout: 3000 }).toEqual(["x.log:0"]);
  });

  test("is told at each write where events.modify is on", async () => {
    await it.watch({ events: { ...PLAIN.events, modify: true } });
    writeSync(file, "two");
    expect(await it.marks()).toEqual(["x.log:0"]);
  });

  test("keeps its place in the open set under another name", async () => {
    await it.watch();
    writeSync(file, "two");
    await it.watcher.drain();
    renameSync(it.path("x.log"), it.path("y.log"));
    expect(await it.marksOfAnyForce()).toEqual([":0", "x.log:0", "y.log:0"]);
    expect(it.watcher.figures().openFiles).toBe(1);
    writeSync(file, "three");
    closeSync(file);
    file = openSync(it.path("y.log"), "r");
    expect(await it.marksOfAnyForce()).toEqual(["y.log:0"]);
    expect(it.watcher.figures().openFiles).toBe(0);
  });

  test("is not sent when a walk finds it", async () => {
    await it.watch();
    await it.watch(); // with a snapshot, in which it is too young to be trusted
    expect(it.recorder.take()).not.toContain("x.log:0");
    expect(it.watcher.figures().openFiles).toBe(1);
  });

  test("is found out by asking for a lease", () => {
    const hasWriter = loadWriterTest();
    expect(hasWriter(it.path("x.log"))).toBe(true);
    writeFileSync(it.path("other"), "");
    expect(hasWriter(it.path("other"))).toBe(false);
    expect(hasWriter(it.path("none"))).toBeNull();
  });
});

describe.runIf(inotifyHub() !== null)("switches of live.events", () => {
  let it: TestRoot;
  beforeAll(() => keepReader());
  beforeEach(() => {
    it = new TestRoot();
    writeFileSync(it.path("f"), "one");
  });
  afterEach(() => it.end());
  const off = (name: string) => ({ events: { ...PLAIN.events, [name]: false } });

  test.each([
    { name: "closeWrite", action: () => writeFileSync(it.path("f"), "two"), left: [] },
    { name: "delete", action: () => renameSync(it.path("f"), `${it.place}/f`), left: [] },
    { name: "moveFrom", action: () => renameSync(it.path("f"), `${it.place}/f`), left: [] },
    { name: "moveTo", action: () => renameSync(it.path("f"), it.path("g")), left: [":0", "f:0"] },
  ])("$name", async ({ name, action, left }) => {
    await it.watch(off(name));
    action();
    expect(await it.marks()).toEqual(left);
  });
});
