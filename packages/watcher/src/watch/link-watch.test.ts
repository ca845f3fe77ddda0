import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { inotifyHub } from "../inotify/inotify-hub.js";
import { DirectoryLinks } from "../links/directory-links.js";
import { TestMirror } from "./testing-mirror.js";
import { keepReader, TestRoot } from "./testing-root.js";

/** Inodes that this process watches. */
function watchedInodes(): Set<number> {
  const inodes = new Set<number>();
  for (const name of readdirSync("/proc/self/fdinfo")) {
    let text = "";
    try {
      text = readFileSync(`/proc/self/fdinfo/${name}`, "latin1");
    } catch {
      continue; // it was closed meanwhile
    }
    for (const [, inode] of text.matchAll(/^inotify wd:\S+ ino:(\S+)/gm))
      inodes.add(Number.parseInt(inode!, 16));
  }
  return inodes;
}

describe.runIf(inotifyHub() !== null)("links to directories that are followed", () => {
  let it: TestRoot;
  let mirror: TestMirror;
  beforeAll(() => keepReader());
  beforeEach(() => {
    it = new TestRoot();
    for (const path of ["root/real/sub", "outside/data/sub"])
      mkdirSync(`${it.place}/${path}`, { recursive: true });
    for (const path of ["root/real/file", "outside/data/file", "outside/data/sub/file"])
      writeFileSync(`${it.place}/${path}`, "1");
  });
  afterEach(() => it.end());

  const outside = (path: string) => `${it.place}/outside/${path}`;
  async function start(options: Parameters<TestRoot["watch"]>[0] = {}): Promise<void> {
    mirror = new TestMirror(it.root, undefined, new DirectoryLinks(it.root));
    mirror.fill();
    await it.watch({ followSymlinkDirs: true, ...options });
    await it.marks();
  }
  /** The marks, which a target has followed and is equal then. */
  async function marks(): Promise<string[]> {
    await it.watcher.drain();
    mirror.apply(it.recorder.marks);
    expect(mirror.differences()).toEqual([]);
    return it.recorder.take().map((mark) => mark.replace("!", ""));
  }
  const isWatched = (path: string) => watchedInodes().has(statSync(path).ino);

  test("what happens in the directory has the link's path", async () => {
    symlinkSync(outside("data"), it.path("link"));
    await start();
    writeFileSync(outside("data/sub/file"), "22");
    expect(await marks()).toEqual(["link/sub/file:0"]);
    mkdirSync(outside("data/new"));
    writeFileSync(outside("data/new/file"), "1");
    expect(await marks()).toContain("link/new/file:0");
    rmSync(outside("data/sub"), { recursive: true });
    expect(await marks()).toContain("link/sub:0");
  });

  test("in all places that lead there", async () => {
    symlinkSync("real", it.path("one"));
    symlinkSync(it.path("real"), it.path("two"));
    await start();
    expect(it.watcher.figures().polledDirectories).toBe(0);
    writeFileSync(it.path("real/sub/file"), "22");
    const paths = ["one", "real", "two"];
    expect(await marks()).toEqual(
      paths.flatMap((path) => [`${path}/sub/file:0`, `${path}/sub:0`]).sort(),
    );
    mkdirSync(it.path("two/made"));
    writeFileSync(it.path("one/made/file"), "1");
    const told = await marks();
    for (const path of paths) expect(told).toContain(`${path}/made/file:0`);
    renameSync(it.path("real/made"), it.path("real/sub/moved"));
    await marks();
    writeFileSync(it.path("real/sub/moved/file"), "333");
    expect(await marks()).toEqual(paths.map((path) => `${path}/sub/moved/file:0`));
    unlinkSync(it.path("one"));
    await marks();
    writeFileSync(it.path("real/sub/moved/file"), "4444");
    expect(await marks()).toEqual(["real/sub/moved/file:0", "two/sub/moved/file:0"]);
  });

  test("a link that is made, led elsewhere and removed", async () => {
    mkdirSync(outside("other/sub"), { recursive: true });
    writeFileSync(outside("other/another"), "1");
    await start();
    symlinkSync(outside("data"), it.path("link"));
    await marks();
    writeFileSync(outside("data/file"), "22");
    expect(await marks()).toEqual(["link/file:0"]);
    symlinkSync(outside("other"), it.path("link.tmp"));
    renameSync(it.path("link.tmp"), it.path("link"));
    expect(await marks()).toContain("link:2");
    expect(isWatched(outside("data"))).toBe(false);
    expect(isWatched(outside("data/sub"))).toBe(false);
    writeFileSync(outside("other/another"), "22");
    expect(await marks()).toEqual(["link/another:0"]);
    unlinkSync(it.path("link"));
    await marks();
    for (const path of ["", "other", "other/sub"])
      expect(isWatched(outside(path)), path).toBe(false);
  });

  test("a directory takes its links along, and relative ones lead elsewhere then", async () => {
    mkdirSync(it.path("a/b"), { recursive: true });
    mkdirSync(it.path("x"));
    writeFileSync(it.path("x/file"), "1");
    symlinkSync(outside("data"), it.path("a/b/far"));
    symlinkSync("../../real", it.path("a/b/near"));
    symlinkSync("../x", it.path("a/b/later"));
    await start();
    renameSync(it.path("a/b"), it.path("c"));
    await marks();
    writeFileSync(outside("data/file"), "22");
    writeFileSync(it.path("x/file"), "22");
    writeFileSync(it.path("real/file"), "22");
    expect(await marks()).toEqual(["c/far/file:0", "c/later/file:0", "real/file:0", "x/file:0"]);
    renameSync(it.path("c"), `${it.place}/c`);
    await marks();
    expect(isWatched(outside("data"))).toBe(false);
    expect(isWatched(outside(""))).toBe(false);
  });

  test.each([
    ["itself", "data"],
    ["what it lies in", ""],
  ])("what a link leads to comes and goes: %s", async (_, moved) => {
    symlinkSync(outside("data"), it.path("link"));
    symlinkSync(it.path("link"), it.path("another"));
    await start();
    const from = outside(moved).replace(/\/$/, "");
    renameSync(from, `${it.place}/away`);
    expect(await marks()).toEqual(expect.arrayContaining(["another:2", "link:2"]));
    expect(isWatched(moved === "" ? `${it.place}/away/data` : `${it.place}/away`)).toBe(false);
    writeFileSync(`${it.place}/away/${moved === "" ? "data/" : ""}file`, "22");
    expect(await marks()).toEqual([]);
    renameSync(`${it.place}/away`, from);
    await marks();
    writeFileSync(outside("data/file"), "333");
    expect(await marks()).toEqual(["another/file:0", "link/file:0"]);
    rmSync(from, { recursive: true });
    await marks();
    mkdirSync(outside("data"), { recursive: true });
    writeFileSync(outside("data/file"), "4444");
    await marks();
    writeFileSync(outside("data/file"), "55555");
    expect(await marks()).toEqual(["another/file:0", "link/file:0"]);
  });

  test("a link becomes a directory, a directory a link", async () => {
    symlinkSync(outside("data"), it.path("link"));
    await start();
    unlinkSync(it.path("link"));
    mkdirSync(it.path("link"));
    writeFileSync(it.path("link/own"), "1");
    await marks();
    expect(isWatched(outside("data"))).toBe(false);
    rmSync(it.path("link"), { recursive: true });
    symlinkSync(outside("data"), it.path("link"));
    await marks();
    renameSync(it.path("real"), it.path("link.old"));
    symlinkSync("link", it.path("real"));
    await marks();
    writeFileSync(outside("data/file"), "22");
    expect(await marks()).toEqual(["link/file:0", "real/file:0"]);
  });

  test("one that leads in a circle is a link, and told once", async () => {
    symlinkSync("..", it.path("real/up"));
    symlinkSync("real/sub", it.path("down"));
    await start();
    const warnings = () => it.recorder.warnings.filter((text) => /lies in/.test(text));
    expect(warnings()).toEqual([expect.stringContaining("real/up: ")]);
    writeFileSync(it.path("real/sub/file"), "22");
    expect(await marks()).toContain("down/file:0");
    // A directory moves, and a link in it leads to where it lies.
    mkdirSync(it.path("box"));
    symlinkSync(it.path("real"), it.path("box/link"));
    await marks();
    renameSync(it.path("box"), it.path("real/box"));
    await marks();
    expect(warnings()).toEqual([
      expect.stringContaining("real/up: "),
      expect.stringContaining("real/box/link: "),
    ]);
    renameSync(it.path("real/box"), it.path("box"));
    await marks();
    writeFileSync(it.path("real/file"), "333");
    expect(await marks()).toEqual(["box/link/file:0", "real/file:0"]);
  });

  test("what is changed while nobody watches is found by the walk", async () => {
    symlinkSync(outside("data"), it.path("link"));
    symlinkSync(outside("data"), it.path("real/other"));
    await start();
    await it.watcher.close();
    writeFileSync(outside("data/sub/file"), "22");
    unlinkSync(it.path("real/other"));
    symlinkSync("sub", it.path("real/other"));
    await it.watch({ followSymlinkDirs: true });
    const told = await marks();
    expect(told).toContain("link/sub/file:0");
    expect(told.some((mark) => mark.startsWith("real/other:"))).toBe(true);
  });

  test("where nothing can be watched all is looked at in intervals", async () => {
    symlinkSync(outside("data"), it.path("link"));
    await start({ backend: "poll" });
    writeFileSync(outside("data/sub/file"), "22");
    expect(await marks()).toContain("link/sub/file:0");
    renameSync(outside("data"), outside("away"));
    await marks();
    mkdirSync(outside("data"));
    writeFileSync(outside("data/new"), "1");
    await marks();
    expect(mirror.items.has("link/new")).toBe(true);
  });

  const shared = "/dev/shm";
  const isElsewhere = () => statSync(shared).dev !== statSync(tmpdir()).dev;
  test.runIf(isElsewhere())(
    "another file system is gone into only when that is wanted",
    async () => {
      const place = `${shared}/tsrsync-links-${process.pid}`;
      mkdirSync(place);
      try {
        symlinkSync(place, it.path("link"));
        await it.watch({ followSymlinkDirs: true, oneFileSystem: true });
        await it.marks();
        expect(isWatched(place)).toBe(false);
        await it.watch({ followSymlinkDirs: true, oneFileSystem: false });
        await it.marks();
        writeFileSync(`${place}/file`, "1");
        expect(await it.marks()).toEqual(["link/file:0", "link:0"]);
        unlinkSync(it.path("link"));
        await it.marks();
        expect(it.watcher.state).toBe("live");
        expect(isWatched(place)).toBe(false);
      } finally {
        rmSync(place, { recursive: true });
      }
    },
  );
});
