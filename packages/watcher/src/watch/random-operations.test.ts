import { mkdirSync } from "node:fs";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { inotifyHub } from "../inotify/inotify-hub.js";
import { canLowerLimits, withLimit } from "../inotify/testing-kernel-limits.js";
import { DirectoryLinks } from "../links/directory-links.js";
import { limitedHub } from "./testing-limits.js";
import { TestMirror } from "./testing-mirror.js";
import { keepReader, TestRoot } from "./testing-root.js";
import { startWriter } from "./testing-writer.js";

const ROUNDS = Number(process.env["TSRSYNC_WATCH_ROUNDS"] ?? 6);
const SEED = Number(process.env["TSRSYNC_WATCH_SEED"] ?? 1);

describe.runIf(inotifyHub() !== null)("whatever several writers do", () => {
  let it: TestRoot;
  beforeAll(() => keepReader());
  beforeEach(() => {
    it = new TestRoot();
    mkdirSync(`${it.place}/outside`);
  });
  afterEach(() => it.end());

  const PLAIN_CASE = {
    writers: 2,
    operations: 300,
    links: false,
    follow: false,
    watches: 1e6,
    instances: 20,
    shard: 1e5,
    queue: 0,
  };

  test.each([
    { ...PLAIN_CASE, writers: 1, operations: 400 },
    { ...PLAIN_CASE, writers: 3 },
    { ...PLAIN_CASE, links: true },
    { ...PLAIN_CASE, watches: 8 },
    { ...PLAIN_CASE, follow: true },
    { ...PLAIN_CASE, writers: 3, shard: 3 },
    { ...PLAIN_CASE, shard: 1, instances: 4 },
    ...(canLowerLimits() ? [{ ...PLAIN_CASE, queue: 16 }] : []),
    ...(canLowerLimits() ? [{ ...PLAIN_CASE, queue: 16, shard: 3 }] : []),
    ...(canLowerLimits() ? [{ ...PLAIN_CASE, queue: 16, follow: true }] : []),
  ])("who does what marks say ends up with the same (%j)", async (given) => {
    const told = it.recorder;
    const start = async (): Promise<void> => {
      const { links: hardLinks, shard: shardDirectories, follow: followSymlinkDirs } = given;
      const options = { hardLinks, shardDirectories, followSymlinkDirs, pollIntervalMs: 20 };
      await it.watch(options, limitedHub(given));
    };
    if (given.queue === 0) await start();
    else await withLimit("max_queued_events", given.queue, start);
    const saw = (path: string): void => {
      if (path !== "") it.snapshot.saw({ path, mode: 0, inode: 0n, ctimeNs: 0n });
      it.watcher.brought(path);
    };
    const mirror = new TestMirror(it.root, saw, given.follow ? new DirectoryLinks(it.root) : null);
    mirror.fill();
    const apply = (): void => mirror.apply(told.marks.splice(0));
    for (let round = 0; round < ROUNDS; round++) {
      const follow = setInterval(apply, 3);
      await Promise.all(
        Array.from({ length: given.writers }, (_, at) =>
          startWriter({
            root: it.root,
            outside: `${it.place}/outside`,
            seed: SEED * 7919 + round * 31 + at,
            operations: given.operations,
            links: given.links,
            follow: given.follow,
          }),
        ),
      );
      await it.watcher.drain();
      clearInterval(follow);
      apply();
      expect(mirror.differences(), `seed ${SEED}, round ${round}`).toEqual([]);
    }
    expect(it.watcher.figures().openFiles).toBe(0);
    if (given.shard < 10) expect(it.watcher.figures().shards).toBeGreaterThan(1);
    if (given.queue > 0) expect(told.overflows).toBeGreaterThan(0);
  });
});
