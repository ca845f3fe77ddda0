/**
 * Renames at daemons that take no hard links (spec 6, 3.5): directories are taken from their old names, files in one directory
 * from what is beside them, and where nothing of that is to be had everything is sent again. Whatever happens, `flush` leaves
 * both trees equal.
 */
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { createMirror, type Mirror, type MirrorOptions } from "@tsrsync/watcher";
import { afterAll, describe, expect, test } from "vitest";
import { type Implementation, startDaemon, type TestDaemon } from "../support/daemon.js";
import { findGenerations } from "../support/generations.js";
import { isRoot } from "../support/rsync.js";
import { bytesOf, type CompareOptions, noise, readTree } from "../support/tree.js";

const work = mkdtempSync(`${tmpdir()}/tsrsync-live-renames-`);
const endings: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const end of endings.reverse()) await end();
  rmSync(work, { recursive: true, force: true });
});

const RETRY = { first: "0s", min: "100ms", max: "200ms" };
const IDS = isRoot() ? "uid = 0\ngid = 0\n" : "";
const FILES = 12;
const FILE_BYTES = 150_000;
const DIRECTORY = FILES * FILE_BYTES;
/** What is sent again of data that the target has. */
const FEW = 2_000;

const LINE_END = /[\r\n]/;
const HOSTILE = [
  "-x",
  "a b'\"$`#;&|<>(){}",
  "w*[a]?\\",
  "~",
  "x m",
  "line\nend\r",
  "\xff\xfe\x01\x7f\t",
  ":%41",
  "...",
];

type Changes = Partial<Exclude<MirrorOptions["roots"][0]["targets"][0], string>>;

/** A root with a directory of 1.8 MB and files beside it, mirrored to a daemon that refuses options. */
class World {
  readonly source: string;
  readonly target: string;
  readonly #place: string;
  readonly #implementation: Implementation;
  readonly warnings: string[] = [];
  readonly failures: string[] = [];
  mirror!: Mirror;
  #daemon!: TestDaemon;
  #sent = 0;

  constructor(implementation: Implementation = "rsync") {
    this.#place = mkdtempSync(`${work}/`);
    this.#implementation = implementation;
    this.source = `${this.#place}/source`;
    this.target = `${this.#place}/target`;
    for (const path of [this.source, this.target]) mkdirSync(path);
  }

  async serve(refused: string): Promise<void> {
    const port = this.#daemon === undefined ? 0 : this.#daemon.port;
    await this.#daemon?.stop();
    this.#daemon = await startDaemon(
      this.#implementation,
      `${this.#place}/daemon`,
      `socket options = TCP_NODELAY\n${IDS}use chroot = no\nmunge symlinks = no\n[m]\npath = ${this.target}\nread only = no\nrefuse options = ${refused}\n`,
      port,
    );
  }

  /** Fills the root, and brings all of it to the target. */
  async open(changes: Changes = {}): Promise<void> {
    endings.push(() => this.#daemon.stop());
    this.fill("dir");
    for (const name of ["one", "two"]) this.write(name, noise(FILE_BYTES, name.charCodeAt(0)));
    const url = `rsync://127.0.0.1:${this.#daemon.port}/m`;
    this.mirror = await createMirror({
      defaults: { retry: RETRY, delete: { maxPercent: 100 } },
      roots: [{ name: "r", path: this.source, targets: [{ name: "t", url, ...changes }] }],
      stateDir: `${this.#place}/state`,
    });
    endings.push(() => this.mirror.close());
    this.mirror.on("pushed", ({ outcome }) => {
      this.#sent += outcome.sentBytes;
    });
    this.mirror.on("warning", ({ text }) => this.warnings.push(text));
    this.mirror.on("failed", ({ message }) => this.failures.push(message));
    await this.mirror.flush();
    expect(this.#sent).toBeGreaterThan(DIRECTORY / 2);
  }

  fill(directory: string): void {
    mkdirSync(bytesOf(`${this.source}/${directory}/sub/empty`), { recursive: true });
    for (let i = 0; i < FILES; i++)
      this.write(`${directory}/${i % 2 === 0 ? "" : "sub/"}file-${i}`, noise(FILE_BYTES, i));
    this.write(`${directory}/none`, Buffer.alloc(0));
  }

  write(path: string, data: Uint8Array): void {
    writeFileSync(bytesOf(`${this.source}/${path}`), data);
  }

  move(from: string, to: string): void {
    renameSync(bytesOf(`${this.source}/${from}`), bytesOf(`${this.source}/${to}`));
  }

  /** What was sent of the contents of files until both sides were equal. */
  async sent(options: CompareOptions = {}): Promise<number> {
    const before = this.#sent;
    await this.mirror.flush();
    expect(readTree(this.target, options)).toEqual(readTree(this.source, options));
    expect(this.failures).toEqual([]);
    return this.#sent - before;
  }

  get options(): readonly string[] | undefined {
    return this.mirror.status().roots[0]?.targets[0]?.capabilities?.renameOptions;
  }
}

const OLD = findGenerations().filter(({ name }) => /-3\.(0\.0|1\.3|4\.1)$/.test(name));

test.concurrent.each(OLD)("$name makes something of old names, too", async ({ name, protocol }) => {
  const world = new World(name);
  await world.serve("hard-links");
  await world.open();
  expect(world.options).toEqual(["link-dest", "copy-dest", "fuzzy"]);
  const options: CompareOptions = { times: protocol < 31 ? "s" : "ns" };
  world.move("dir", "renamed");
  expect(await world.sent(options)).toBeLessThanOrEqual(FEW);
  world.move("one", "one.old");
  expect(await world.sent(options)).toBeLessThanOrEqual(FEW);
});

async function worldOf(
  refused: string,
  changes: Changes = {},
  ...directories: readonly string[]
): Promise<World> {
  const world = new World();
  for (const path of directories) mkdirSync(bytesOf(`${world.source}/${path}`));
  await world.serve(refused);
  await world.open(changes);
  return world;
}

test.concurrent.each([
  ["hard-links", true, ["link-dest", "copy-dest", "fuzzy"], 0, 0],
  ["hard-links", false, ["link-dest", "copy-dest", "fuzzy"], 0, 0],
  ["hard-links link-dest", true, ["copy-dest", "fuzzy"], 0, 0],
  ["hard-links link-dest copy-dest", false, ["fuzzy"], DIRECTORY, 0],
  ["hard-links fuzzy", false, ["link-dest", "copy-dest"], 0, FILE_BYTES],
  ["hard-links *-dest fuzzy", true, [], DIRECTORY, FILE_BYTES],
])(
  "a daemon that refuses %s, with hardLinks: %s",
  async (refused, hardLinks, options, forDirectory, forFile) => {
    const world = await worldOf(refused, { rsync: { hardLinks } });
    expect(world.options).toEqual(options);
    expect(world.warnings.filter((text) => /hard links/.test(text)).length).toBe(hardLinks ? 1 : 0);
    world.move("dir", "renamed");
    expect(await world.sent()).toBeLessThanOrEqual(forDirectory + FEW);
    expect(statSync(`${world.target}/renamed/file-0`).nlink).toBe(1);
    world.move("one", "one.old");
    const file = await world.sent();
    expect(file).toBeGreaterThanOrEqual(forFile);
    expect(file).toBeLessThanOrEqual(forFile + FEW);
    expect(await world.mirror.verify()).toMatchObject({ equal: true });
  },
);

test.concurrent("an atomic save is linked to nothing: its first name never was in the target", async () => {
  const world = await worldOf("none", { batch: { quiet: "200ms" } });
  const links: unknown[] = [];
  world.mirror.on("batch", ({ plan }) => links.push(...plan.links));
  world.write("one.new", noise(FILE_BYTES, 5));
  world.move("one.new", "one");
  expect(await world.sent()).toBeLessThanOrEqual(FILE_BYTES);
  expect(links).toEqual([]);
});

test.concurrent.each(["none", "hard-links"])(
  "directories change places that differ in contents only, at a daemon that refuses %s",
  async (refused) => {
    const world = await worldOf(refused);
    for (const [at, path] of ["here/f", "there/f"].entries()) {
      mkdirSync(`${world.source}/${path.slice(0, -2)}`);
      world.write(path, noise(FILE_BYTES, at));
      utimesSync(`${world.source}/${path}`, 1, 1);
    }
    await world.sent();
    world.move("here", "there/here");
    world.move("there", "here");
    await world.sent();
  },
);

describe.concurrent("moved where hard links are refused", () => {
  test("files that keep their names, into another directory", async () => {
    const world = await worldOf("hard-links");
    mkdirSync(`${world.source}/other/deep`, { recursive: true });
    for (let i = 0; i < FILES; i += 2) world.move(`dir/file-${i}`, `other/deep/file-${i}`);
    for (let i = 1; i < FILES; i += 2) world.move(`dir/sub/file-${i}`, `file-${i}`);
    // 900 kB in each of the two directories: that is sent.
    expect(await world.sent()).toBe(DIRECTORY);
    world.move("dir", "other/dir");
    await world.sent();
  });

  test("a directory whose data the target changed, or has no more", async () => {
    const world = await worldOf("hard-links");
    appendFileSync(`${world.target}/dir/file-0`, "not ours");
    writeFileSync(`${world.target}/dir/file-2`, noise(FILE_BYTES, 99));
    rmSync(`${world.target}/dir/sub/file-1`);
    world.move("dir", "renamed");
    expect(await world.sent()).toBeLessThan(3 * FILE_BYTES);
    rmSync(`${world.target}/renamed`, { recursive: true });
    world.move("renamed", "again");
    expect(await world.sent()).toBeGreaterThanOrEqual(DIRECTORY);
  });

  test("a directory to a name that the target has something under", async () => {
    const world = await worldOf("hard-links");
    mkdirSync(`${world.target}/renamed/file-0`, { recursive: true });
    writeFileSync(`${world.target}/renamed/file-2`, noise(FILE_BYTES, 99));
    writeFileSync(`${world.target}/renamed/sub`, "a file");
    utimesSync(`${world.target}/renamed/file-2`, 1, 1);
    world.move("dir", "renamed");
    await world.sent();
    writeFileSync(`${world.target}/file`, "in the way");
    world.move("renamed", "file");
    await world.sent();
  });

  test("a directory that moves on at once is taken from where the target has it", async () => {
    const world = await worldOf("hard-links");
    world.move("dir", "second");
    world.move("second", "third");
    expect(await world.sent()).toBeLessThanOrEqual(FEW);
  });

  test("again and again, written to, and replaced meanwhile", async () => {
    const world = await worldOf("hard-links");
    world.move("dir", "second");
    world.move("second", "third");
    world.fill("dir");
    appendFileSync(`${world.source}/third/file-0`, "more");
    world.write("third/file-2", noise(FILE_BYTES, 77));
    world.move("third/file-4", "third/sub/file-4");
    await world.sent();
    world.move("third", "fourth");
    rmSync(`${world.source}/fourth/file-6`);
    world.write("third", Buffer.from("now a file"));
    await world.sent();
    world.move("one", "three");
    world.move("two", "one");
    world.move("three", "two");
    appendFileSync(`${world.source}/two`, "more");
    await world.sent();
  });

  test("directories of any name", async () => {
    // A name that stood for others would stand for the last two.
    const world = await worldOf("hard-links", {}, ...HOSTILE, "wXa\\", "wXaX");
    let place = "dir";
    for (const name of HOSTILE) {
      const next = `${name}/n${name}`;
      const isSent = LINE_END.test(place + next) || /[*?[\\]/.test(next);
      world.move(place, next);
      const sent = await world.sent();
      if (isSent) expect([name, sent]).toEqual([name, DIRECTORY]);
      else expect([name, sent <= FEW]).toEqual([name, true]);
      place = next;
    }
  });

  test("a directory of which the filter hides a part, under its old or its new name", async () => {
    const filter = { rules: ["- file-1*", "- /dir/none", "- /renamed/file-0"] };
    const world = await worldOf("hard-links", { filter });
    const visible = (hidden: RegExp) => {
      const tree = readTree(world.source);
      return Object.fromEntries(Object.entries(tree).filter(([path]) => !hidden.test(path)));
    };
    await world.mirror.flush();
    expect(readTree(world.target)).toEqual(visible(/file-1|dir\/none/));
    world.move("dir", "renamed");
    await world.mirror.flush();
    expect(readTree(world.target)).toEqual(visible(/file-1|renamed\/file-0$/));
  });

  test("a directory whose old name stays becomes no part of it", async () => {
    const world = await worldOf("hard-links", { delete: { mode: "never" } });
    const old = readTree(`${world.target}/dir`);
    world.move("dir", "renamed");
    await world.mirror.flush();
    expect(readTree(`${world.target}/dir`)).toEqual(old);
    expect(readTree(`${world.target}/renamed`)).toEqual(readTree(`${world.source}/renamed`));
    expect(statSync(`${world.target}/dir/file-0`).nlink).toBe(1);
  });

  test("while the daemon comes to refuse more: nothing fails, and it is remembered", async () => {
    const world = await worldOf("hard-links");
    await world.serve("hard-links *-dest fuzzy");
    world.move("dir", "renamed");
    world.move("one", "three");
    expect(await world.sent()).toBeGreaterThanOrEqual(DIRECTORY);
    expect(world.options).toEqual(["copy-dest"]);
    world.move("renamed", "dir");
    world.move("three", "one");
    expect(await world.sent()).toBeGreaterThanOrEqual(DIRECTORY);
    expect(world.options).toEqual([]);
  });
});
