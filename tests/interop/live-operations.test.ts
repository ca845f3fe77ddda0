/**
 * The live mirror as a service: hooks, failure log, log lines, metrics, status and signals of the real program against a real daemon
 * (spec 6, 1.4, 4.5, 8.3, 8.4).
 */
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { freePort, startDaemon, type TestDaemon } from "../support/daemon.js";
import { WatchProcess } from "../support/live/watch-process.js";
import { isRoot } from "../support/rsync.js";

const work = mkdtempSync(`${tmpdir()}/tsrsync-operations-`);
const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const HOSTILE = [
  "a`touch pwned`.php",
  'b";touch pwned;".php',
  "c$(touch pwned)'d.php",
  "line\nend.php",
  "\xff\xfe.php",
];

interface Place {
  directory: string;
  source: string;
  target: string;
  daemon: TestDaemon;
  moduleConfig: string;
}

async function openPlace(name: string): Promise<Place> {
  const directory = `${work}/${name}`;
  const [source, target] = [`${directory}/source`, `${directory}/target`];
  for (const path of [source, target]) mkdirSync(path, { recursive: true });
  const ids = isRoot() ? "uid = 0\ngid = 0\n" : "";
  const moduleConfig = `use chroot = no\n${ids}[m]\npath = ${target}\nread only = no\n`;
  const daemon = await startDaemon("rsync", `${directory}/daemon`, moduleConfig);
  endings.push(() => daemon.stop());
  return { directory, source, target, daemon, moduleConfig };
}

async function watch(place: Place, roots: string, words: string[] = []): Promise<WatchProcess> {
  const watcher = new WatchProcess(`${place.directory}/watch`, roots, words);
  endings.push(() => watcher.stop());
  await watcher.start();
  return watcher;
}

/** Waits until `check` returns something, at most ten seconds. */
async function until<T>(what: string, check: () => T | null | undefined | false): Promise<T> {
  for (let tries = 0; tries < 500; tries++) {
    const found = check();
    if (found) return found;
    await delay(20);
  }
  throw new Error(`${what} did not come`);
}

const bytes = (path: string): Buffer => Buffer.from(path, "latin1");
const read = (path: string): string => (existsSync(path) ? readFileSync(path, "latin1") : "");

/** A program that appends its arguments, each with a NUL behind it, to `<path>.out`. */
function recorder(path: string, more = ""): string {
  writeFileSync(path, `#!/bin/sh\n${more}\nprintf '%s\\0' "$@" >> ${path}.out\n`, { mode: 0o755 });
  return path;
}

/** A TCP server that keeps what each connection brought. */
async function listener(): Promise<{ port: number; texts: string[] }> {
  const texts: string[] = [];
  const server = createServer((socket) => {
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
    });
    socket.on("end", () => texts.push(text));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  endings.push(() => new Promise((resolve) => server.close(resolve)));
  const address = server.address();
  return { port: typeof address === "object" && address !== null ? address.port : 0, texts };
}

describe("the live mirror as a service", () => {
  test("tells hooks of what arrived, byte for byte, and shows what it does", async () => {
    const place = await openPlace("hooks");
    const { directory, source, target, daemon } = place;
    const program = recorder(`${directory}/hook`);
    const socket = await listener();
    const web = await freePort();
    const watcher = await watch(
      place,
      `web: { listen: "127.0.0.1:${web}" }
roots:
  - name: www
    path: ${source}
    targets: [{ name: web1, url: "rsync://127.0.0.1:${daemon.port}/m" }]
    hooks:
      - { kind: command, argv: ["${program}", "{path}"], match: ['(.*)\\.php'] }
      - { kind: socket, address: "127.0.0.1:${socket.port}", format: compat, match: ['(.*)\\.php'] }
`,
    );
    for (const name of [...HOSTILE, "other.txt"])
      writeFileSync(bytes(`${source}/${name}`), bytes(name));
    expect((await watcher.command("flush")).status).toBe(0);
    const paths = HOSTILE.map((name) => `${source}/${name}`).sort();
    await until("the last hook", () => socket.texts.length >= HOSTILE.length);
    await until("the last hook", () => read(`${program}.out`).split("\0").length > HOSTILE.length);
    expect(read(`${program}.out`).split("\0").slice(0, -1).sort()).toEqual(paths);
    expect([...socket.texts].sort()).toEqual(paths);
    expect(existsSync(`${source}/pwned`) || existsSync("pwned")).toBe(false);
    for (const name of HOSTILE)
      expect(readFileSync(bytes(`${target}/${name}`), "latin1")).toBe(name);

    const page = await (await fetch(`http://127.0.0.1:${web}/metrics`)).text();
    expect(page).toMatch(
      /^tsrsync_watch_pushes_total\{root="www",target="web1",result="ok"\} [1-9]/m,
    );
    expect(page).toMatch(/^tsrsync_watch_dirty_paths\{root="www",target="web1"\} 0$/m);
    expect(page).toMatch(
      /^tsrsync_watch_hook_runs_total\{root="www",hook="command 1",result="ok"\} [1-9]/m,
    );
    const health = await fetch(`http://127.0.0.1:${web}/healthz?maxLag=60`);
    expect([health.status, await health.text()]).toEqual([200, "ok\n"]);
    const push = watcher.lines().filter((line) => / info push root=www target=web1 /.test(line));
    expect(push.at(-1)).toMatch(
      /^\S+Z info push root=www target=web1 seq=\d+ paths=\d+ up=\d+ del=\d+ ren=\d+ bytes=\S+ sent=\S+ wall=\S+s delay=\S+s ok$/,
    );
    const debug = watcher.lines().join("\n");
    expect(debug).toMatch(/ debug inotify wd:\d+ name:\\xff\\xfe\.php mask:0x8$/m);
    expect(debug).toMatch(/ debug command .*rsync .* rsync:\/\/127\.0\.0\.1:\d+\/m\/( |$)/m);
    const status = () => JSON.parse(read(`${watcher.stateDir}/status.json`)).roots[0];
    await until(
      "the status file",
      () => status()?.state === "live" && status().targets[0].dirty === 0,
    );
    expect(status().targets[0].files).toBe(HOSTILE.length + 1);
  });

  test("has what fails twice in the failure log until it arrives", async () => {
    const place = await openPlace("failures");
    const { directory, source, target, daemon, moduleConfig } = place;
    const failLog = `${directory}/rsync_fail_log.sh`;
    const watcher = await watch(
      place,
      `defaults: { retry: { first: 0s, min: 100ms, max: 300ms }, failLog: { path: ${failLog} } }
roots:
  - name: www
    path: ${source}
    targets: [{ name: web1, url: "rsync://127.0.0.1:${daemon.port}/m" }]
`,
    );
    expect((await watcher.command("flush")).status).toBe(0);
    await daemon.stop();
    writeFileSync(`${source}/it's`, "x");
    const text = await until("the entry", () => /it/.test(read(failLog)) && read(failLog));
    const entry = `#errno 2560\\ncd ${source} && rsync .* './it'\\\\''s' rsync://127\\.0\\.0\\.1:${daemon.port}/m/\\n\\n`;
    expect(text).toMatch(new RegExp(entry));
    expect(watcher.lines().join("\n")).toMatch(
      / warn push root=www target=web1 .* errno=2560 class=unreachable reason=".*" attempt=[2-9] retry=\S+ failed$/m,
    );
    const again = await startDaemon("rsync", `${directory}/daemon`, moduleConfig, daemon.port);
    endings.push(() => again.stop());
    expect((await watcher.command("retry")).status).toBe(0);
    expect((await watcher.command("flush")).status).toBe(0);
    expect(read(`${target}/it's`)).toBe("x");
    await until("the end of the entry", () => read(failLog) === "");
  });

  test("takes other hooks over on HUP, shows its status on USR1, and runs no full sync whose hook fails", async () => {
    const place = await openPlace("signals");
    const { directory, source, target, daemon } = place;
    const first = recorder(`${directory}/first`);
    const second = recorder(`${directory}/second`);
    const before = recorder(`${directory}/before`, `[ -e ${directory}/allowed ] || exit 1`);
    const roots = (program: string): string => `roots:
  - name: www
    path: ${source}
    targets: [{ name: web1, url: "rsync://127.0.0.1:${daemon.port}/m", retry: { first: 0s, min: 100ms, max: 300ms } }]
    hooks:
      - { kind: command, argv: ["${program}", "{path}"] }
      - { kind: command, when: beforeFullSync, argv: ["${before}", "{target}"], retries: 0 }
`;
    writeFileSync(`${source}/there`, "x");
    const watcher = await watch(place, roots(first));
    await until("the refusal", () =>
      /full sync root=www .*failed$/m.test(watcher.lines().join("\n")),
    );
    expect(existsSync(`${target}/there`)).toBe(false);
    writeFileSync(`${directory}/allowed`, "");
    expect((await watcher.command("retry")).status).toBe(0);
    await until("the full sync", () => existsSync(`${target}/there`));
    expect(read(`${before}.out`)).toBe("web1\0");
    writeFileSync(`${source}/one`, "1");
    await until("the first hook", () => read(`${first}.out`).includes(`${source}/one\0`));

    process.kill(watcher.pid, "SIGUSR1");
    await until("the status", () => /info status status=.*web1/.test(watcher.lines().join("\n")));
    const config = read(watcher.config);
    writeFileSync(watcher.config, config.replace(first, second));
    process.kill(watcher.pid, "SIGHUP");
    await until("the reload", () => / reload .*changed=www/.test(watcher.lines().join("\n")));
    writeFileSync(`${source}/two`, "2");
    await until("the second hook", () => read(`${second}.out`).includes(`${source}/two\0`));
    expect(read(`${first}.out`)).not.toContain("/two");
    // Hooks are no reason to watch anew.
    expect(watcher.lines().filter((line) => /state=live/.test(line))).toHaveLength(1);

    renameSync(source, `${source}.away`);
    const guard = (): string[] => watcher.lines().filter((line) => / guard /.test(line));
    await until("the guard", () => guard().length > 0);
    expect(await watcher.stop()).toBe(0);
    expect(guard()).toEqual([
      expect.stringMatching(/ error guard halts root root=www state=root-gone /),
    ]);
    expect(readdirSync(target).sort()).toEqual(["one", "there", "two"]);
  });

  test("runs hooks alone with -m: at changes, not for what is there", async () => {
    const place = await openPlace("alone");
    const { directory, source, target, daemon } = place;
    const program = recorder(`${directory}/hook`);
    writeFileSync(`${source}/old`, "x");
    mkdirSync(`${source}/d`);
    await watch(
      place,
      `roots:
  - name: www
    path: ${source}
    targets: [{ name: web1, url: "rsync://127.0.0.1:${daemon.port}/m" }]
    hooks: [{ kind: command, argv: ["${program}", "{path}"] }]
`,
      ["-m", "command"],
    );
    await delay(500);
    // The name is there long before the file is: that touches the directory, and is no change to tell of.
    const file = openSync(`${source}/d/new`, "w");
    await delay(300);
    writeSync(file, "x");
    closeSync(file);
    await until("the hook", () => read(`${program}.out`).includes("d/new"));
    unlinkSync(`${source}/old`);
    await until("the hook", () => read(`${program}.out`).includes("old"));
    expect(read(`${program}.out`)).toBe(`${source}/d/new\0${source}/old\0`);
    expect(existsSync(`${target}/d`)).toBe(false);
  });
});
