import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { inotifyHub } from "../inotify/inotify-hub.js";
import { Disk } from "./disk.js";
import { LossySource, limitedHub } from "./testing-limits.js";
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
    for (let at = 0; at < 20; at++) writeFileSync(it.path(`t${at % 4}/f${at}`), "");
    const told = await it.watch({ shardDirectories: SHARD });
    const expected: string[] = [];
    for (let at = 0; at < 20; at++) {
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

  describe("when the kernel drops events of one shard", () => {
    let source: LossySource;
    beforeEach(() => {
      source = new LossySource();
    });

    /** What `change` does is lost. Returns which directories are walked to find it. */
    async function lose(change: () => void, shards = [0, 1, 2, 3]): Promise<Set<string>> {
      await it.marks();
      const mirror = new TestMirror(it.root);
      mirror.fill();
      for (const shard of shards) source.losing.add(shard);
      const list = vi.spyOn(Disk.prototype, "list");
      change();
      await it.watcher.drain();
      expect(it.recorder.overflows).toBeGreaterThan(0);
      mirror.apply(it.recorder.marks.splice(0));
      expect(mirror.differences()).toEqual([]);
      return new Set(list.mock.calls.map(([path]) => path));
    }

    const allIn = (top: string, without: number): string[] => [
      top,
      ...[1, 2, 3, 4, 5, 6, 7, 8, 9].filter((at) => at !== without).map((at) => `${top}/d${at}`),
    ];

    test.each(["all", "dirs", "off"] as const)(
      "only what is in that one is walked (snapshot: %s)",
      async (snapshot) => {
        writeFileSync(it.path("t2/d3/gone"), "");
        await it.watch({ shardDirectories: SHARD, snapshot }, source);
        const told: string[] = [];
        const listed = await lose(() => {
          const tell = it.recorder.marked.bind(it.recorder);
          vi.spyOn(it.recorder, "marked").mockImplementation((marks) => {
            told.push(...marks.map(({ path }) => path));
            tell(marks);
          });
          writeFileSync(it.path("t2/d3/new"), "x");
          rmSync(it.path("t2/d3/gone"));
          rmSync(it.path("t2/d4"), { recursive: true });
          mkdirSync(it.path("t2/d5/new"));
        });
        expect(listed).toEqual(new Set([...allIn("t2", 4), "t2/d5/new"]));
        expect(told).toContain("t2/d3");
        for (const path of told) expect(path).toMatch(/^t2(\/|$)/);
        expect(it.watcher.figures().walkedEntries).toBe(11);
      },
    );

    test("the root's own directory is in the first one", async () => {
      await it.watch({ shardDirectories: SHARD }, source);
      const listed = await lose(() => {
        rmSync(it.path("t0/d4"), { recursive: true });
        renameSync(it.path("t1"), it.path("t1x"));
        writeFileSync(it.path("new"), "");
      });
      // The directory that moved belongs to another shard, which takes it for new until it is told better.
      expect([...listed]).toEqual(expect.arrayContaining(["", ...allIn("t0", 4)]));
      expect([...listed].filter((path) => /^t[23]/.test(path))).toEqual([]);
      source.losing.clear();
      writeFileSync(it.path("t1x/d2/f"), "");
      expect(await it.marks()).toContain("t1x/d2/f:0");
    });

    test("what has moved to another one since is walked there", async () => {
      await it.watch({ shardDirectories: SHARD }, source);
      renameSync(it.path("t2/d3"), it.path("t1/d5/moved"));
      const listed = await lose(() => writeFileSync(it.path("t1/d5/moved/new"), "x"));
      expect(listed).toEqual(new Set([...allIn("t2", 3), "t1/d5/moved"]));
    });

    test("a directory of the root that is gone with all in it is forgotten", async () => {
      await it.watch({ shardDirectories: SHARD }, source);
      await lose(() => rmSync(it.path("t3"), { recursive: true }), [3]);
      expect(it.watcher.figures().watches).toBe(31);
    });

    test("a directory that went to another one is found there, and nowhere else", async () => {
      await it.watch({ shardDirectories: SHARD }, source);
      await lose(() => renameSync(it.path("t2/d3"), it.path("t3/there")));
      source.losing.clear();
      expect(it.watcher.figures().watches).toBe(41);
      writeFileSync(it.path("t3/there/f"), "");
      expect(await it.marks()).toEqual(["t3/there/f:0", "t3/there:0"]);
    });
  });
});
