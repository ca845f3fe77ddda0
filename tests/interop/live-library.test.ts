/**
 * The live mirror as a library in an application: the example of its README, typed events, several roots and targets, our own
 * daemon in the same process, with and without a state directory (issue 4, "Library").
 */
import { randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { createServer } from "@tsrsync/server";
import {
  ConfigError,
  createMirror,
  type FailedEvent,
  type Mirror,
  type MirrorEvents,
  type MirrorOptions,
} from "@tsrsync/watcher";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import {
  canLowerLimits,
  withLimit,
} from "../../packages/watcher/src/inotify/testing-kernel-limits.js";
import { freePort, startDaemon } from "../support/daemon.js";
import { runProcess } from "../support/live/run-process.js";
import { isRoot } from "../support/rsync.js";
import { readTree } from "../support/tree.js";

const repository = new URL("../../", import.meta.url).pathname;
const scripts = `${repository}node_modules/.cache/live-library-${process.pid}`;
const work = mkdtempSync(`${tmpdir()}/tsrsync-live-library-`);
const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});
afterAll(() => {
  for (const path of [work, scripts]) rmSync(path, { recursive: true, force: true });
});

const RETRY = { first: "0s", min: "100ms", max: "200ms" };
const IDS = isRoot() ? "uid = 0\ngid = 0\n" : "";
const OLD = 1_500_000_000;
let places = 0;

/** Directories of one test. */
function directories<Name extends string>(...names: Name[]): Record<Name, string> {
  const place = `${work}/${++places}`;
  const made = names.map((name) => {
    mkdirSync(`${place}/${name}`, { recursive: true });
    return [name, `${place}/${name}`];
  });
  return Object.fromEntries(made) as Record<Name, string>;
}

/** Our own daemon in this process. */
async function serve(
  path: string,
  port = 0,
): Promise<{ server: ReturnType<typeof createServer>; port: number }> {
  const server = createServer({ modules: [{ name: "m", path, readOnly: false }] });
  endings.push(() => server.close());
  return { server, port: await server.listen(port, "127.0.0.1") };
}

/** The installed rsync as a daemon. */
async function serveRsync(path: string): Promise<number> {
  const config = `use chroot = no\nmunge symlinks = no\n${IDS}[m]\npath = ${path}\nread only = no\n`;
  const daemon = await startDaemon("rsync", `${path}.daemon`, config);
  endings.push(() => daemon.stop());
  return daemon.port;
}

const urlOf = (port: number): string => `rsync://127.0.0.1:${port}/m`;

async function open(options: MirrorOptions): Promise<Mirror> {
  const mirror = await createMirror({ defaults: { retry: RETRY }, ...options });
  endings.push(() => mirror.close());
  return mirror;
}

/** The next event of this name that fits. */
function next<Name extends keyof MirrorEvents>(
  mirror: Mirror,
  name: Name,
  fits: (event: MirrorEvents[Name][0]) => boolean = () => true,
): Promise<MirrorEvents[Name][0]> {
  return new Promise((resolve) => {
    const listener = (event: MirrorEvents[Name][0]): void => {
      if (!fits(event)) return;
      mirror.off(name, listener as never);
      resolve(event);
    };
    mirror.on(name, listener as never);
  });
}

test("the example of the README, run as it stands there but for names of hosts and places", async () => {
  const readme = readFileSync(`${repository}packages/watcher/README.md`, "utf8");
  const example = /^```js\n(.*?)^```$/ms.exec(readme)![1]!;
  expect(example.trim().split("\n").length).toBeLessThan(14);
  const { source, one, two, state } = directories("source", "one", "two", "state");
  mkdirSync(`${source}/pages`);
  writeFileSync(`${source}/pages/index.html`, "hello");
  const ports = [await serveRsync(one), (await serve(two)).port];
  mkdirSync(scripts, { recursive: true });
  const local = example
    .replace("/srv/www", source)
    .replace("rsync://web1/www", urlOf(ports[0]!))
    .replace("rsync://web2/www", urlOf(ports[1]!))
    .replace("/var/lib/my-app/mirror", state);
  writeFileSync(`${scripts}/example.mjs`, local);
  const { status, stdout, stderr } = await runProcess(process.execPath, [`${scripts}/example.mjs`]);
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/^127\.0\.0\.1\S*: 1 files$/m);
  expect(stdout).toMatch(/^equal: true\n$/m);
  for (const target of [one, two]) expect(readTree(target)).toEqual(readTree(source));
});

describe.each(["with", "without"] as const)("a mirror %s a state directory", (kind) => {
  function options(source: string, port: number, stateDir: string): MirrorOptions {
    return {
      roots: [{ name: "www", path: source, targets: [{ name: "t", url: urlOf(port) }] }],
      ...(kind === "with" ? { stateDir } : {}),
    };
  }

  test("tells what it does, to our own daemon in the same process", async () => {
    const { source, target, state } = directories("source", "target", "state");
    const { server, port } = await serve(target);
    const mirror = await open(options(source, port, state));
    await mirror.flush();

    const told: string[] = [];
    for (const name of ["change", "batch", "pushed", "idle"] as const)
      mirror.on(name, () => told.push(name));
    const pushed = next(mirror, "pushed", ({ plan }) => plan.items.includes("d/f"));
    const idle = next(mirror, "idle");
    mkdirSync(`${source}/d`);
    writeFileSync(`${source}/d/f`, "content");
    const { root, target: name, outcome, batch, sequence, delayMs } = await pushed;
    expect([root, name, outcome.failed.size]).toEqual(["www", "t", 0]);
    expect(outcome.files).toBeGreaterThan(0);
    for (const figure of [batch, sequence]) expect(figure).toBeGreaterThan(0);
    expect(delayMs).toBeGreaterThanOrEqual(0);
    expect((await idle).root).toBe("www");
    expect(told.slice(0, 3)).toEqual(["change", "batch", "pushed"]);
    expect(told).toContain("idle");
    expect(readFileSync(`${target}/d/f`, "utf8")).toBe("content");

    await server.close();
    const failed = next(mirror, "failed");
    const again = next(mirror, "failed", ({ attempt }: FailedEvent) => attempt > 1);
    writeFileSync(`${source}/later`, "x");
    expect(await failed).toMatchObject({ failure: "unreachable", attempt: 1, target: "t" });
    expect((await again).message).not.toBe("");
    const { reached, targets } = await mirror.flush({ timeoutMs: 50 });
    expect([reached, targets[0]!.reached]).toEqual([false, false]);
    expect(targets[0]!.reason).not.toBe("");
    await serve(target, port);
    expect(await mirror.flush()).toMatchObject({ reached: true });
    expect(readTree(target)).toEqual(readTree(source));
  });

  test("compares and repairs, and has what happened while it was closed", async () => {
    const { source, target, state } = directories("source", "target", "state");
    const { port } = await serve(target);
    writeFileSync(`${source}/f`, "content");
    utimesSync(`${source}/f`, OLD, OLD);
    const first = await open(options(source, port, state));
    await first.flush();
    expect(await first.verify()).toMatchObject({ equal: true });
    // Same size, same time: only a comparison of contents tells.
    writeFileSync(`${target}/f`, "CONTENT");
    utimesSync(`${target}/f`, OLD, OLD);
    const verified = next(first, "verified");
    const report = await first.verify({ repair: true });
    expect(report).toMatchObject({
      equal: false,
      targets: [{ entries: 2, differenceCount: 1, repaired: 1 }],
    });
    expect(report.targets[0]!.differences[0]).toMatchObject({ path: "f" });
    expect(await verified).toMatchObject({ root: "www", target: "t", differences: 1 });
    await first.flush();
    expect(readFileSync(`${target}/f`, "utf8")).toBe("content");
    await first.close();
    await first.close();

    writeFileSync(`${source}/g`, "while closed");
    rmSync(`${source}/f`);
    const second = await open(options(source, port, state));
    const syncs: string[] = [];
    second.on("fullSync", ({ phase }) => syncs.push(phase));
    await second.flush();
    // Without a memory all of the target is compared, and it is not known that the mirror may delete there.
    expect(syncs).toEqual(kind === "with" ? [] : ["started", "done"]);
    expect(readdirSync(target)).toEqual(kind === "with" ? ["g"] : ["f", "g"]);
  });
});

test("a directory that is renamed costs no data, and what is changed in it only the change", async () => {
  const { source, target } = directories("source", "target");
  mkdirSync(`${source}/photos/2025`, { recursive: true });
  for (let i = 0; i < 20; i++) writeFileSync(`${source}/photos/2025/${i}`, randomBytes(50_000));
  const mirror = await open({
    roots: [{ name: "www", path: source, targets: [urlOf(await serveRsync(target))] }],
  });
  await mirror.flush();
  let sent = 0;
  mirror.on("pushed", ({ outcome }) => {
    sent += outcome.sentBytes;
  });
  renameSync(`${source}/photos`, `${source}/pictures`);
  await mirror.flush();
  expect(readTree(target)).toEqual(readTree(source));
  expect(sent).toBeLessThan(1000);
  writeFileSync(`${source}/pictures/2025/0`, "another picture");
  renameSync(`${source}/pictures`, `${source}/images`);
  await mirror.flush();
  expect(readTree(target)).toEqual(readTree(source));
});

test("a directory that is deleted leaves at the target what is protected or left out", async () => {
  const { source, target } = directories("source", "target");
  mkdirSync(`${source}/d/e/deep`, { recursive: true });
  for (const name of ["stays", "d/e/f", "d/e/deep/g"]) writeFileSync(`${source}/${name}`, "x");
  const filter = { protect: ["*.log"], rules: ["- *.tmp"] };
  const targets = [urlOf(await serveRsync(target))];
  const mirror = await open({ roots: [{ name: "www", path: source, targets, filter }] });
  await mirror.flush();
  for (const name of ["d/e/own.log", "d/own.tmp"]) writeFileSync(`${target}/${name}`, "x");
  rmSync(`${source}/d`, { recursive: true });
  expect((await mirror.flush({ timeoutMs: 10_000 })).reached).toBe(true);
  const left = [".", "d", "d/e", "d/e/own.log", "d/own.tmp", "stays"];
  expect(Object.keys(readTree(target)).sort()).toEqual(left);
  for (const name of ["d/e/own.log", "d/own.tmp"]) rmSync(`${target}/${name}`);
  await mirror.fullSync();
  expect((await mirror.flush({ timeoutMs: 10_000 })).reached).toBe(true);
  expect(Object.keys(readTree(target)).sort()).toEqual([".", "stays"]);
});

test("several roots and targets: a slow or dead one keeps no other waiting", async () => {
  const { www, img, a, b, c } = directories("www", "img", "a", "b", "c");
  const [own, rsync, dead] = [(await serve(a)).port, await serveRsync(b), await freePort()];
  const other = (await serve(c)).port;
  for (const root of [www, img]) writeFileSync(`${root}/first`, root);
  const mirror = await open({
    roots: [
      {
        path: www,
        targets: [
          { name: "own", url: urlOf(own) },
          { name: "rsync", url: urlOf(rsync) },
          { name: "dead", url: urlOf(dead) },
        ],
      },
      { path: img, targets: [urlOf(other)] },
    ],
  });
  writeFileSync(`${www}/second`, "2");
  const [toOwn, toRsync] = await Promise.all([
    mirror.flush({ root: "www", target: "own" }),
    mirror.flush({ root: "www", target: "rsync" }),
  ]);
  expect([toOwn.reached, toRsync.reached]).toEqual([true, true]);
  expect((await mirror.flush({ root: "img" })).reached).toBe(true);
  expect((await mirror.flush({ timeoutMs: 50 })).reached).toBe(false);
  for (const target of [a, b]) expect(readTree(target)).toEqual(readTree(www));
  expect(readTree(c)).toEqual(readTree(img));
  const [first, second] = mirror.status().roots;
  expect([first!.name, first!.state, second!.name]).toEqual(["www", "live", "img"]);
  expect(first!.targets.map(({ dirty }) => dirty > 0)).toEqual([false, false, true]);
  const { path } = directories("path");
  await serve(path, dead);
  expect((await mirror.flush()).reached).toBe(true);
  expect(readTree(path)).toEqual(readTree(www));
  await expect(mirror.flush({ root: "none" })).rejects.toMatchObject({ code: "unknown" });
});

test("a guard halts a root, and nothing is deleted", async () => {
  const { source, target, place } = directories("source", "target", "place");
  const { port } = await serve(target);
  mkdirSync(`${source}/data`);
  writeFileSync(`${source}/data/f`, "1");
  const mirror = await open({ roots: [{ name: "www", path: source, targets: [urlOf(port)] }] });
  await mirror.flush();
  const halted = next(mirror, "guard", ({ active }) => active);
  renameSync(`${source}/data`, `${place}/data`);
  expect(await halted).toMatchObject({ root: "www", state: "guarded" });
  expect((await mirror.flush({ timeoutMs: 100 })).reached).toBe(false);
  expect(existsSync(`${target}/data/f`)).toBe(true);
  const released = next(mirror, "guard", ({ active }) => !active);
  await mirror.resume("www");
  expect(await released).toMatchObject({ root: "www", state: "live" });
  await mirror.flush();
  expect(readdirSync(target)).toEqual([]);
});

test.runIf(canLowerLimits())("an overflow is told, and loses nothing", async () => {
  const { source, target } = directories("source", "target");
  const { port } = await serve(target);
  let mirror: Mirror | null = null;
  await withLimit("max_queued_events", 4, async () => {
    mirror = await open({ roots: [{ name: "www", path: source, targets: [urlOf(port)] }] });
  });
  const overflow = next(mirror!, "overflow");
  for (let index = 0; index < 500; index++) writeFileSync(`${source}/${index}`, "x");
  expect(await overflow).toMatchObject({ root: "www" });
  await mirror!.flush();
  expect(readTree(target)).toEqual(readTree(source));
});

test("options that are wrong are refused before anything is begun", async () => {
  const { source, state, target } = directories("source", "state", "target");
  const roots = [{ path: source, targets: ["rsync://127.0.0.1/m"] }];
  const wrong: [MirrorOptions, RegExp][] = [
    [{ roots, root: [] }, /unknown key "root".*"?roots/],
    [{ roots: [{ path: "relative", targets: [] }] }, /absolute/],
    [{ roots: [{ path: source, targets: ["http://x/y"] }] }, /rsync:\/\//],
    [{ roots: [...roots, ...roots] }, /is pushed to by the roots/],
  ];
  for (const [options, message] of wrong) {
    const thrown = await createMirror(options).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(ConfigError);
    expect((thrown as Error).message).toMatch(message);
  }
  const { port } = await serve(target);
  const options = { roots: [{ path: source, targets: [urlOf(port)] }], stateDir: state };
  const first = await open(options);
  await expect(createMirror(options)).rejects.toThrow(/another process uses the state directory/);
  writeFileSync(`${source}/f`, "goes on");
  expect((await first.flush()).reached).toBe(true);
});
