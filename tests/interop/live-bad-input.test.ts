/**
 * What can go wrong around the live mirror, through the real program: what it says, where it stands, its exit codes, that nothing
 * is deleted that must stay, and that it goes on when the cause is mended (issue 4, "Bad input").
 */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { connectControl, type RootStatus, type TargetStatus } from "@tsrsync/watcher";
import { afterAll, describe, expect, type TestContext, test } from "vitest";
import { type Implementation, startDaemon, type TestDaemon } from "../support/daemon.js";
import { runProcess } from "../support/live/run-process.js";
import { TSRSYNC_WATCH, WatchProcess } from "../support/live/watch-process.js";
import { isRoot, runCommand } from "../support/rsync.js";
import { noise, readTree } from "../support/tree.js";

const work = mkdtempSync(`${tmpdir()}/tsrsync-bad-input-`);
afterAll(() => rmSync(work, { recursive: true, force: true }));
const IDS = isRoot() ? "uid = 0\ngid = 0\n" : "";

/** Only root may mount, and not in every container. */
const mounts = ((): boolean => {
  const path = `${work}/mount`;
  mkdirSync(path);
  const mounted = runCommand("mount", ["-t", "tmpfs", "-o", "size=1m", "none", path]).status === 0;
  if (mounted) runCommand("umount", [path]);
  return mounted;
})();

const testMounted = mounts ? test.concurrent : test.skip;

type OnEnd = TestContext["onTestFinished"];

/** Waits until `check` returns something, at most twenty seconds. */
async function until<T>(what: string, check: () => Promise<T> | T, seen = () => ""): Promise<T> {
  for (let tries = 0; tries < 400; tries++) {
    const found = await check();
    if (found) return found;
    await delay(50);
  }
  throw new Error(`${what} did not come: ${seen()}`);
}

const read = (path: string): string => (existsSync(path) ? readFileSync(path, "latin1") : "");

/** A source, a target with a daemon before it, and a watcher. */
class Place {
  readonly directory: string;
  readonly source: string;
  readonly target: string;
  readonly #implementation: Implementation;
  readonly #onEnd: OnEnd;
  #daemon: TestDaemon | null = null;
  #port = 0;
  #watcher: WatchProcess | null = null;

  constructor(implementation: Implementation, name: string, onEnd: OnEnd) {
    this.directory = `${work}/${implementation}-${name}`;
    this.source = `${this.directory}/source`;
    this.target = `${this.directory}/target`;
    this.#implementation = implementation;
    this.#onEnd = onEnd;
    for (const path of [this.source, this.target]) mkdirSync(path, { recursive: true });
  }

  get port(): number {
    return this.#port;
  }

  /** Starts the daemon, or another one at its place. */
  async serve(module = "read only = no", name = "m"): Promise<void> {
    await this.#daemon?.stop();
    const config = `use chroot = no\nmunge symlinks = no\n${IDS}[${name}]\npath = ${this.target}\n${module}\n`;
    const directory = `${this.directory}/daemon`;
    const daemon = await startDaemon(this.#implementation, directory, config, this.#port);
    this.#daemon = daemon;
    this.#port = daemon.port;
    this.#onEnd(() => daemon.stop());
  }

  async stopServing(): Promise<void> {
    await this.#daemon?.stop();
  }

  /** Starts the mirror; waits until the root is live unless it is not to be. */
  async watch(options: { root?: string; target?: string; user?: string; isLive?: boolean } = {}) {
    const { root = "", target = "", user = "", isLive = true } = options;
    const watcher = new WatchProcess(
      `${this.directory}/watch`,
      `defaults: { retry: { first: 0s, min: 100ms, max: 300ms } }
roots:
  - name: www
    path: ${this.source}
${root}
    targets:
      - name: web1
        url: "rsync://${user}127.0.0.1:${this.#port}/m"
${target}
`,
    );
    this.#watcher = watcher;
    this.#onEnd(async () => void (await watcher.stop()));
    await watcher.start(isLive ? 1 : 0);
    return watcher;
  }

  get watcher(): WatchProcess {
    return this.#watcher!;
  }

  /** Stands of root and target, as the control socket tells; null as long as there is none. */
  async status(): Promise<{ root: RootStatus; target: TargetStatus } | null> {
    try {
      const client = await connectControl(this.watcher.stateDir);
      const { roots } = await client.status();
      client.close();
      return { root: roots[0]!, target: roots[0]!.targets[0]! };
    } catch {
      return null;
    }
  }

  /** Waits for a state of the target and its reason, and looks whether the commands tell the same. */
  async untilTarget(state: TargetStatus["state"], reason: RegExp): Promise<TargetStatus> {
    const { target } = await this.#until(state, ({ target: each }) => each.state === state);
    expect(target.reason).toMatch(reason);
    const told = await this.watcher.command("status", "--json");
    expect(told.status).toBe(2);
    // An attempt may be under way.
    const found = JSON.parse(told.stdout).roots[0].targets[0] as TargetStatus;
    expect([state, "pushing"]).toContain(found.state);
    return target;
  }

  async untilRoot(state: RootStatus["state"], reason: RegExp): Promise<RootStatus> {
    const { root } = await this.#until(state, ({ root: each }) => each.state === state);
    expect(root.reason).toMatch(reason);
    const told = await this.watcher.command("status", "--json");
    expect(told.status).toBe(state === "live" ? 0 : 2);
    expect(JSON.parse(told.stdout).roots[0]).toMatchObject({ state, name: "www" });
    return root;
  }

  async #until(
    what: string,
    isIt: (status: { root: RootStatus; target: TargetStatus }) => boolean,
  ) {
    const found = await until(
      what,
      async () => {
        const status = await this.status();
        return status !== null && isIt(status) ? status : null;
      },
      () => this.watcher.lines().slice(-10).join("\n"),
    );
    return found!;
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(`${this.source}/${name}`), { recursive: true });
      writeFileSync(`${this.source}/${name}`, text);
    }
  }

  /** Waits until everything has arrived, and compares. */
  async synced(except: readonly string[] = []): Promise<void> {
    const { status, stdout, stderr } = await this.watcher.command("flush", "--timeout=20s");
    expect(status, stdout + stderr).toBe(0);
    const items = Object.entries(readTree(this.target)).filter(([name]) => !except.includes(name));
    expect(Object.fromEntries(items)).toEqual(readTree(this.source));
  }
}

describe("configurations that can not be used", () => {
  const run = (...words: string[]) => runProcess(process.execPath, [TSRSYNC_WATCH, ...words]);
  const config = (name: string, text: string | Buffer): string => {
    writeFileSync(`${work}/${name}`, text);
    return `${work}/${name}`;
  };
  const ROOT = "roots:\n  - path: /\n";

  test.concurrent.each([
    ["nothing.yaml", "", /nothing\.yaml:1:1: .*(empty|missing)/],
    ["key.yaml", "version: 1\nroot: []\n", /key\.yaml:2:1: unknown key "root".*roots/],
    ["type.yaml", "version: 1\nroots: 5\n", /type\.yaml:2:8: /],
    ["yaml.yaml", 'version: 1\nroots: [ "a\n', /yaml\.yaml:\d+:\d+: /],
    ["bytes.yaml", Buffer.from([0xff, 0xfe, 0, 1, 2, 3]), /bytes\.yaml:.*: /],
    [
      "url.yaml",
      `version: 1\n${ROOT}    targets: ["htp://x/y"]\n`,
      /url\.yaml:4:\d+: .*rsync:\/\//,
    ],
    ["cut.xml", '<?xml version="1.0"?>\n<head>\n<sersync>\n', /cut\.xml:\d+(:\d+)?: /],
    ["none.xml", '<?xml version="1.0"?>\n<head version="2.5"></head>\n', /none\.xml/],
  ])("%s", async (name, text, message) => {
    const file = config(name, text);
    for (const words of [
      ["-o", file],
      ["check", file],
    ]) {
      const { status, stderr, stdout } = await run(...words);
      expect([status, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(message);
      expect(stderr).not.toMatch(/^\s+at /m);
    }
  });

  test.concurrent("a file that can not be read", async () => {
    for (const [path, message] of [
      [`${work}/missing.yaml`, /missing\.yaml.*no such file/],
      [work, /directory/],
    ] as const) {
      const { status, stderr } = await run("-o", path);
      expect(status).toBe(1);
      expect(stderr).toMatch(message);
      expect(stderr).not.toMatch(/^\s+at /m);
    }
  });
});

describe.each(["rsync", "tsrsync"] as const)("to a daemon of %s", (implementation) => {
  const place = (name: string, onEnd: OnEnd): Place => new Place(implementation, name, onEnd);

  test.concurrent("a wrong password, then the right one", async ({ onTestFinished }) => {
    const here = place("password", onTestFinished);
    writeFileSync(`${here.directory}/secrets`, "deploy:right\n", { mode: 0o600 });
    const password = `${here.directory}/password`;
    writeFileSync(password, "wrong\n", { mode: 0o600 });
    await here.serve(
      `read only = no\nauth users = deploy\nsecrets file = ${here.directory}/secrets`,
    );
    writeFileSync(`${here.target}/there`, "stays");
    here.write({ "a/b": "1" });
    await here.watch({ user: "deploy@", target: `        auth: { password: !file ${password} }` });
    await here.untilTarget("refused", /auth failed/i);
    const flushed = await here.watcher.command("flush", "--timeout=100ms");
    expect(flushed.status).toBe(2);
    expect(flushed.stderr).toMatch(/www web1: not up to date: refused, .*auth failed/i);
    expect(readdirSync(here.target)).toEqual(["there"]);

    chmodSync(password, 0o644);
    writeFileSync(password, "right\n");
    await until("the other reason", async () =>
      /must not be readable by others/.test((await here.status())!.target.reason),
    );
    chmodSync(password, 0o600);
    await here.synced(["there"]);
    expect(read(`${here.target}/there`)).toBe("stays");
    expect(here.watcher.lines().join("\n")).not.toMatch(/right|wrong/);
  });

  test.concurrent("a module that is missing, then read-only, then as it has to be", async ({
    onTestFinished,
  }) => {
    const here = place("module", onTestFinished);
    await here.serve("read only = no", "other");
    writeFileSync(`${here.target}/there`, "stays");
    here.write({ f: "1" });
    await here.watch();
    await here.untilTarget("refused", /unknown module/i);
    await here.serve("read only = yes");
    await until("the other reason", async () =>
      /read.only/i.test((await here.status())!.target.reason),
    );
    expect(readdirSync(here.target)).toEqual(["there"]);
    await here.serve();
    await here.synced(["there"]);
    expect(read(`${here.target}/there`)).toBe("stays");
  });

  test.concurrent("a target that is down at the start, and again later", async ({
    onTestFinished,
  }) => {
    const here = place("down", onTestFinished);
    await here.serve();
    await here.stopServing();
    here.write({ f: "1", gone: "x" });
    await here.watch();
    await here.untilTarget("backing-off", /connect|refused/i);
    here.write({ g: "2" });
    await here.serve();
    await here.synced();
    await here.stopServing();
    unlinkSync(`${here.source}/gone`);
    here.write({ f: "3" });
    await here.untilTarget("backing-off", /connect|refused/i);
    expect(read(`${here.target}/gone`)).toBe("x");
    await here.serve();
    await here.synced();
  });

  test.concurrent("a daemon whose connections are all taken", async ({ onTestFinished }) => {
    const here = place("busy", onTestFinished);
    const lock = `max connections = 1\nlock file = ${here.directory}/lock`;
    await here.serve(`read only = no\n${lock}`);
    const other = connect(here.port, "127.0.0.1");
    onTestFinished(() => void other.destroy());
    const answer = new Promise((resolve) => {
      let text = "";
      other.on("data", (bytes) => {
        text += bytes.toString("latin1");
        if (text.includes("@RSYNCD: OK")) resolve(text);
      });
    });
    other.write("@RSYNCD: 31.0 md5\nm\n");
    await answer;
    here.write({ f: "1" });
    await here.watch();
    await here.untilTarget("backing-off", /max connections/);
    expect(readdirSync(here.target)).toEqual([]);
    other.destroy();
    await here.synced();
  });

  test.concurrent("a root that is not there at the start, comes back empty, and then as it was", async ({
    onTestFinished,
  }) => {
    const here = place("missing-root", onTestFinished);
    await here.serve();
    here.write({ "data/a": "1", "data/b/c": "2" });
    await here.watch();
    await here.synced();
    await here.watcher.stop();
    const before = readTree(here.target);
    renameSync(here.source, `${here.source}.away`);
    await here.watch({ isLive: false });
    await here.untilRoot("root-gone", /no such directory/);
    mkdirSync(here.source);
    await here.untilRoot("guarded", /empty/);
    expect(readTree(here.target)).toEqual(before);
    rmSync(here.source, { recursive: true });
    renameSync(`${here.source}.away`, here.source);
    await here.untilRoot("live", /./);
    here.write({ "data/d": "3" });
    await here.synced();
  });

  test.concurrent("a root that appears later", async ({ onTestFinished }) => {
    const here = place("later-root", onTestFinished);
    await here.serve();
    rmSync(here.source, { recursive: true });
    writeFileSync(`${here.target}/there`, "stays");
    await here.watch({ isLive: false });
    await here.untilRoot("root-gone", /no such directory/);
    here.write({ f: "1" });
    await here.untilRoot("live", /./);
    await here.synced(["there"]);
    expect(read(`${here.target}/there`)).toBe("stays");
  });

  test.concurrent("a root that is suddenly empty, is as it was, and is empty because that is meant", async ({
    onTestFinished,
  }) => {
    const here = place("empty-root", onTestFinished);
    await here.serve();
    here.write({ "data/a": "1", "data/b/c": "2" });
    await here.watch();
    await here.synced();
    const before = readTree(here.target);
    renameSync(`${here.source}/data`, `${here.directory}/data`);
    await here.untilRoot("guarded", /empty/);
    expect(readTree(here.target)).toEqual(before);
    renameSync(`${here.directory}/data`, `${here.source}/data`);
    await here.untilRoot("live", /./);
    await here.synced();
    renameSync(`${here.source}/data`, `${here.directory}/data`);
    await here.untilRoot("guarded", /empty/);
    expect(existsSync(`${here.target}/data/b/c`)).toBe(true);
    expect((await here.watcher.command("resume", "www")).status).toBe(0);
    await here.synced();
    expect(readdirSync(here.target)).toEqual([]);
  });

  test.concurrent("a marker that is gone, and back", async ({ onTestFinished }) => {
    const here = place("marker", onTestFinished);
    await here.serve();
    here.write({ ".marker": "", a: "1", b: "2" });
    await here.watch({ root: "    guard: { marker: .marker }" });
    await here.synced();
    unlinkSync(`${here.source}/.marker`);
    await here.untilRoot("guarded", /\.marker is not there/);
    unlinkSync(`${here.source}/a`);
    here.write({ c: "3" });
    expect((await here.watcher.command("flush", "--timeout=200ms")).status).toBe(2);
    expect(existsSync(`${here.target}/c`)).toBe(false);
    expect(read(`${here.target}/a`)).toBe("1");
    here.write({ ".marker": "" });
    await here.untilRoot("live", /./);
    await here.synced();
  });

  test.concurrent("too many deletions, held back until they are released", async ({
    onTestFinished,
  }) => {
    const here = place("held", onTestFinished);
    await here.serve();
    const names = Array.from({ length: 20 }, (_, index) => `f${index}`);
    here.write(Object.fromEntries(names.map((name) => [`data/${name}`, name])));
    await here.watch({ target: "        delete: { maxFiles: 10 }" });
    await here.synced();
    for (const name of names.slice(5)) unlinkSync(`${here.source}/data/${name}`);
    here.write({ "data/new": "goes on" });
    await here.untilTarget("held", /^/);
    await until("what is no deletion", () => existsSync(`${here.target}/data/new`));
    const held = (await here.status())!.target.heldDeletes;
    expect(readdirSync(`${here.target}/data`).length).toBe(6 + held);
    expect(held).toBeGreaterThan(4);
    const told = await here.watcher.command("status");
    expect(told.stdout).toMatch(new RegExp(`${held} deletions held back`));
    const released = await here.watcher.command("release", "www");
    expect(released.stdout).toMatch(new RegExp(`^${held} deletions released`));
    await here.synced();
  });

  test.concurrent("many deletions that are a small part of what came since the start", async ({
    onTestFinished,
  }) => {
    const here = place("percent", onTestFinished);
    await here.serve();
    await here.watch();
    const names = Array.from({ length: 400 }, (_, index) => `f${index}`);
    here.write(Object.fromEntries(names.map((name) => [`data/${name}`, ""])));
    await here.synced();
    for (const name of names.slice(290)) unlinkSync(`${here.source}/data/${name}`);
    await here.synced();
    expect(readdirSync(`${here.target}/data`).length).toBe(290);
    for (const name of names.slice(0, 200)) unlinkSync(`${here.source}/data/${name}`);
    await here.untilTarget("held", /^/);
  });

  testMounted("no space left, until there is some", async ({ onTestFinished }) => {
    const here = place("full", onTestFinished);
    const mount = ["-t", "tmpfs", "-o", "size=1m", "none", here.target];
    expect(runCommand("mount", mount).status).toBe(0);
    onTestFinished(() => void runCommand("umount", ["-l", here.target]));
    const ballast = `${here.target}/ballast`;
    writeFileSync(ballast, noise(900_000, 1));
    await here.serve();
    here.write({ small: "1" });
    await here.watch();
    await here.synced(["ballast"]);
    writeFileSync(`${here.source}/large`, noise(500_000, 2));
    unlinkSync(`${here.source}/small`);
    const { lastError } = await here.untilTarget("full", /No space left on device/);
    expect(lastError).toMatchObject({ failure: "full" });
    expect(existsSync(`${here.target}/large`)).toBe(false);
    expect(existsSync(ballast)).toBe(true);
    unlinkSync(ballast);
    await here.synced();
  });

  test.concurrent("a second mirror on one state directory, and a configuration that becomes wrong", async ({
    onTestFinished,
  }) => {
    const here = place("two", onTestFinished);
    await here.serve();
    here.write({ f: "1" });
    const watcher = await here.watch();
    const second = await watcher.command();
    expect(second.status).toBe(4);
    expect(second.stderr).toMatch(/another process uses the state directory/);
    const config = read(watcher.config);
    writeFileSync(watcher.config, config.replace("roots:", "rots:"));
    const reloaded = await runProcess(process.execPath, [
      ...[TSRSYNC_WATCH, "reload", "--state-dir", watcher.stateDir],
    ]);
    expect(reloaded.status).toBe(5);
    expect(reloaded.stderr).toMatch(/unknown key "rots"/);
    writeFileSync(watcher.config, config);
    here.write({ g: "goes on" });
    await here.synced();
    await watcher.stop();
    expect((await watcher.command("status")).status).toBe(3);
  });
});
