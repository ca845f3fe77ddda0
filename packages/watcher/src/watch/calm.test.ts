import { linkSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { type InotifySource, inotifyHub } from "../inotify/inotify-hub.js";
import { keepReader, TestRoot } from "./testing-root.js";

/** Notes for how long nobody needed events. */
function listeningHub(calms: number[]): InotifySource {
  const hub = inotifyHub()!;
  return {
    open: (subscriber) => ({
      ...hub.open(subscriber),
      calm: (forMs) => void calms.push(forMs),
    }),
    openOwn: (subscriber) => hub.openOwn(subscriber),
  };
}

describe.runIf(inotifyHub() !== null)("a root whose marks nobody needs yet", () => {
  afterAll(keepReader());
  let tree: TestRoot;
  beforeEach(() => {
    tree = new TestRoot();
  });
  afterEach(() => tree.end());
  test("leaves its events in the queue", async () => {
    const calms: number[] = [];
    await tree.watch({ hardLinks: true }, listeningHub(calms));
    tree.watcher.calm(40);
    expect(calms).toEqual([40]);
  });

  test("looks at them at once while files have several names, which may be gone a moment later", async () => {
    writeFileSync(tree.path("one"), "1");
    linkSync(tree.path("one"), tree.path("other"));
    const calms: number[] = [];
    await tree.watch({ hardLinks: true }, listeningHub(calms));
    tree.watcher.calm(40);
    expect(calms).toEqual([0]);

    rmSync(tree.path("one"));
    rmSync(tree.path("other"));
    await tree.marks();
    tree.watcher.calm(40);
    expect(calms).toEqual([0, 40]);
  });
});
