/**
 * --fake-super and --super by every pair of programs, and the daemon's parameter.
 */
import {
  chmodSync,
  chownSync,
  lchownSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Implementation, startDaemon } from "../support/daemon.js";
import { acl, extended, setAttributes } from "../support/extended.js";
import { expectAsRsync, OUR_WAYS, type PairedTransfer, waysInTurn } from "../support/pairs.js";
import { runProgram } from "../support/program.js";
import { isRoot, runCommand } from "../support/rsync.js";

const work = mkdtempSync(`${tmpdir()}/tsrsync-fake-`);
chmodSync(work, 0o755);
/** Items that only a superuser can make. */
const real = `${work}/real/`;
/** The same as rsync stores it. */
const stored = `${work}/stored/`;
const OLD = 1_500_000_000;
const remote = OUR_WAYS.filter(({ server }) => server !== null);

function item(root: string, name: string, mode: number, id: number): void {
  const path = `${root}/${name}`;
  writeFileSync(path, name);
  chownSync(path, id, id + 1);
  chmodSync(path, mode);
  utimesSync(path, OLD, OLD);
}

describe.runIf(isRoot())("fake super-user", () => {
  beforeAll(async () => {
    process.umask(0o022);
    mkdirSync(`${real}dir`, { recursive: true });
    item(real, "plain", 0o644, 0);
    item(real, "setuid", 0o4755, 12);
    item(real, "secret", 0o400, 3);
    item(real, "dir/inner", 0o640, 7);
    symlinkSync("nowhere", `${real}link`);
    lchownSync(`${real}link`, 5, 6);
    lutimesSync(`${real}link`, OLD, OLD);
    runCommand("mknod", ["-m", "666", `${real}null`, "c", "1", "3"]);
    runCommand("mknod", ["-m", "660", `${real}disk`, "b", "7", "300"]);
    runCommand("mkfifo", ["-m", "620", `${real}fifo`]);
    chownSync(`${real}disk`, 8, 9);
    setAttributes(real, "plain", { "trusted.long": "t".repeat(50), "user.plain": "p" });
    setAttributes(real, "dir/inner", {
      "system.posix_acl_access": acl("u::6,u:1:6,g::4,g:2:4,m::6,o::0"),
    });
    setAttributes(real, "dir", { "system.posix_acl_default": acl("u::7,u:1:7,g::5,m::7,o::5") });
    chownSync(`${real}dir`, 3, 4);
    chmodSync(`${real}dir`, 0o500);
    for (const name of ["null", "disk", "fifo", "dir", "."]) utimesSync(real + name, OLD, OLD);
    const run = await runProgram("rsync", ["-aAX", "-M--fake-super", real, stored]);
    expect(run.status).toBe(0);
  });

  afterAll(() => rmSync(work, { recursive: true, force: true }));

  let turn = 0;
  const check = (words: string[], changes: Partial<PairedTransfer>): Promise<void> =>
    expectAsRsync({
      work,
      source: real,
      words,
      look: extended,
      ways: waysInTurn(turn++),
      ...changes,
    });
  const pushes = { ways: remote.filter(({ direction }) => direction === "push") };
  const pulls = { ways: remote.filter(({ direction }) => direction === "pull") };

  test("is stored by a receiver", async () => {
    await check(["-aAXi", "-M--fake-super"], pushes);
    await check(["-aAXi", "--fake-super"], pulls);
  });

  test("is restored by a sender", async () => {
    await check(["-aAXi", "--fake-super"], { ...pushes, source: stored });
    await check(["-aAXi", "-M--fake-super"], { ...pulls, source: stored });
  });

  test("finds nothing to do when all is stored", () =>
    check(["-ai", "-M--fake-super"], { ...pushes, before: stored }));

  test("brings up to date what was stored", async () => {
    const prepare = (target: string) => {
      setAttributes(target, "setuid", { "user.rsync.%stat": "104711 0,0 1:2" });
      setAttributes(target, "null", { "user.rsync.%stat": "20666 1,5 0:0" });
      writeFileSync(`${target}/link`, "elsewhere");
      setAttributes(target, "dir", { "user.rsync.%stat": null, "user.rsync.%dacl": null });
    };
    await check(["-aAi", "-M--fake-super"], { ...pushes, before: stored, prepare });
  });

  test("acts on both sides of a copy", () =>
    check(["-aAXi", "--fake-super"], { ways: [OUR_WAYS[0]!], source: stored }));

  test("an ordinary user can store everything", async () => {
    const uid = 1;
    chownSync(work, uid, uid);
    const own = `${work}/own`;
    runCommand("cp", ["-a", stored, own]);
    runCommand("chown", ["-R", `${uid}:${uid}`, own]);
    await check(["-aAi", "--fake-super"], { ways: [OUR_WAYS[0]!], source: `${own}/`, uid });
    chownSync(work, 0, 0);
  });

  test("--no-super makes root an ordinary user", () =>
    check(["-ai", "-M--no-super"], { ...pushes, ways: pushes.ways.slice(0, 2) }));

  const daemons: Implementation[] = ["rsync", "tsrsync"];

  test("a module with fake super stores and restores", async () => {
    const results = [];
    for (const implementation of daemons) {
      const place = `${work}/${implementation}`;
      mkdirSync(`${place}/module`, { recursive: true });
      const daemon = await startDaemon(
        implementation,
        place,
        `[m]\npath = ${place}/module\nuse chroot = no\nread only = no\nuid = 0\ngid = 0\nfake super = yes\n`,
      );
      try {
        const url = `rsync://127.0.0.1:${daemon.port}/m/`;
        const pushed = await runProgram("tsrsync", ["-aAXXi", real, url]);
        const back = `${place}/back/`;
        const pulled = await runProgram("tsrsync", ["-aAXi", url, back]);
        results.push({
          lines: [pushed.stdout, pulled.stdout.replaceAll(place, "")],
          status: [pushed.status, pulled.status],
          module: extended(`${place}/module`),
          back: extended(back),
        });
      } finally {
        await daemon.stop();
      }
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[1]!.back).toEqual(extended(real));
  });
});
