import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClassicLevel } from "classic-level";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Ledger } from "../state/ledger.js";
import { type Mark, Reach } from "../state/mark.js";
import { openJournal } from "./journal.js";
import type { SnapshotEntry } from "./snapshot.js";
import { StateDirectoryError } from "./store-errors.js";
import type { RootJournal } from "./types.js";

let directory: string;
let state: string;
let root: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tsrsync-journal-"));
  state = join(directory, "state");
  root = join(directory, "root");
  execFileSync("mkdir", [root]);
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

const item = (path: string): Mark => ({ path, reach: Reach.Item });
const all = { maxPaths: 1000 };
const pathsOf = (stored: RootJournal, target = "one") =>
  new Ledger(stored, [target])
    .target(target)
    .take(all)
    .entries.map(({ path }) => path);

async function entriesOf(stored: RootJournal): Promise<SnapshotEntry[]> {
  const entries: SnapshotEntry[] = [];
  for await (const chunk of stored.snapshot.entries()) entries.push(...chunk);
  return entries;
}

const entry = (path: string, ctimeNs = 1000n): SnapshotEntry => ({
  path,
  mode: 0o100644,
  inode: 7n,
  ctimeNs,
});

describe("what was dirty", () => {
  test("is dirty again, each target for itself, with numbers that go on", async () => {
    const first = await openJournal(state);
    const stored = await first.root("r", root, ["one", "two"]);
    const ledger = new Ledger(stored, ["one", "two"]);
    const touched = { ...item("\xff\n/é"), touched: true };
    ledger.mark([item("a"), { path: "d", reach: Reach.Tree, force: true }, touched]);
    ledger.target("two").settle(ledger.target("two").take({ maxPaths: 1 }));
    await first.close();
    const second = await openJournal(state);
    expect(second.lastStop).toBe("clean");
    const again = await second.root("r", root, ["one", "two"]);
    expect([again.startedAnew, again.sequence]).toEqual([null, 3]);
    const restored = new Ledger(again, ["one", "two"]);
    expect(restored.target("one").take(all).entries).toEqual([
      { path: "a", reach: Reach.Item, force: false },
      { path: "d", reach: Reach.Tree, force: true },
      { ...touched, force: false },
    ]);
    expect(
      restored
        .target("two")
        .take(all)
        .entries.map(({ path }) => path),
    ).toEqual(["d", "\xff\n/é"]);
    await second.close();
  });

  test("and was settled since is clean", async () => {
    const first = await openJournal(state);
    const stored = await first.root("r", root, ["one"]);
    const ledger = new Ledger(stored, ["one"]);
    ledger.mark([item("a"), item("b")]);
    await stored.commit();
    const target = ledger.target("one");
    target.settle(target.take(all), new Set(["b"]), 5);
    await first.close();
    const second = await openJournal(state);
    expect(pathsOf(await second.root("r", root, ["one"]))).toEqual(["b"]);
    await second.close();
  });

  test("keeps its age", async () => {
    const first = await openJournal(state);
    const ledger = new Ledger(await first.root("r", root, ["one"]), ["one"]);
    const before = Date.now();
    ledger.mark([item("a")]);
    const since = ledger.target("one").dirty.oldestMark!;
    expect(since).toBeGreaterThanOrEqual(before);
    await first.close();
    const second = await openJournal(state);
    const stored = await second.root("r", root, ["one"]);
    expect(stored.dirtyMap("one").oldestMark).toBe(since);
    await second.close();
  });
});

describe("what is kept of a target", () => {
  test("are values by key; a target without any is new", async () => {
    const first = await openJournal(state);
    const stored = await first.root("r", root, ["one", "two"]);
    expect(stored.target("one").isNew).toBe(true);
    stored.target("one").set("capabilities", { deletes: true });
    stored.target("one").set("gone", 1);
    stored.target("one").set("gone", undefined);
    await first.close();
    const second = await openJournal(state);
    const again = await second.root("r", root, ["one", "two"]);
    expect([again.target("one").isNew, again.target("two").isNew]).toEqual([false, true]);
    expect(again.target("one").get("capabilities")).toEqual({ deletes: true });
    expect(again.target("one").get("gone")).toBeUndefined();
    expect(() => again.target("three")).toThrow(RangeError);
    await second.close();
  });

  test("goes with the target", async () => {
    const journal = await openJournal(state);
    const first = await journal.root("r", root, ["one", "two"]);
    new Ledger(first, ["one", "two"]).mark([item("a")]);
    first.target("one").set("x", 1);
    await first.close();
    await (await journal.root("r", root, ["two"])).close();
    const third = await journal.root("r", root, ["one", "two"]);
    expect(third.target("one").isNew).toBe(true);
    expect([pathsOf(third), pathsOf(third, "two")]).toEqual([[], ["a"]]);
    await journal.close();
  });
});

describe("the snapshot", () => {
  test("comes back in the order of a walk", async () => {
    const first = await openJournal(state);
    const { snapshot } = await first.root("r", root, ["one"]);
    expect(snapshot.isComplete).toBe(false);
    for (const path of ["a-b", "a/x", "", "a", "a/x/y", "\xe9"]) snapshot.saw(entry(path));
    snapshot.completed();
    await first.close();
    const second = await openJournal(state);
    const stored = await second.root("r", root, ["one"]);
    expect(stored.snapshot.isComplete).toBe(true);
    expect(await entriesOf(stored)).toEqual(
      ["a", "a/x", "a/x/y", "a-b", "\xe9"].map((path) => entry(path)),
    );
    await second.close();
  });

  test("has what is in the root, not the root: a walk never meets that", async () => {
    const journal = await openJournal(state);
    const stored = await journal.root("r", root, ["one"]);
    stored.snapshot.saw(entry(""));
    new Ledger(stored, ["one"]).mark([item(""), item("a")]);
    expect((await entriesOf(stored)).map(({ path }) => path)).toEqual(["a"]);
    await journal.close();
  });

  test("forgets what was lost, with all below, but not what was seen later", async () => {
    const journal = await openJournal(state);
    const stored = await journal.root("r", root, ["one"]);
    const { snapshot } = stored;
    for (const path of ["a", "a/x", "a/x/y", "a-b", "b"]) snapshot.saw(entry(path));
    await stored.commit();
    snapshot.saw(entry("a/early"));
    snapshot.lost("a");
    snapshot.lost("a/x");
    snapshot.saw(entry("a/x"));
    expect((await entriesOf(stored)).map(({ path }) => path)).toEqual(["a/x", "a-b", "b"]);
    snapshot.lost("");
    expect(await entriesOf(stored)).toEqual([]);
    await journal.close();
  });

  test("keeps directories only, or nothing, where that is wanted", async () => {
    const journal = await openJournal(state);
    const dirs = await journal.root("dirs", root, [], "dirs");
    const off = await journal.root("off", root, [], "off");
    for (const { snapshot } of [dirs, off]) {
      snapshot.saw(entry("file"));
      snapshot.saw({ ...entry("directory"), mode: 0o040755 });
      snapshot.completed();
    }
    expect((await entriesOf(dirs)).map(({ path }) => path)).toEqual(["directory"]);
    expect([dirs.snapshot.isComplete, off.snapshot.isComplete]).toEqual([true, false]);
    expect(await entriesOf(off)).toEqual([]);
    await journal.close();
  });

  test("has what was marked as uncertain, until it was left alone for a while", async () => {
    const journal = await openJournal(state);
    const stored = await journal.root("r", root, ["one"]);
    writeFileSync(join(root, "f"), "x");
    stored.snapshot.saw(entry("gone"));
    const ledger = new Ledger(stored, ["one"]);
    ledger.mark([item("f"), item("gone")]);
    const uncertain = { mode: 0, inode: 0n, ctimeNs: 0n };
    expect(await entriesOf(stored)).toEqual([
      { path: "f", ...uncertain },
      { path: "gone", ...uncertain },
    ]);
    await expect
      .poll(() => entriesOf(stored), { timeout: 10_000, interval: 200 })
      .toEqual([
        {
          path: "f",
          mode: 0o100644,
          inode: BigInt(statSync(join(root, "f")).ino),
          ctimeNs: statSync(join(root, "f"), { bigint: true }).ctimeNs,
        },
      ]);
    await journal.close();
  }, 20_000);
});

describe("a store", () => {
  test("is readable by its owner only", async () => {
    const journal = await openJournal(state);
    const place = join(state, "journal");
    expect(statSync(place).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(place)) {
      expect([name, statSync(join(place, name)).mode & 0o077]).toEqual([name, 0]);
    }
    await journal.close();
  });

  test("that is in use is told so", async () => {
    const journal = await openJournal(state);
    const second = openJournal(state);
    await expect(second).rejects.toThrow(/another process uses the state directory/);
    await expect(second).rejects.toBeInstanceOf(StateDirectoryError);
    await journal.close();
  });

  test("that cannot be made is told so", async () => {
    writeFileSync(state, "");
    await expect(openJournal(state)).rejects.toThrow(/cannot be used/);
  });

  test("that was taken away has no size", async () => {
    const journal = await openJournal(state);
    expect(journal.size()).toBeGreaterThan(0);
    rmSync(state, { recursive: true });
    expect(journal.size()).toBe(0);
    await journal.close();
  });

  test("of another format, or a damaged one, is put aside", async () => {
    const first = await openJournal(state);
    new Ledger(await first.root("r", root, ["one"]), ["one"]).mark([item("a")]);
    await first.close();
    const options = { keyEncoding: "utf8", valueEncoding: "utf8" } as const;
    const level = new ClassicLevel<string, string>(join(state, "journal"), options);
    await level.put("F", '{"format":9}');
    await level.close();
    const warnings: string[] = [];
    const second = await openJournal(state, { warn: (text) => warnings.push(text) });
    expect(warnings.join()).toMatch(/another format.*compared anew/);
    expect(second.lastStop).toBe("none");
    expect(pathsOf(await second.root("r", root, ["one"]))).toEqual([]);
    await second.close();
    writeFileSync(join(state, "journal", "CURRENT"), "nonsense\n");
    const third = await openJournal(state, { warn: (text) => warnings.push(text) });
    expect(warnings).toHaveLength(2);
    expect(third.lastStop).toBe("none");
    await third.close();
  });

  test("with a damaged record of a root starts that root anew", async () => {
    const first = await openJournal(state);
    const ledger = new Ledger(await first.root("r", root, ["one"]), ["one"]);
    ledger.mark([item("a"), item("b")]);
    await first.close();
    const options = { keyEncoding: "buffer", valueEncoding: "buffer" } as const;
    const level = new ClassicLevel<Buffer, Buffer>(join(state, "journal"), options);
    for await (const [key, value] of level.iterator()) {
      if (key.toString("latin1").startsWith("D") && key.at(-1) === 0x61) {
        value[3] = value[3]! ^ 1;
        await level.put(key, value);
      }
    }
    await level.close();
    const second = await openJournal(state);
    const stored = await second.root("r", root, ["one"]);
    expect(stored.startedAnew).toMatch(/damaged/);
    expect([pathsOf(stored), stored.target("one").isNew]).toEqual([[], true]);
    await second.close();
  });

  test("forgets roots that are not wanted any more", async () => {
    const journal = await openJournal(state);
    for (const name of ["a", "b"]) {
      const stored = await journal.root(name, root, ["one"]);
      new Ledger(stored, ["one"]).mark([item(name)]);
      await stored.close();
    }
    await journal.keepOnly(["b"]);
    expect(pathsOf(await journal.root("a", root, ["one"]))).toEqual([]);
    expect(pathsOf(await journal.root("b", root, ["one"]))).toEqual(["b"]);
    await journal.close();
  });

  test("starts a root anew that is another directory", async () => {
    const journal = await openJournal(state);
    const stored = await journal.root("r", root, ["one"]);
    new Ledger(stored, ["one"]).mark([item("a")]);
    stored.snapshot.saw(entry("a"));
    await journal.close();
    const elsewhere = join(directory, "elsewhere");
    execFileSync("mkdir", [elsewhere]);
    const second = await openJournal(state);
    const moved = await second.root("r", elsewhere, ["one"]);
    expect(moved.startedAnew).toContain(elsewhere);
    expect([pathsOf(moved), await entriesOf(moved)]).toEqual([[], []]);
    await second.close();
    execFileSync("sh", ["-c", 'mv "$0" "$0.old" && mkdir "$0"', elsewhere]);
    const third = await openJournal(state);
    expect((await third.root("r", elsewhere, ["one"])).startedAnew).toMatch(/another directory/);
    await third.close();
  });
});

test("targets come and go while a root is open, and their numbers are not given out again", async () => {
  const journal = await openJournal(state);
  const stored = await journal.root("r", root, ["one", "two"]);
  const ledger = new Ledger(stored, ["one", "two"]);
  ledger.mark([item("a")]);
  await stored.removeTarget("two");
  ledger.removeTarget("two");
  stored.addTarget("three");
  ledger.addTarget("three");
  expect(stored.target("three").isNew).toBe(true);
  stored.target("three").set("key", 1);
  expect(stored.target("three").isNew).toBe(false);
  ledger.mark([item("b")]);
  expect(() => stored.target("two")).toThrow(RangeError);
  await journal.close();

  const again = await openJournal(state);
  const found = await again.root("r", root, ["one", "two", "three"]);
  expect(pathsOf(found, "one")).toEqual(["a", "b"]);
  expect(pathsOf(found, "two")).toEqual([]);
  expect(pathsOf(found, "three")).toEqual(["b"]);
  expect([found.target("two").isNew, found.target("three").get("key")]).toEqual([true, 1]);
  await again.close();
});
