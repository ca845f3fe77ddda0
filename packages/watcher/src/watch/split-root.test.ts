import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { inotifyHub } from "../inotify/inotify-hub.js";
import { Disk } from "./disk.js";
import { canLowerLimits, limitedHub, withLimit } from "./testing-limits.js";
import { TestMirror } from "./testing-mirror.js";
import { keepReader, TestRoot } from "./testing-root.js";

const SHARD = 10;
const TOPS = ["t0", "t1", "t2", "t3"];

describe.runIf(inotifyHub() !== null)("a root with more directories than one shard takes", () => {
  let it: TestRoot;
  beforeAll(() => keepReader());
  beforeEach(() => {
    it = new TestRoot();
    for (const top of TOPS) {
      for (let at = 1; at < SHARD; at++) mkdirSync(it.path(`${top}/d${at}`), { recursive: true });
    }
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await it.end();
  });

  test("has more instances, and sees everything through them", async () => {
    await it.watch({ shardDirectories: SHARD });
    expect(it.watcher.figures()).toMatchObject({ shards: 4, watches: 41 });
    for (const top of TOPS) writeFileSync(it.path(`${top}/d3/f`), "");
    expect(await it.marks()).toEqual(
      TOPS.flatMap((top) => [`${top}/d3/f:0`, `${top}/d3:0`]).sort(),
    );
    mkdirSync(it.path("t4/e"), { recursive: true });
    await it.marks();
    expect(it.watcher.figures()).toMatchObject({ shards: 5, watches: 43 });
  });

  test.each([
    ["t0/d1", "t3/there"],
    ["t3/d1", "t0/there"],
    ["t1", "t2/there"],
  ])(
    "a directory keeps its watches when it moves from one into another (%s to %s)",
    async (from, to) => {
      mkdirSync(it.path(`${from}/sub`));
      writeFileSync(it.path(`${from}/sub/f`), "");
      const told = await it.watch({ shardDirectories: SHARD });
      const { watches } = it.watcher.figures();
      renameSync(it.path(from), it.path(to));
      await it.marks();
      expect(told.takeRenames()).toEqual([`${from}>${to}/`]);
      expect(it.watcher.figures().watches).toBe(watches);
      writeFileSync(it.path(`${to}/sub/g`), "");
      expect(await it.marks()).toEqual([`${to}/sub/g:0`, `${to}/sub:0`]);
      renameSync(it.path(to), it.path(from));
      await it.marks();
      renameSync(it.path(`${from}/sub`), it.path("t1x"));
      await it.marks();
      expect(told.takeRenames()).toEqual([`${to}>${from}/`, `${from}/sub>t1x/`]);
      writeFileSync(it.path("t1x/h"), "");
      expect(await it.marks()).toContain("t1x/h:0");
      expect(it.watcher.figures().watches).toBe(watches);
    },
  );

  test("files that move from one into another are renames, in both directions", async () => {
    for (let at = 0; at < 50; at++) writeFileSync(it.path(`t${at % 4}/f${at}`), "");
    const told = await it.watch({ shardDirectories: SHARD });
    const expected: string[] = [];
    for (let at = 0; at < 50; at++) {
      const [from, to] = [`t${at % 4}/f${at}`, `t${(at * 7 + 1) % 4}/g${at}`];
      renameSync(it.path(from), it.path(to));
      expected.push(`${from}>${to}`);
    }
    await it.marks();
    expect(told.takeRenames().sort()).toEqual(expected.sort());
  });

  test("whose directories come from outside and leave again is followed", async () => {
    await it.watch({ shardDirectories: SHARD });
    renameSync(it.path("t2"), `${it.place}/away`);
    expect(await it.marks()).toContain("t2:2");
    expect(it.watcher.figures().watches).toBe(31);
    renameSync(`${it.place}/away`, it.path("t3/back"));
    expect(await it.marks()).toContain("t3/back:1");
    expect(it.watcher.figures().watches).toBe(41);
    rmSync(it.path("t3"), { recursive: true });
    await it.marks();
    expect(it.watcher.figures().watches).toBe(21);
  });

  test("says once when there are too few instances, and works with those", async () => {
    const told = await it.watch(
      { shardDirectories: SHARD },
      limitedHub({ watches: 99, instances: 2 }),
    );
    expect(told.warnings).toEqual([expect.stringContaining("fs.inotify.max_user_instances")]);
    expect(it.watcher.figures()).toMatchObject({ shards: 2, watches: 41 });
    for (const top of TOPS) writeFileSync(it.path(`${top}/d9/f`), "");
    expect(await it.marks()).toEqual(expect.arrayContaining(TOPS.map((top) => `${top}/d9/f:0`)));
  });

  describe.runIf(canLowerLimits())("when the kernel drops events of one shard", () => {
    /** Which directories were read, and what was marked. */
    async function overflow(snapshot: "all" | "dirs" | "off", top: string): Promise<string[]> {
      await withLimit("max_queued_events", 4, () =>
        it.watch({ shardDirectories: SHARD, snapshot }).then(() => {}),
      );
      await it.marks();
      const mirror = new TestMirror(it.root);
      mirror.fill();
      const list = vi.spyOn(Disk.prototype, "list");
      for (let at = 0; at < 300; at++) writeFileSync(it.path(`${top}/d3/${at}`), "x");
      rmSync(it.path(`${top}/d4`), { recursive: true });
      await it.watcher.drain();
      expect(it.recorder.overflows).toBeGreaterThan(0);
      mirror.apply(it.recorder.marks);
      expect(mirror.differences()).toEqual([]);
      return list.mock.calls.map(([path]) => path);
    }

    test.each(["all", "dirs", "off"] as const)(
      "only what is in that one is walked (snapshot: %s)",
      async (snapshot) => {
        const listed = await overflow(snapshot, "t2");
        expect(new Set(listed)).toEqual(
          new Set(["t2", ...[1, 2, 3, 5, 6, 7, 8, 9].map((at) => `t2/d${at}`)]),
        );
        for (const { path } of it.recorder.take().map((mark) => ({ path: mark })))
          expect(path).toMatch(/^t2[/:]/);
      },
    );

    test("the root's own directory is in the first one", async () => {
      const listed = await overflow("all", "t0");
      expect(new Set(listed)).toEqual(
        new Set(["", "t0", ...[1, 2, 3, 5, 6, 7, 8, 9].map((at) => `t0/d${at}`)]),
      );
    });

    test("what has moved to another one since is walked there", async () => {
      await withLimit("max_queued_events", 4, () =>
        it.watch({ shardDirectories: SHARD }).then(() => {}),
      );
      renameSync(it.path("t2/d3"), it.path("t1/d5/moved"));
      await it.marks();
      const list = vi.spyOn(Disk.prototype, "list");
      for (let at = 0; at < 300; at++) writeFileSync(it.path(`t1/d5/moved/${at}`), "x");
      await it.watcher.drain();
      expect(it.recorder.overflows).toBeGreaterThan(0);
      const listed = new Set(list.mock.calls.map(([path]) => path));
      expect(listed).toEqual(
        new Set(["t2", ...[1, 2, 4, 5, 6, 7, 8, 9].map((at) => `t2/d${at}`), "t1/d5/moved"]),
      );
      expect(existsSync(it.path("t1/d5/moved/299"))).toBe(true);
      expect(it.recorder.take()).toEqual(expect.arrayContaining(["t1/d5/moved/299:0"]));
    });
  });
});
