import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { byteStringFromText } from "@tsrsync/protocol/wire";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { LiveSettings, RootSettings, TargetSettings } from "../config/settings.js";
import { createPathFilter } from "../filter/path-filter.js";
import { openJournal } from "../journal/journal.js";
import { createMemoryJournal } from "../journal/memory-journal.js";
import type { Journal } from "../journal/types.js";
import { TargetError } from "../target/target.js";
import { createRootWatcher } from "../watch/create-root-watcher.js";
import { rootWatchOptions } from "../watch/options.js";
import { RootWatch } from "../watch/root-watch.js";
import { CurrentTree } from "./current-tree.js";
import { Mirror, type SharedByRoots } from "./mirror.js";
import { RootRun } from "./root-run.js";
import { rootSettings, targetSettings, watchSettings } from "./testing-settings.js";
import { DirectoryTarget } from "./testing-target.js";

let work: string;
let mirror: Mirror | null = null;
let journal: Journal;
let reloaded: RootSettings | null = null;
let beforeFullSync: (target: string) => Promise<void>;
const targets = new Map<string, DirectoryTarget>();

beforeEach(() => {
  work = mkdtempSync(`${tmpdir()}/tsrsync-mirror-`);
  for (const name of ["source", "one", "two"]) mkdirSync(`${work}/${name}`);
  targets.clear();
  reloaded = null;
  journal = createMemoryJournal();
  beforeFullSync = () => Promise.resolve();
});

afterEach(async () => {
  await mirror?.close();
  mirror = null;
  rmSync(work, { recursive: true, force: true });
});

async function start(
  names: readonly string[],
  change: Partial<TargetSettings> = {},
  live: Partial<LiveSettings> = {},
): Promise<Mirror> {
  const usual = rootSettings(
    `${work}/source`,
    names.map((name) => ({ ...targetSettings(name), ...change })),
  );
  const root = { ...usual, live: { ...usual.live, ...live } };
  for (const name of names) {
    targets.set(name, new DirectoryTarget(`${work}/source`, `${work}/${name}`));
  }
  mirror = new Mirror(watchSettings([root]), {
    journal,
    loadSettings: () => Promise.resolve(watchSettings([reloaded ?? root])),
    openRoot: (settings, shared) => openRoot(settings, shared),
  });
  await mirror.start();
  return mirror;
}

async function openRoot(settings: RootSettings, shared: SharedByRoots): Promise<RootRun> {
  const filter = createPathFilter(settings.filter);
  return new RootRun(settings, {
    ...shared,
    journal: await journal.root(
      settings.name,
      settings.path,
      settings.targets.map(({ name }) => name),
    ),
    tree: new CurrentTree(byteStringFromText(settings.path)),
    filter,
    fullSyncFilter: () => filter,
    createWatcher: (snapshot, _, listener) =>
      createRootWatcher(rootWatchOptions(settings, null), snapshot, listener),
    createTarget: ({ name }) => targets.get(name)!,
    beforeFullSync: (target) => beforeFullSync(target),
  });
}

const same = (name: string) =>
  execFileSync("diff", ["-r", "--no-dereference", `${work}/source`, `${work}/${name}`]).toString();

test("what was there and what comes is mirrored to all targets", async () => {
  mkdirSync(`${work}/source/sub`);
  writeFileSync(`${work}/source/sub/old`, "old");
  const running = await start(["one", "two"]);
  writeFileSync(`${work}/source/new`, "new");
  mkdirSync(`${work}/source/a/b`, { recursive: true });
  writeFileSync(`${work}/source/a/b/c`, "deep");
  rmSync(`${work}/source/sub`, { recursive: true });
  expect((await running.flush()).reached).toBe(true);
  for (const name of ["one", "two"]) expect(same(name)).toBe("");
});

test("a target that hangs holds nobody else back", async () => {
  const running = await start(["one", "two"]);
  await running.flush();
  let release = () => {};
  targets.get("one")!.beforePush = () =>
    new Promise((resolve) => {
      release = () => resolve([]);
    });
  writeFileSync(`${work}/source/file`, "text");
  expect((await running.flush({ target: "two" })).reached).toBe(true);
  const stuck = await running.flush({ target: "one", timeoutMs: 50 });
  expect(stuck).toMatchObject({ reached: false, targets: [{ target: "one", state: "pushing" }] });
  release();
  targets.get("one")!.beforePush = () => Promise.resolve([]);
  expect((await running.flush()).reached).toBe(true);
});

test("what failed is tried again, and nothing of it is lost", async () => {
  const running = await start(["one"]);
  await running.flush();
  const failed = vi.fn();
  running.on("failed", failed);
  let attempts = 0;
  targets.get("one")!.beforePush = () => {
    if (attempts++ < 3) throw new TargetError("unreachable", 10, "connection refused");
    return Promise.resolve([]);
  };
  writeFileSync(`${work}/source/file`, "text");
  expect((await running.flush()).reached).toBe(true);
  expect(failed.mock.calls.map(([event]) => event.attempt)).toEqual([1, 2, 3]);
  expect(targets.get("one")!.reached).toBe(3);
  expect(same("one")).toBe("");
});

test("what came and went between two looks of the polling does not stay where a push brought it", async () => {
  const BRIEF = ["d/brief", "d/deep/brief", "again"];
  mkdirSync(`${work}/source/d`);
  writeFileSync(`${work}/source/again`, "x");
  const running = await start(["one"], {}, { backend: "poll", pollInterval: 60_000 });
  expect((await running.flush()).reached).toBe(true);
  // A directory in the place of another one is pushed as a whole, with all that is in it by then.
  mkdirSync(`${work}/source/d.new`);
  rmdirSync(`${work}/source/d`);
  renameSync(`${work}/source/d.new`, `${work}/source/d`);
  rmSync(`${work}/source/again`);
  targets.get("one")!.beforePush = () => {
    targets.get("one")!.beforePush = () => Promise.resolve([]);
    mkdirSync(`${work}/source/d/deep`);
    for (const name of BRIEF) writeFileSync(`${work}/source/${name}`, "x");
    throw new TargetError("unreachable", 10, "connection refused");
  };
  expect((await running.flush()).reached).toBe(true);
  for (const name of BRIEF) expect(existsSync(`${work}/one/${name}`), name).toBe(true);
  for (const name of BRIEF) rmSync(`${work}/source/${name}`);
  expect((await running.flush()).reached).toBe(true);
  expect(same("one")).toBe("");
});

test("a path that does not arrive is parked and told; the others arrive", async () => {
  const running = await start(["one"]);
  await running.flush();
  targets.get("one")!.beforePush = () => Promise.resolve(["bad"]);
  writeFileSync(`${work}/source/bad`, "text");
  writeFileSync(`${work}/source/good`, "text");
  const result = await running.flush();
  expect(result).toMatchObject({ reached: false, targets: [{ reason: "1 paths did not arrive" }] });
  expect(readdirSync(`${work}/one`)).toEqual(["good"]);
  expect(running.status().roots[0]!.targets[0]).toMatchObject({
    parkedCount: 1,
    parked: [{ path: "bad", reason: "Permission denied" }],
  });
  writeFileSync(`${work}/source/late`, "text");
  await vi.waitFor(() => expect(readdirSync(`${work}/one`)).toEqual(["good", "late"]));
  targets.get("one")!.beforePush = () => Promise.resolve([]);
  expect(await running.retry()).toBe(1);
  expect((await running.flush()).reached).toBe(true);
  expect(running.status().roots[0]!.targets[0]).toMatchObject({ parkedCount: 0, dirty: 0 });
  expect(await running.retry()).toBe(0);
});

test("too many deletions wait until they are released; the rest goes on", async () => {
  for (let number = 0; number < 30; number++) writeFileSync(`${work}/source/${number}`, "x");
  const running = await start(["one"], {
    delete: { mode: "live", maxFiles: 10, maxPercent: 100, emptyRoot: "delete" },
  });
  await running.flush();
  const held = vi.fn();
  running.on("held", held);
  for (let number = 0; number < 30; number++) rmSync(`${work}/source/${number}`);
  writeFileSync(`${work}/source/new`, "new");
  await running.flush({ timeoutMs: 2000 });
  expect(readdirSync(`${work}/one`)).toContain("new");
  expect(running.status().roots[0]!.targets[0]).toMatchObject({ state: "held" });
  expect(held).toHaveBeenCalled();
  expect(await running.release()).toBeGreaterThan(0);
  expect((await running.flush()).reached).toBe(true);
  expect(readdirSync(`${work}/one`)).toEqual(["new"]);
});

test("what a target had before stays until it is adopted", async () => {
  writeFileSync(`${work}/one/foreign`, "not ours");
  writeFileSync(`${work}/source/file`, "text");
  const running = await start(["one"], { adopt: false });
  const warned = vi.fn();
  running.on("warning", warned);
  await running.flush();
  expect(readdirSync(`${work}/one`)).toEqual(["file", "foreign"]);
  await mirror!.close();
  journal = createMemoryJournal();
  const adopting = await start(["one"], { adopt: true });
  await adopting.flush();
  expect(readdirSync(`${work}/one`)).toEqual(["file"]);
});

test("a root that is gone deletes nothing", async () => {
  writeFileSync(`${work}/source/file`, "text");
  const running = await start(["one"]);
  await running.flush();
  renameSync(`${work}/source`, `${work}/away`);
  await vi.waitFor(() => expect(running.status().roots[0]!.state).toBe("root-gone"));
  await running.flush({ timeoutMs: 100 });
  expect(readdirSync(`${work}/one`)).toEqual(["file"]);
});

test("an unknown root is told, not ignored", async () => {
  const running = await start(["one"]);
  await expect(running.flush({ root: "other" })).rejects.toThrow("no root named other");
  await expect(running.flush({ target: "other" })).rejects.toThrow("no target named other");
});

test("a hook that fails holds back the full sync, and nothing else", async () => {
  writeFileSync(`${work}/source/old`, "old");
  let attempts = 0;
  let works = false;
  beforeFullSync = () => {
    attempts++;
    return works ? Promise.resolve() : Promise.reject(new Error("exit status 1"));
  };
  const running = await start(["one"]);
  const failed = vi.fn();
  running.on("failed", failed);
  await vi.waitFor(() => expect(attempts).toBeGreaterThan(2));
  writeFileSync(`${work}/source/new`, "new");
  await vi.waitFor(() => expect(readdirSync(`${work}/one`)).toEqual(["new"]));
  expect(running.status().roots[0]!.targets[0]).toMatchObject({
    ...{ state: "idle", failures: 0, fullSync: { running: false, error: "exit status 1" } },
  });
  expect((await running.flush({ timeoutMs: 20 })).targets[0]).toMatchObject({
    ...{ reached: false, reason: "the full sync waits: exit status 1" },
  });
  works = true;
  await running.retry();
  expect((await running.flush()).reached).toBe(true);
  expect(readdirSync(`${work}/one`)).toEqual(["new", "old"]);
  expect(failed).not.toHaveBeenCalled();
});

test("a full sync waits for its place while live pushes go on", async () => {
  writeFileSync(`${work}/source/old`, "old");
  let finish = () => {};
  const isHeld = new Promise<void>((resolve) => {
    finish = resolve;
  });
  beforeFullSync = (target) => (target === "one" ? isHeld : Promise.resolve());
  const running = await start(["one", "two"], {
    fullSync: { ...targetSettings("one").fullSync, parallel: 1 },
  });
  const told: string[] = [];
  running.on("fullSync", ({ target, phase }) => told.push(`${target} ${phase}`));
  writeFileSync(`${work}/source/new`, "new");
  for (const name of ["one", "two"]) {
    await vi.waitFor(() => expect(readdirSync(`${work}/${name}`)).toEqual(["new"]));
  }
  expect(told).toEqual([]);
  finish();
  expect((await running.flush()).reached).toBe(true);
  expect(told).toEqual(["one started", "one done", "two started", "two done"]);
  for (const name of ["one", "two"]) expect(same(name)).toBe("");
});

test("deletions that were held are held again by the next process, until they are released", async () => {
  const limited = { delete: { ...targetSettings("one").delete, maxFiles: 10 } };
  for (let number = 0; number < 13; number++) writeFileSync(`${work}/source/${number}`, "x");
  writeFileSync(`${work}/source/stays`, "x");
  journal = await openJournal(`${work}/state`);
  const first = await start(["one"], limited);
  await first.flush();
  for (let number = 0; number < 8; number++) rmSync(`${work}/source/${number}`);
  expect((await first.flush()).reached).toBe(true);
  for (let number = 8; number < 13; number++) rmSync(`${work}/source/${number}`);
  await first.flush({ timeoutMs: 2000 });
  // One or two may have gone in a push of their own: then they were not too many.
  const left = readdirSync(`${work}/one`).length;
  expect(left).toBeGreaterThanOrEqual(4);
  await first.close();

  journal = await openJournal(`${work}/state`);
  const second = await start(["one"], limited);
  writeFileSync(`${work}/source/new`, "x");
  await second.flush({ timeoutMs: 2000 });
  expect(readdirSync(`${work}/one`)).toHaveLength(left + 1);
  expect(second.status().roots[0]!.targets[0]).toMatchObject({ state: "held" });
  expect(await second.retry()).toBe(0);
  expect(await second.release()).toBeGreaterThanOrEqual(left - 1);
  expect((await second.flush()).reached).toBe(true);
  expect(readdirSync(`${work}/one`)).toEqual(["new", "stays"]);
  rmSync(`${work}/source/new`);
  expect((await second.flush()).reached).toBe(true);
  expect(readdirSync(`${work}/one`)).toEqual(["stays"]);
  expect(second.status().journalBytes).toBeGreaterThan(0);
});

test("each path that arrives is told with its own delay", async () => {
  const running = await start(["one"]);
  await running.flush();
  const delays: number[][] = [];
  running.on("pushed", ({ delaysMs }) => delays.push([...delaysMs]));
  let hold = 200;
  targets.get("one")!.beforePush = async () => {
    await new Promise((resolve) => setTimeout(resolve, hold));
    hold = 0;
    return [];
  };
  writeFileSync(`${work}/source/early`, "x");
  await vi.waitFor(() => expect(running.status().roots[0]!.targets[0]!.state).toBe("pushing"));
  writeFileSync(`${work}/source/late`, "x");
  expect((await running.flush()).reached).toBe(true);
  expect(Math.max(...delays[0]!)).toBeGreaterThanOrEqual(200);
  expect(Math.min(...delays[1]!)).toBeLessThan(Math.max(...delays[0]!));
});

test("a difference that a background comparison finds is an event; none is none", async () => {
  writeFileSync(`${work}/source/file`, "x");
  const running = await start(["one"], {
    verify: { samplePerHour: 0, full: { every: 30, cron: null } },
  });
  await running.flush();
  const verified = vi.fn();
  running.on("verified", verified);
  await vi.waitFor(() => expect(verified).toHaveBeenCalled());
  expect(verified.mock.lastCall![0]).toMatchObject({
    target: "one",
    entries: 1,
    differences: 0,
    repaired: 0,
  });
  const kind = "contents" as const;
  targets.get("one")!.differences = [{ path: "file", kind, change: "<fc........" }];
  await vi.waitFor(() => expect(verified.mock.lastCall![0]).toMatchObject({ differences: 1 }));
  expect(verified.mock.lastCall![0]).toMatchObject({ paths: ["file"], repaired: 0 });
});

test("a reload changes the targets that are other ones, and leaves the rest alone", async () => {
  journal = await openJournal(`${work}/state`);
  mkdirSync(`${work}/three`);
  writeFileSync(`${work}/source/old`, "old");
  const running = await start(["one", "two"]);
  await running.flush();
  const first = running.status().roots[0]!;
  for (const name of ["one", "three"])
    targets.set(name, new DirectoryTarget(`${work}/source`, `${work}/${name}`));
  const [one, two, three] = ["one", "two", "three"].map(targetSettings);
  reloaded = rootSettings(`${work}/source`, [{ ...one!, timeout: 5 }, two!, three!]);
  const roots = vi.fn();
  running.on("root", roots);
  expect(await running.reload()).toEqual({
    ...{ added: ["root/three"], removed: [], changed: ["root/one"], warnings: [] },
  });
  writeFileSync(`${work}/source/new`, "new");
  expect((await running.flush()).reached).toBe(true);
  for (const name of ["one", "two", "three"]) expect(same(name)).toBe("");
  expect(roots).not.toHaveBeenCalled();
  const trees = (name: string) => targets.get(name)!.plans.flatMap((plan) => plan.trees);
  expect([trees("one"), trees("two"), trees("three")]).toEqual([[], [""], [""]]);
  const second = running.status().roots[0]!;
  expect(second.targets.map(({ name }) => name)).toEqual(["one", "two", "three"]);
  expect(second.targets[1]!.pushes).toBeGreaterThan(first.targets[1]!.pushes);

  expect(await running.reload()).toMatchObject({ added: [], removed: [], changed: [] });
  reloaded = rootSettings(`${work}/source`, [{ ...one!, timeout: 5 }, three!]);
  expect(await running.reload()).toMatchObject({ removed: ["root/two"], changed: [] });
  writeFileSync(`${work}/source/later`, "later");
  expect((await running.flush()).targets.map(({ target }) => target)).toEqual(["one", "three"]);
  expect(readdirSync(`${work}/two`)).toEqual(["new", "old"]);
  expect(same("three")).toBe("");
});

test("a target with another address is compared anew, after a reload as after a restart", async () => {
  writeFileSync(`${work}/source/old`, "old");
  const running = await start(["one"]);
  await running.flush();
  rmSync(`${work}/one/old`);
  writeFileSync(`${work}/one/foreign`, "not ours");
  targets.set("one", new DirectoryTarget(`${work}/source`, `${work}/one`));
  const moved = { ...targetSettings("one"), url: "rsync://127.0.0.1/elsewhere" };
  reloaded = rootSettings(`${work}/source`, [moved]);
  await running.reload();
  expect((await running.flush()).reached).toBe(true);
  expect(readdirSync(`${work}/one`)).toEqual(["foreign", "old"]);
  reloaded = rootSettings(`${work}/source`, [
    { ...moved, filter: { ...moved.filter, protect: ["x"] } },
  ]);
  targets.set("one", new DirectoryTarget(`${work}/source`, `${work}/one`));
  await running.reload();
  expect((await running.flush()).reached).toBe(true);
  expect(targets.get("one")!.plans.flatMap(({ trees }) => trees)).toEqual([""]);
});

test("a full sync that loses its root on the way deletes nothing", async () => {
  for (const name of ["a", "b"]) writeFileSync(`${work}/source/${name}`, name);
  const running = await start(["one"]);
  await running.flush();
  const target = targets.get("one")!;
  const list = target.list.bind(target);
  const listed = new Promise<void>((resolve) => {
    target.list = (path) => {
      renameSync(`${work}/source`, `${work}/unmounted`);
      mkdirSync(`${work}/source`);
      resolve();
      return list(path);
    };
  });
  await running.fullSync();
  await listed;
  await running.flush({ timeoutMs: 300 });
  expect(readdirSync(`${work}/one`)).toEqual(["a", "b"]);
});

test("a directory that is renamed with more changes in it than one push takes gets there", async () => {
  mkdirSync(`${work}/source/upload.tmp`);
  const running = await start(["one"], { batch: { ...targetSettings("one").batch, maxPaths: 5 } });
  await running.flush();
  targets.get("one")!.beforePush = () =>
    Promise.reject(new TargetError("unreachable", 10, "connection refused"));
  for (let i = 0; i < 20; i++) writeFileSync(`${work}/source/upload.tmp/${i}`, "x");
  await running.flush({ timeoutMs: 50 });
  renameSync(`${work}/source/upload.tmp`, `${work}/source/upload`);
  await running.flush({ timeoutMs: 50 });
  targets.get("one")!.beforePush = () => Promise.resolve([]);
  expect((await running.flush({ timeoutMs: 5000 })).reached).toBe(true);
  expect(same("one")).toBe("");
});

test("files of a directory that is renamed are linked to what the target has of them", async () => {
  mkdirSync(`${work}/source/old/sub`, { recursive: true });
  writeFileSync(`${work}/source/old/sub/file`, "text");
  const running = await start(["one"]);
  await running.flush();
  renameSync(`${work}/source/old`, `${work}/source/new`);
  expect((await running.flush()).reached).toBe(true);
  const links = targets.get("one")!.plans.flatMap((plan) => plan.links);
  expect(links).toEqual([{ from: "old/sub/file", to: "new/sub/file" }]);
  expect(same("one")).toBe("");
});

test("reloads that come at the same time, and before all roots are live, come one after another", async () => {
  const starting = start(["one"]);
  await vi.waitFor(() => expect(mirror).not.toBeNull());
  targets.set("two", new DirectoryTarget(`${work}/source`, `${work}/two`));
  reloaded = {
    ...rootSettings(`${work}/source`, ["one", "two"].map(targetSettings)),
    filter: { rules: ["- *.tmp"], excludeRegex: [], tempFiles: "none", protect: [] },
  };
  const [first, second] = await Promise.all([mirror!.reload(), mirror!.reload()]);
  await starting;
  expect(first.changed).toEqual(["root"]);
  expect(second.changed).toEqual([]);
  writeFileSync(`${work}/source/file`, "x");
  expect((await mirror!.flush()).reached).toBe(true);
  for (const name of ["one", "two"]) expect(same(name)).toBe("");
});

test("a mirror that is closed while it starts leaves nothing open", async () => {
  const states = vi.fn();
  const starting = start(["one"]);
  mirror!.on("root", states);
  await mirror!.close();
  await starting.catch(() => {});
  const last = states.mock.lastCall?.[0];
  expect(last === undefined || last.state === "closed").toBe(true);
  writeFileSync(`${work}/source/file`, "x");
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(readdirSync(`${work}/one`)).toEqual([]);
});

/** A mirror whose target refuses everything, and is left alone for a while. */
async function startRefused(wait: number): Promise<Mirror> {
  const retry = { first: wait, min: wait, max: wait, factor: 1, jitter: 0 };
  const running = await start(["one"], { retry });
  await running.flush();
  targets.get("one")!.beforePush = () =>
    Promise.reject(new TargetError("refused", 5, "access denied"));
  writeFileSync(`${work}/source/file`, "x");
  await vi.waitFor(() => expect(running.status().roots[0]!.targets[0]!.state).toBe("refused"));
  return running;
}

test("a comparison that waits for its turn with a target comes although a guard halts the root", async () => {
  const running = await startRefused(300);
  const verifying = running.verify();
  renameSync(`${work}/source`, `${work}/gone`);
  expect((await verifying).targets[0]!.error).toBeNull();
  expect(running.status().roots[0]!.state).toBe("root-gone");
});

test("a comparison that waits for its turn with a target ends with the mirror", async () => {
  const running = await startRefused(60_000);
  const verifying = running.verify();
  await running.close();
  expect((await verifying).targets[0]!.error).toMatch(/closed/);
});

test("what cannot be looked at in the source is told, and arrives when it can", async () => {
  const running = await start(["one"]);
  await running.flush();
  const warned = vi.fn();
  running.on("warning", warned);
  const lstat = CurrentTree.prototype.lstat;
  const blind = vi.spyOn(CurrentTree.prototype, "lstat").mockImplementation(function (
    this: CurrentTree,
    path,
  ) {
    return path === "locked" ? "unreadable" : lstat.call(this, path);
  });
  writeFileSync(`${work}/source/locked`, "x");
  expect((await running.flush({ timeoutMs: 3000 })).reached).toBe(false);
  const [target] = running.status().roots[0]!.targets;
  expect(target!.parked).toMatchObject([
    { path: "locked", reason: expect.stringContaining("cannot be looked at") },
  ]);
  blind.mockRestore();
  await running.retry();
  expect((await running.flush()).reached).toBe(true);
  expect(running.status().roots[0]!.targets[0]!.parked).toEqual([]);
  expect(same("one")).toBe("");
});

test("a mirror that is killed in its first walk of a root that it knew nothing about syncs all of it", async () => {
  const openRootJournal = async () => {
    journal = await openJournal(`${work}/state`);
    return journal.root("root", `${work}/source`, ["one"], "off");
  };
  // A target that has been synced, of a root of which nothing was kept.
  (await openRootJournal()).target("one").set("place", "rsync://127.0.0.1/one");
  await journal.close();
  journal = await openJournal(`${work}/state`);
  const walking = vi.spyOn(RootWatch.prototype, "start").mockReturnValue(new Promise(() => {}));
  void start(["one"]);
  await vi.waitFor(() => expect(walking).toHaveBeenCalled());
  await mirror!.close();
  walking.mockRestore();
  expect((await openRootJournal()).target("one").get("fullSyncWanted")).toBe(true);
  await journal.close();
});
