import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DaemonUser, WatchSettings } from "../config/settings.js";
import { handOver } from "./hand-over.js";
import { removePidFile, writePidFile } from "./pid-file.js";

const USER: DaemonUser = { text: "u", name: null, uid: 4711, gid: 4712, hasGroup: true };
let work = "";
beforeEach(() => {
  work = mkdtempSync(`${tmpdir()}/tsrsync-hand-over-`);
});
afterEach(() => rmSync(work, { recursive: true, force: true }));

function give(places: { stateDir?: string; pidFile?: string; log?: string }): void {
  const { stateDir = `${work}/state`, pidFile = null, log = null } = places;
  const settings = { daemon: { stateDir, pidFile }, log: { file: log } };
  handOver(settings as unknown as WatchSettings, USER);
}
const owner = (path: string) => {
  const { uid, gid } = lstatSync(path);
  return [uid, gid];
};
const THEIRS = [USER.uid, USER.gid];
const ROOTS = [0, 0];

describe.runIf(process.getuid?.() === 0)("what root hands over", () => {
  test("is made when it is missing; others pass through what is above it", () => {
    give({ stateDir: `${work}/a/b/state`, log: `${work}/watch.log`, pidFile: `${work}/pid` });
    expect(owner(`${work}/a/b/state`)).toEqual(THEIRS);
    expect(statSync(`${work}/a/b/state`).mode & 0o7777).toBe(0o700);
    expect(owner(`${work}/a/b`)).toEqual(ROOTS);
    expect(statSync(`${work}/a/b`).mode & 0o777).toBe(0o755);
    expect([owner(`${work}/watch.log`), owner(`${work}/pid`)]).toEqual([THEIRS, THEIRS]);
  });

  test("is given with all that root made in it, but nothing that is somebody else's", () => {
    mkdirSync(`${work}/state/journal`, { recursive: true });
    for (const name of ["journal/CURRENT", "theirs", "linked"])
      writeFileSync(`${work}/state/${name}`, "x");
    chownSync(`${work}/state/theirs`, 99, 99);
    symlinkSync("/etc/hostname", `${work}/state/link`);
    give({});
    for (const name of ["", "journal", "journal/CURRENT", "linked"])
      expect(owner(`${work}/state/${name}`), name).toEqual(THEIRS);
    expect(owner(`${work}/state/theirs`)).toEqual([99, 99]);
    expect(owner(`${work}/state/link`)).toEqual(ROOTS);
    expect(owner("/etc/hostname")).toEqual(ROOTS);
  });

  test("is no directory of something else", () => {
    mkdirSync(`${work}/state`);
    writeFileSync(`${work}/state/passwords`, "x");
    expect(() => give({})).toThrow(/daemon.stateDir: .* holds something else/);
    expect(owner(`${work}/state/passwords`)).toEqual(ROOTS);
  });

  test("does not lie where others can lay a link", () => {
    mkdirSync(`${work}/open`);
    chmodSync(`${work}/open`, 0o777);
    mkdirSync(`${work}/theirs`);
    chownSync(`${work}/theirs`, USER.uid, USER.gid);
    writeFileSync(`${work}/secret`, "x");
    for (const place of ["open", "theirs"]) {
      symlinkSync(`${work}/secret`, `${work}/${place}/log`);
      give({ stateDir: `${work}/${place}/state`, log: `${work}/${place}/log` });
      expect(existsSync(`${work}/${place}/state`)).toBe(false);
    }
    symlinkSync(`${work}/secret`, `${work}/log`);
    give({ log: `${work}/log` });
    expect(owner(`${work}/secret`)).toEqual(ROOTS);
  });
});

test("the file with the process id goes when the mirror goes", async () => {
  await writePidFile(`${work}/pid`);
  expect(statSync(`${work}/pid`).size).toBeGreaterThan(1);
  await removePidFile(`${work}/pid`);
  expect(existsSync(`${work}/pid`)).toBe(false);
});
