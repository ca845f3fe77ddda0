import { describe, expect, test } from "vitest";
import type { InotifyHandle, InotifySource } from "../inotify/inotify-hub.js";
import { Shards } from "./shards.js";

const LIMIT = 10;

/** A source that grants so many instances. */
function fakeSource(instances: number, isShared = false): InotifySource & { drained: number[] } {
  const drained: number[] = [];
  let opened = 0;
  const open = (): InotifyHandle => {
    const mine = opened++;
    return {
      add: () => 1,
      remove: () => {},
      isShared: () => isShared,
      calm: () => {},
      drain: async () => {
        drained.push(mine);
      },
      close: async () => {},
    };
  };
  return { drained, open, openOwn: () => (opened < instances ? open() : null) };
}

class Root {
  readonly warnings: string[] = [];
  splits = 0;
  readonly shards: Shards;

  constructor(source: InotifySource | null) {
    this.shards = new Shards(source, LIMIT);
    this.shards.open({
      batch: () => {},
      lost: () => {},
      hasWatch: () => false,
      split: () => {
        this.splits++;
      },
      warn: (text) => this.warnings.push(text),
    });
    if (this.shards.count > 0) this.shards.watched(0); // the root itself
  }

  /** Adds a directory of the root with so many in all, and tells the shard of each. */
  top(directories: number): number[] {
    const found = [this.shards.choose(0, true)];
    this.shards.watched(found[0]!);
    for (let count = 1; count < directories; count++) {
      const shard = this.shards.choose(found.at(-1)!, false);
      this.shards.watched(shard);
      found.push(shard);
    }
    return [...new Set(found)];
  }
}

describe("directories are given to shards", () => {
  test("each of the root's with all below it, to one that has room", () => {
    const root = new Root(fakeSource(100));
    const given = [7, 12, 6, 5, 3].map((directories) => root.top(directories));
    expect(given).toEqual([[0], [0], [1], [1], [2]]);
    expect(root.splits).toBe(1);
    for (let count = 0; count < 18; count++) root.shards.unwatched(0);
    expect(root.top(4)).toEqual([0]);
    expect(root.warnings).toEqual([]);
  });

  test("except that one which is as large as two is split", () => {
    const root = new Root(fakeSource(100));
    expect(root.top(42)).toEqual([0, 1, 2]);
    expect(root.shards.count).toBe(3);
  });

  test("they share the instances that there are when there can be no more, which is said once", () => {
    const root = new Root(fakeSource(2));
    const given = [12, 12, 5, 5, 42].map((directories) => root.top(directories));
    expect(given).toEqual([[0], [1], [1], [0], [1]]);
    expect(root.warnings).toEqual([expect.stringContaining("fs.inotify.max_user_instances")]);
  });

  test("one that has to share another root's instance says so", () => {
    const root = new Root(fakeSource(1, true));
    expect(root.top(30)).toEqual([0]);
    expect(root.warnings).toEqual([expect.stringContaining("another root")]);
  });

  test("all are drained together", async () => {
    const source = fakeSource(100);
    const root = new Root(source);
    for (let count = 0; count < 3; count++) root.top(10);
    await root.shards.drain();
    expect(source.drained.sort()).toEqual([0, 1, 2]);
  });

  test("where there is no inotify there are none", () => {
    const root = new Root(null);
    expect(root.shards.count).toBe(0);
    expect(root.warnings).toEqual([expect.stringContaining("in intervals")]);
  });
});
