import {
  chmodSync,
  mkdirSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { inotifyHub } from "../inotify/inotify-hub.js";
import { limitedHub } from "./testing-limits.js";
import { TestMirror } from "./testing-mirror.js";
import { keepReader, TestRoot } from "./testing-root.js";

describe("directories without a watch", () => {
  let it: TestRoot;
  beforeAll(() => keepReader());
  beforeEach(() => {
    it = new TestRoot();
    mkdirSync(it.path("d/e"), { recursive: true });
    writeFileSync(it.path("d/e/f"), "one");
    writeFileSync(it.path("d/g"), "one");
  });
  afterEach(() => it.end());

  /** What has changed only just now is looked at twice. */
  const watchOldFiles = async (): Promise<void> => {
    await delay(300);
    await it.watch({ backend: "poll" });
    await it.watcher.drain();
    it.recorder.marks = [];
  };

  test("are looked at in intervals", async () => {
    const told = await it.watch({ backend: "poll", pollIntervalMs: 50 });
    expect(it.watcher.figures()).toMatchObject({ watches: 0, polledDirectories: 3 });
    await it.marks();
    writeFileSync(it.path("d/e/new"), "");
    await expect.poll(() => told.take()).toEqual(expect.arrayContaining(["d/e/new:0"]));
  });

  test("tell everything that is done in them", async () => {
    await it.watch({ backend: "poll" });
    const mirror = new TestMirror(it.root);
    mirror.fill();
    const check = async (): Promise<void> => {
      await it.watcher.drain();
      mirror.apply(it.recorder.marks.splice(0));
      expect(mirror.differences()).toEqual([]);
    };
    await check();
    mkdirSync(it.path("new/deep"), { recursive: true });
    writeFileSync(it.path("new/deep/f"), "x");
    truncateSync(it.path("d/e/f"), 1);
    await check();
    renameSync(it.path("d/e"), it.path("e"));
    writeFileSync(it.path("e/h"), "x");
    await check();
    rmSync(it.path("new"), { recursive: true });
    writeFileSync(it.path("new"), "a file now");
    await check();
    expect(it.watcher.figures().polledDirectories).toBe(3);
  });

  test("are touched by the names that come and go in them, and changed by nothing else", async () => {
    await watchOldFiles();
    writeFileSync(it.path("d/e/new"), "");
    chmodSync(it.path("d"), 0o700);
    await it.watcher.drain();
    const told = (isTouched: boolean): string[] =>
      it.recorder.marks
        .filter(({ touched = false }) => touched === isTouched)
        .map(({ path }) => path);
    expect(told(false).sort()).toEqual(["d", "d/e/new"]);
    expect(told(true)).toContain("d/e");
  });

  test("have files that are compared although they look the same, when a push may have met another one", async () => {
    const write = (name: string, text: string): void => {
      writeFileSync(it.path(name), text);
      utimesSync(it.path(name), 1, 1);
    };
    write("d/e/f", "one");
    write("d/g.new", "one");
    await watchOldFiles();
    write("d/e/f", "two");
    expect(await it.marks()).toContain("d/e/f:0");
    it.watcher.brought("d/e/f");
    write("d/e/f", "six");
    renameSync(it.path("d/g.new"), it.path("d/g"));
    expect(await it.marks()).toEqual(expect.arrayContaining(["d/e/f:0!", "d/g:0!"]));
  });

  test("have files that are looked at again when they were too young to show a change", async () => {
    await watchOldFiles();
    writeFileSync(it.path("d/e/f"), "two");
    const clock = vi.spyOn(Date, "now").mockReturnValue(Date.now());
    expect(await it.marks()).toContain("d/e/f:0");
    clock.mockRestore();
    it.watcher.brought("d/e/f");
    await delay(300);
    expect(await it.marks()).toEqual(["d/e/f:0!"]);
    it.watcher.brought("d/e/f");
    expect(await it.marks()).toEqual([]);
  });

  test("tell that a name went which nobody but a push has met", async () => {
    await watchOldFiles();
    for (const met of ["d/e/f", "d/e/brief", "d/new", "d/new/deep"]) it.watcher.brought(met);
    mkdirSync(it.path("d/new"));
    const marks = await it.marks();
    expect(marks).toEqual(expect.arrayContaining(["d/e/brief:2", "d/new:2"]));
    expect(marks.filter((mark) => mark.startsWith("d/e/f"))).toEqual([]);
    await it.watcher.drain();
    expect(it.recorder.take().filter((mark) => mark.includes("brief"))).toEqual([]);
  });

  test("tell that a name went which came again for a push alone", async () => {
    await watchOldFiles();
    rmSync(it.path("d/g"));
    expect(await it.marks()).toContain("d/g:0");
    it.watcher.brought("d/g");
    expect(await it.marks()).toContain("d/g:2");
    expect(await it.marks()).toEqual([]);
  });

  test.runIf(inotifyHub() !== null)("tell what went before they were watched", async () => {
    const limit = { watches: 2 };
    await it.watch({}, limitedHub(limit));
    expect(it.watcher.figures()).toMatchObject({ watches: 2, polledDirectories: 1 });
    await it.watcher.drain();
    it.recorder.take();
    rmSync(it.path("d/e/f"));
    limit.watches = 10;
    renameSync(it.path("d"), it.path("moved"));
    const marks = await it.marks();
    expect(marks).toContain("moved/e/f:0");
    expect(it.watcher.figures()).toMatchObject({ watches: 3, polledDirectories: 0 });
  });

  test.runIf(inotifyHub() !== null)(
    "that moved before it was told are compared as a whole when a push has met more in them",
    async () => {
      await it.watch({}, limitedHub({ watches: 1 }));
      await it.watcher.drain();
      it.recorder.take();
      renameSync(it.path("d"), it.path("moved"));
      it.watcher.brought("moved/e/brief");
      expect(await it.marks()).toContain("moved:2");
    },
  );

  test.runIf(inotifyHub() !== null)(
    "above the watch limit are polled, with a warning, until there are watches",
    async () => {
      for (let count = 0; count < 40; count++) {
        mkdirSync(it.path(`many/${count}`), { recursive: true });
      }
      const limit = { watches: 12 };
      await it.watch({}, limitedHub(limit));
      expect(it.watcher.figures()).toMatchObject({ watches: 12, polledDirectories: 32 });
      expect(it.recorder.warnings).toEqual([expect.stringMatching(/32 are looked at.*sysctl -w/)]);
      await it.marks();
      writeFileSync(it.path("many/39/f"), "x");
      writeFileSync(it.path("d/e/f"), "two");
      const marks = await it.marks();
      expect(marks).toEqual(expect.arrayContaining(["d/e/f:0", "many/39/f:0"]));

      limit.watches = 100;
      await it.watcher.drain();
      expect(it.watcher.figures()).toMatchObject({ watches: 44, polledDirectories: 0 });
      it.recorder.take();
      writeFileSync(it.path("many/38/f"), "x");
      expect(await it.marks()).toEqual(["many/38/f:0", "many/38:0"]);
    },
  );
});
