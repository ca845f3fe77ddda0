/**
 * `daemon.user` of the real program against a real daemon (spec 6, 8.4): who it is afterwards, down to each thread, and that it can go
 * on working, be reloaded and clean up after itself.
 */
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { startDaemon } from "../support/daemon.js";
import { runProcess } from "../support/live/run-process.js";
import { TSRSYNC_WATCH, WatchProcess } from "../support/live/watch-process.js";
import { isRoot } from "../support/rsync.js";
import { readTree } from "../support/tree.js";

/** No account is needed for these. */
const [UID, GID] = [47_110, 47_111];
const NUMBERS = `, user: "${UID}:${GID}"`;

const work = mkdtempSync(`${tmpdir()}/tsrsync-user-`);
chmodSync(work, 0o755);
const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

interface Place {
  directory: string;
  source: string;
  target: string;
  roots: string;
}

async function openPlace(name: string): Promise<Place> {
  const directory = `${work}/${name}`;
  const [source, target] = [`${directory}/source`, `${directory}/target`];
  for (const path of [source, target, `${directory}/run`]) mkdirSync(path, { recursive: true });
  const module = `use chroot = no\nuid = 0\ngid = 0\n[m]\npath = ${target}\nread only = no\n`;
  const daemon = await startDaemon("rsync", `${directory}/daemon`, module);
  endings.push(() => daemon.stop());
  const url = `rsync://127.0.0.1:${daemon.port}/m`;
  const roots = `roots: [{ name: www, path: ${source}, targets: [{ name: web1, url: "${url}" }] }]\n`;
  return { directory, source, target, roots };
}

function watcherIn({ directory, roots }: Place, daemon: string): WatchProcess {
  const watcher = new WatchProcess(`${directory}/watch`, roots, [], daemon);
  endings.push(() => watcher.stop());
  return watcher;
}

/** The lines about ids of each thread of a process. */
function identities(pid: number): string[] {
  const tasks = readdirSync(`/proc/${pid}/task`);
  expect(tasks.length).toBeGreaterThan(5); // the event loop, the pool, the reader of inotify
  const lines = tasks.map((task) => {
    const status = readFileSync(`/proc/${pid}/task/${task}/status`, "latin1");
    return [...status.matchAll(/^(?:Uid|Gid|Groups|Cap(?:Prm|Eff|Amb)):.*$/gm)].join(" ");
  });
  return [...new Set(lines.map((line) => line.replace(/\s+/g, " ").trim()))];
}

const owner = (path: string) => {
  const { uid, gid } = lstatSync(path);
  return [uid, gid];
};

async function until(what: string, check: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (check()) return;
    await delay(20);
  }
  throw new Error(`${what} did not come`);
}

async function expectEqual(watcher: WatchProcess, { source, target }: Place): Promise<void> {
  const flush = await watcher.command("flush");
  expect(flush.status, flush.stdout + flush.stderr).toBe(0);
  expect(readTree(target)).toEqual(readTree(source));
}

describe.runIf(isRoot())("a mirror that becomes another user", () => {
  test("is that user in all its threads, and works, is reloaded and ends as such", async () => {
    const place = await openPlace("works");
    const { directory, source } = place;
    const pidFile = `${directory}/run/pid`;
    mkdirSync(`${source}/sub`);
    writeFileSync(`${source}/sub/file`, "1");
    chownSync(`${source}/sub/file`, 4, 5);
    const watcher = watcherIn(place, `${NUMBERS}, pidFile: ${pidFile}`);
    await watcher.start();
    const [identity, ...others] = identities(watcher.pid);
    expect(others).toEqual([]);
    const four = (id: number) => Array(4).fill(id).join(" ");
    const none = "0000000000000000";
    expect(identity).toBe(
      `Uid: ${four(UID)} Gid: ${four(GID)} Groups: ${GID} CapPrm: ${none} CapEff: ${none} CapAmb: ${none}`,
    );
    await expectEqual(watcher, place);
    for (const path of ["", "/journal", "/control.sock", "/status.json"])
      await until(path, () => existsSync(`${watcher.stateDir}${path}`));
    for (const path of readdirSync(watcher.stateDir, { recursive: true, encoding: "utf8" }))
      expect(owner(`${watcher.stateDir}/${path}`), path).toEqual([UID, GID]);
    for (const path of [watcher.stateDir, watcher.log, pidFile])
      expect(owner(path), path).toEqual([UID, GID]);
    expect(readFileSync(pidFile, "latin1")).toBe(`${watcher.pid}\n`);

    // After a reload with another root, which is watched anew.
    mkdirSync(`${source}/more/deep`, { recursive: true });
    writeFileSync(watcher.config, `${readFileSync(watcher.config, "utf8")}notify: []\n`);
    process.kill(watcher.pid, "SIGHUP");
    await until("the reload", () => watcher.lines().some((line) => / info reload/.test(line)));
    writeFileSync(`${source}/more/deep/file`, "2");
    rmSync(`${source}/sub`, { recursive: true });
    await expectEqual(watcher, place);

    expect(await watcher.stop()).toBe(0);
    expect(existsSync(`${watcher.stateDir}/control.sock`)).toBe(false);
    // Its directory is root's: there is nothing that it could remove.
    expect(statSync(pidFile).size).toBe(0);

    writeFileSync(`${source}/while-away`, "3");
    await watcher.start();
    await expectEqual(watcher, place);
    expect(watcher.lines().join("\n")).not.toMatch(/ (warn|error) /);
  });

  test("leaves what it may not read, and deletes nothing because of it", async () => {
    const place = await openPlace("unreadable");
    const { source, target } = place;
    mkdirSync(`${source}/closed`, { mode: 0o700 });
    writeFileSync(`${source}/closed/file`, "1");
    writeFileSync(`${source}/secret`, "1", { mode: 0o600 });
    mkdirSync(`${target}/closed`);
    writeFileSync(`${target}/closed/kept`, "1");
    const watcher = watcherIn(place, NUMBERS);
    await watcher.start();
    writeFileSync(`${source}/open`, "1");
    expect((await watcher.command("flush", "--timeout", "5")).status).not.toBe(0);
    expect(existsSync(`${target}/open`)).toBe(true);
    expect(existsSync(`${target}/secret`)).toBe(false);
    expect(existsSync(`${target}/closed/kept`)).toBe(true);
    chmodSync(`${source}/secret`, 0o644);
    chmodSync(`${source}/closed`, 0o755);
    rmSync(`${target}/closed/kept`);
    await watcher.command("retry");
    await expectEqual(watcher, place);
  });

  test("goes on with its log when somebody renamed that in root's directory", async () => {
    const place = await openPlace("log");
    const watcher = watcherIn(place, NUMBERS);
    await watcher.start();
    renameSync(watcher.log, `${watcher.log}.1`);
    process.kill(watcher.pid, "SIGUSR1");
    const rotated = () => readFileSync(`${watcher.log}.1`, "latin1");
    await until("the status", () => / info status /.test(rotated()));
    writeFileSync(`${place.source}/file`, "1");
    await expectEqual(watcher, place);
    await until("the push", () => / info push /.test(rotated()));
    // As `create` of logrotate does it.
    writeFileSync(watcher.log, "");
    chownSync(watcher.log, UID, GID);
    process.kill(watcher.pid, "SIGUSR1");
    await until("the new log", () => / info status /.test(readFileSync(watcher.log, "latin1")));
  });

  test("starts in the background, with a log that is its own", async () => {
    const place = await openPlace("background");
    const { directory, source, target, roots } = place;
    const stateDir = `${directory}/made/for/state`;
    const config = `${directory}/watch.yaml`;
    writeFileSync(config, `version: 1\ndaemon: { stateDir: ${stateDir}${NUMBERS} }\n${roots}`);
    const words = [TSRSYNC_WATCH, "-o", config];
    for (const round of [1, 2]) {
      const started = await runProcess(process.execPath, [...words, "-d"]);
      expect(started.status, started.stderr).toBe(0);
      const pid = Number(readFileSync(`${stateDir}/watch.pid`, "latin1"));
      endings.push(async () => process.kill(pid, "SIGKILL"));
      expect(identities(pid)).toHaveLength(1);
      expect(owner(`${stateDir}/watch.log`)).toEqual([UID, GID]);
      writeFileSync(`${source}/file`, String(round));
      const flush = await runProcess(process.execPath, [...words, "flush"]);
      expect(flush.status, flush.stderr).toBe(0);
      expect(readTree(target)).toEqual(readTree(source));
      process.kill(pid, "SIGTERM");
      await until("the end", () => !existsSync(`/proc/${pid}`));
      endings.pop();
      expect(existsSync(`${stateDir}/watch.pid`)).toBe(false);
    }
  });
});

describe("a mirror that can not become the user", () => {
  test("ends with the place of a name that is unknown", async () => {
    const place = await openPlace("unknown");
    const watcher = watcherIn(place, ", user: nobody-of-that-name");
    const ran = await watcher.command();
    expect(ran.status).toBe(1);
    expect(ran.stderr).toMatch(/watch\.yaml:2:\d+: there is no user "nobody-of-that-name"\n/);
  });

  test.runIf(isRoot())("ends with exit code 1, unless it is that user", async () => {
    const place = await openPlace("not-root");
    const watcher = watcherIn(place, NUMBERS);
    const run = (uid: number) =>
      runProcess("setpriv", [
        ...[`--reuid=${uid}`, `--regid=${uid}`, "--clear-groups", process.execPath],
        ...[TSRSYNC_WATCH, "-o", watcher.config, "-d"],
      ]);
    const ran = await run(UID + 5);
    expect(ran.status).toBe(1);
    expect(ran.stderr).toBe(
      `tsrsync-watch: daemon.user: only root can become ${UID}:${GID}: start it as root or as ${UID}:${GID} (systemd: User=)\n`,
    );
    writeFileSync(watcher.log, "");
    chownSync(watcher.log, UID, UID);
    mkdirSync(watcher.stateDir);
    chownSync(watcher.stateDir, UID, UID);
    writeFileSync(
      watcher.config,
      readFileSync(watcher.config, "utf8").replace(`${UID}:${GID}`, `${UID}:${UID}`),
    );
    const same = await run(UID);
    expect(same.status, same.stderr).toBe(0);
    const pid = Number(readFileSync(`${watcher.stateDir}/watch.pid`, "latin1"));
    process.kill(pid, "SIGTERM");
    await until("the end", () => !existsSync(`/proc/${pid}`));
  });
});
