import {
  chmodSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import fc from "fast-check";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { walkOrderKey } from "../journal/snapshot.js";
import { compareWalkOrder } from "./snapshot-join.js";
import { keepReader, TestRoot } from "./testing-root.js";

describe("the first walk", () => {
  let it: TestRoot;
  beforeAll(() => keepReader());
  beforeEach(() => {
    it = new TestRoot();
    for (const name of ["a", "a-b", "a.c", "gone", "moved", "unread"]) {
      mkdirSync(it.path(`${name}/deep`), { recursive: true });
      writeFileSync(it.path(`${name}/deep/f`), name);
      writeFileSync(it.path(`${name}/g`), name);
    }
  });
  afterEach(() => it.end());

  /** Until everything is old enough to be trusted. */
  const grow = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, 2100));
  };

  test("marks nothing where a full sync has to follow, and fills the snapshot", async () => {
    await it.watch();
    expect(await it.marks()).toEqual([]);
    expect(it.snapshot.isComplete).toBe(true);
    expect([...it.snapshot.known.keys()]).toContain("a-b/deep/f");
    expect(it.snapshot.known.get("a/g")).toMatchObject({ ctimeNs: 0n, mode: 0o100644 });
  });

  test("finds what is new, changed and missing since the snapshot, and nothing else", async () => {
    await grow();
    await it.watch();
    await it.watch();
    expect(await it.marks()).toEqual([]);

    await it.watcher.close();
    rmSync(it.path("gone"), { recursive: true });
    renameSync(it.path("moved"), it.path("a/here"));
    chmodSync(it.path("a-b/deep/f"), 0o600);
    writeFileSync(it.path("a.c/g"), "a.d");
    utimesSync(it.path("a.c/g"), 1, 1);
    symlinkSync("x", it.path("a.c/link"));
    renameSync(it.path("unread/g"), it.path("unread/deep/f"));
    await it.watch();
    // A directory that was told while it was still walked is told again.
    const marks = (await it.marks()).filter((mark) => mark !== "a/here:2");
    expect(marks).toEqual(
      [
        ":0",
        "a-b/deep/f:0",
        "a.c/g:0",
        "a.c/link:0",
        "a.c:0",
        "a/here:1",
        "a:0",
        "gone:0",
        "moved:0",
        // It may have the size and the time of the one that it took the place of.
        "unread/deep/f:0!",
        "unread/deep:0",
        "unread/g:0",
        "unread:0",
      ].sort(),
    );
    expect(it.snapshot.known.has("gone/deep/f")).toBe(false);
    expect(it.snapshot.known.has("a/here/deep/f")).toBe(true);
  });

  test("marks what is too young to be trusted", async () => {
    await it.watch();
    await it.watch();
    expect(await it.marks()).toContain("a/deep/f:0");
  });
});

test("the order of walks is that of the keys of snapshots", () => {
  const path = fc
    .array(fc.string({ unit: fc.constantFrom("a", "b", "-", ".", "\x01", "\xff"), minLength: 1 }), {
      minLength: 1,
      maxLength: 4,
    })
    .map((names) => names.join("/"));
  fc.assert(
    fc.property(path, path, (a, b) => {
      const keys = [walkOrderKey(a), walkOrderKey(b)] as const;
      const expected = keys[0] < keys[1] ? -1 : keys[0] > keys[1] ? 1 : 0;
      expect(Math.sign(compareWalkOrder(a, b))).toBe(expected);
    }),
  );
});
