/**
 * `live.followSymlinkDirs` of the real program against the real daemon: after `flush` the target is what `rsync -ak` makes of the source
 * (spec 6, 8.2 no. 13).
 */
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { DirectoryLinks } from "../../packages/watcher/src/links/directory-links.js";
import { TestMirror } from "../../packages/watcher/src/watch/testing-mirror.js";
import { startWriter } from "../../packages/watcher/src/watch/testing-writer.js";
import { startDaemon } from "../support/daemon.js";
import { extended, setAttributes } from "../support/extended.js";
import { WatchProcess } from "../support/live/watch-process.js";
import { findRsync, isRoot, runCommand } from "../support/rsync.js";
import { readTree } from "../support/tree.js";

const work = mkdtempSync(`${tmpdir()}/tsrsync-symlink-dirs-`);
const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

interface Place {
  /** A path in the directory of this test. */
  at(path: string): string;
  source: string;
  target: string;
  watcher: WatchProcess;
  port: number;
}

async function openPlace(name: string, live = "", keys = "", chroot = "no"): Promise<Place> {
  const at = (path: string) => `${work}/${name}/${path}`;
  const [source, target] = [at("source"), at("target")];
  for (const path of ["source", "target", "outside"]) mkdirSync(at(path), { recursive: true });
  const ids = isRoot() ? "uid = 0\ngid = 0\n" : "";
  // Absolute links are changed by the daemon: what is compared with is written through it as well.
  const globals = `use chroot = ${chroot}\nread only = no\n${ids}`;
  const module = `${globals}[m]\npath = ${target}\n[expected]\npath = ${at("expected")}\n`;
  const daemon = await startDaemon("rsync", at("daemon"), module);
  endings.push(() => daemon.stop());
  const roots = `roots:
  - name: www
    path: ${source}
    live: { followSymlinkDirs: true${live} }
    targets: [{ name: web1, url: "rsync://127.0.0.1:${daemon.port}/m"${keys} }]
`;
  const watcher = new WatchProcess(at("watch"), roots);
  endings.push(() => watcher.stop());
  return { at, source, target, watcher, port: daemon.port };
}

function write(path: string, content = path): void {
  mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  writeFileSync(path, content);
}

/** Flushes, and compares with what rsync makes of the source. */
async function expectAsRsync(
  { at, source, target, watcher, port }: Place,
  letters = "akH",
): Promise<void> {
  const flush = await watcher.command("flush");
  expect(flush.status, flush.stdout + flush.stderr).toBe(0);
  rmSync(at("expected"), { recursive: true, force: true });
  mkdirSync(at("expected"));
  const to = `rsync://127.0.0.1:${port}/expected/`;
  // Nanoseconds count: a directory that was made within the second of its time keeps the time of its making else.
  const words = [`-${letters}`, "--modify-window=-1", "--numeric-ids", `${source}/`, to];
  const made = runCommand(findRsync().path, words);
  expect(made.status, made.stderr).toBe(0);
  expect(readTree(target)).toEqual(readTree(at("expected")));
}

async function expectVerified({ watcher }: Place): Promise<void> {
  const verify = await watcher.command("verify");
  expect(verify.status, verify.stdout).toBe(0);
}

const ROUNDS = Number(process.env["TSRSYNC_WATCH_ROUNDS"] ?? 2);

/** What a mirror has to have of a tree, sizes of directories aside. */
function itemsOf(root: string, links: DirectoryLinks | null): Record<string, unknown> {
  const tree = new TestMirror(root, undefined, links);
  tree.fill();
  return Object.fromEntries([...tree.items].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const isDirectory = (path: string) => lstatSync(path).isDirectory();

describe("links to directories", () => {
  test("are directories from the first full sync on, in and outside the root", async () => {
    const place = await openPlace("live");
    const { at, source, target, watcher } = place;
    write(`${source}/real/sub/file`);
    write(`${source}/plain`);
    write(at("outside/data/deep/file"));
    utimesSync(at("outside/data/deep"), 1_500_000_000, 1_500_000_000.25);
    chmodSync(at("outside/data"), 0o750);
    symlinkSync(at("outside/data"), `${source}/far`);
    symlinkSync("real", `${source}/near`);
    symlinkSync("../near/sub", `${source}/real/again`);
    symlinkSync("plain", `${source}/file-link`);
    symlinkSync("nowhere", `${source}/dangling`);
    symlinkSync("deep/../deep", Buffer.from(at("outside/data/\xff\n"), "latin1"));
    await watcher.start();
    await expectAsRsync(place);
    expect(isDirectory(`${target}/far`) && isDirectory(`${target}/near/sub`)).toBe(true);
    expect(readlinkSync(`${target}/dangling`)).toMatch(/nowhere$/);
    await expectVerified(place);

    // Below the links, from either side.
    write(at("outside/data/deep/file"), "changed");
    write(at("outside/data/new/tree/file"));
    write(`${source}/near/sub/through-the-link`);
    rmSync(`${source}/real/sub/file`);
    renameSync(`${source}/real/sub`, `${source}/real/renamed`);
    await expectAsRsync(place);
    renameSync(`${source}/real/renamed`, `${source}/far/moved-out`);
    write(at("outside/data/moved-out/more"));
    chmodSync(at("outside/data/new"), 0o711);
    await expectAsRsync(place);
    await expectVerified(place);
  });

  test("may be made, led elsewhere, lost, found again and removed", async () => {
    const place = await openPlace("changes");
    const { at, source, target, watcher } = place;
    for (const release of ["one", "two"]) {
      write(at(`outside/${release}/only-${release}`));
      write(at(`outside/${release}/both`), release);
    }
    write(`${source}/dir/kept`);
    await watcher.start();
    await expectAsRsync(place);

    symlinkSync(at("outside/one"), `${source}/current`);
    symlinkSync(at("outside/later"), `${source}/dir/later`);
    symlinkSync("../current/inner", `${source}/dir/by-way`);
    await expectAsRsync(place);
    // As deployments do it.
    symlinkSync(at("outside/two"), `${source}/current.new`);
    renameSync(`${source}/current.new`, `${source}/current`);
    await expectAsRsync(place);
    expect(existsSync(`${target}/current/only-one`)).toBe(false);
    write(at("outside/one/only-one"), "nobody's business");
    write(at("outside/two/inner/file"));
    write(at("outside/later/file"));
    await expectAsRsync(place);
    expect(existsSync(`${target}/dir/by-way/file`)).toBe(true);

    // The directory goes, and comes back as another one.
    renameSync(at("outside/two"), at("outside/away"));
    rmSync(at("outside/later"), { recursive: true });
    await expectAsRsync(place);
    expect(lstatSync(`${target}/current`).isSymbolicLink()).toBe(true);
    write(at("outside/two/third"));
    renameSync(at("outside/away"), at("outside/later"));
    await expectAsRsync(place);
    write(at("outside/later/only-two"), "changed");
    write(at("outside/two/third"), "changed");
    await expectAsRsync(place);

    // Real directories instead of links, links instead of real directories; directories that take links along.
    unlinkSync(`${source}/current`);
    write(`${source}/current/own`);
    renameSync(`${source}/dir`, `${source}/elsewhere`);
    symlinkSync("elsewhere", `${source}/dir`);
    await expectAsRsync(place);
    write(at("outside/later/both"), "once more");
    unlinkSync(`${source}/elsewhere/by-way`);
    await expectAsRsync(place);
    unlinkSync(`${source}/dir`);
    rmSync(`${source}/elsewhere`, { recursive: true });
    await expectAsRsync(place);
    expect(existsSync(at("outside/later/both"))).toBe(true);
    await expectVerified(place);
  });

  test("are known over a restart, and what changed meanwhile is found without a full sync", async () => {
    const place = await openPlace("restart");
    const { at, source, watcher } = place;
    write(at("outside/data/a/file"));
    write(at("outside/other/file"));
    symlinkSync(at("outside/data"), `${source}/one`);
    symlinkSync(at("outside/data"), `${source}/two`);
    symlinkSync(at("outside/missing"), `${source}/three`);
    await watcher.start();
    await expectAsRsync(place);
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      await watcher.stop(signal);
      const before = watcher.lines().length;
      write(at("outside/data/a/file"), signal);
      write(at(`outside/data/b/${signal}`));
      unlinkSync(`${source}/two`);
      symlinkSync(at(signal === "SIGTERM" ? "outside/other" : "outside/data/b"), `${source}/two`);
      write(at("outside/missing/appeared"), signal);
      await watcher.start();
      await expectAsRsync(place);
      expect(watcher.lines().slice(before).join("\n")).not.toMatch(/full sync/i);
    }
    await expectVerified(place);
  });

  test("that lead in a circle are links, with one warning for each", async () => {
    const place = await openPlace("circle");
    const { source, target, watcher } = place;
    write(`${source}/a/b/file`);
    symlinkSync("../..", `${source}/a/b/up`);
    symlinkSync("a", `${source}/c`);
    await watcher.start();
    const flush = await watcher.command("flush");
    expect(flush.status, flush.stderr).toBe(0);
    const isLink = (path: string) => lstatSync(`${target}/${path}`).isSymbolicLink();
    expect(["a/b/up", "c/b/up"].map(isLink)).toEqual([true, true]);
    expect(isDirectory(`${target}/c`)).toBe(true);
    expect(readTree(`${target}/c`)).toEqual(readTree(`${target}/a`));
    expect(watcher.lines().filter((line) => /mirrored as a link/.test(line))).toHaveLength(1);
    await expectVerified(place);
  });

  test("may be followed or not from one reload to the next", async () => {
    const place = await openPlace("reload");
    const { at, source, watcher } = place;
    write(`${source}/plain`);
    write(at("outside/data/deep/file"));
    symlinkSync(at("outside/data"), `${source}/link`);
    await watcher.start();
    await expectAsRsync(place);
    const config = readFileSync(watcher.config, "utf8");
    for (const follows of [false, true]) {
      const live = `followSymlinkDirs: ${follows}`;
      writeFileSync(watcher.config, config.replace("followSymlinkDirs: true", live));
      expect((await watcher.command("reload")).status).toBe(0);
      await expectAsRsync(place, follows ? "akH" : "aH");
      write(at("outside/data/deep/file"), String(follows));
      await expectAsRsync(place, follows ? "akH" : "aH");
    }
  });

  test.runIf(isRoot())("whatever several writers do with them", async () => {
    const seed = Number(process.env["TSRSYNC_WATCH_SEED"] ?? 1);
    const keys = ", delete: { maxFiles: 1000000, maxPercent: 100 }, retry: { max: 1s }";
    const place = await openPlace("writers", "", keys, "yes");
    const { at, source, target, watcher } = place;
    write(`${source}/one/file`);
    write(`${source}/two/file`); // an empty root would halt
    await watcher.start();
    for (let round = 0; round < ROUNDS; round++) {
      const outside = at("outside");
      const how = { root: source, outside, operations: 200, links: false, follow: true };
      const writers = [1, 2].map((one) =>
        startWriter({ ...how, seed: seed * 100 + round * 3 + one }),
      );
      await Promise.all(writers);
      write(`${source}/last`, String(round));
      const flush = await watcher.command("flush", "--timeout", "30");
      expect(flush.status, flush.stdout + flush.stderr).toBe(0);
      expect(itemsOf(target, null), `seed ${seed}, round ${round}`).toEqual(
        itemsOf(source, new DirectoryLinks(source)),
      );
    }
    await expectVerified(place);
  });

  const shared = "/dev/shm";
  const isElsewhere = existsSync(shared) && statSync(shared).dev !== statSync(tmpdir()).dev;
  test.runIf(isElsewhere)("on other file systems are empty directories, as with -x", async () => {
    const other = mkdtempSync(`${shared}/tsrsync-symlink-dirs-`);
    endings.push(async () => rmSync(other, { recursive: true }));
    write(`${other}/sub/file`);
    const one = await openPlace("one-file-system");
    symlinkSync(other, `${one.source}/link`);
    await one.watcher.start();
    await expectAsRsync(one, "akHx");
    symlinkSync(`${other}/sub`, `${one.source}/second`);
    await expectAsRsync(one, "akHx");
    await expectVerified(one);
    await one.watcher.stop();
    const all = await openPlace("all-file-systems", ", oneFileSystem: false");
    symlinkSync(other, `${all.source}/link`);
    write(`${all.source}/file`);
    await all.watcher.start();
    await expectAsRsync(all);
    write(`${other}/sub/file`, "changed");
    await expectAsRsync(all);
    unlinkSync(`${all.source}/link`);
    await expectAsRsync(all);
  });

  test("carry the attributes of the directories", async () => {
    const place = await openPlace("attributes", "", ", rsync: { xattrs: true }");
    write(place.at("outside/data/file"));
    setAttributes(place.at("outside"), "data", { "user.k": "v" });
    symlinkSync(place.at("outside/data"), `${place.source}/link`);
    await place.watcher.start();
    expect((await place.watcher.command("flush")).status).toBe(0);
    expect(extended(place.target)["./link"]).toContain("user.k=v");
    await expectVerified(place);
  });
});
