/**
 * Backups as rsync makes them: of what is replaced and what is deleted, beside it or elsewhere; and what deletion leaves.
 */
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startDaemon } from "../support/daemon.js";
import { expectAsRsync, waysInTurn } from "../support/pairs.js";
import { runProgram } from "../support/program.js";
import { isRoot, runCommand } from "../support/rsync.js";
import { noise, readTree } from "../support/tree.js";

const work = mkdtempSync(`${tmpdir()}/tsrsync-backups-`);
const source = `${work}/source`;
const before = `${work}/before`;
const aside = `${work}/aside`;
const OLD = 1_400_000_000;

function put(path: string, content: Buffer | string, mtime: number = OLD): void {
  writeFileSync(path, content);
  utimesSync(path, mtime, mtime);
}

beforeAll(() => {
  for (const name of ["d/e", "was file"]) mkdirSync(`${source}/${name}`, { recursive: true });
  for (const name of ["d/e", "gone/deep", "was dir"])
    mkdirSync(`${before}/${name}`, { recursive: true });
  put(`${source}/file`, "new");
  put(`${before}/file`, "old", OLD - 5);
  put(`${source}/d/e/deep`, noise(100_000, 1));
  put(`${before}/d/e/deep`, noise(99_000, 1), OLD - 5);
  put(`${source}/d/new`, "new");
  put(`${source}/was dir`, "now a file");
  put(`${before}/was dir/inside`, "in a directory", OLD - 5);
  put(`${source}/was file/inside`, "in a directory");
  put(`${before}/was file`, "a file", OLD - 5);
  put(`${before}/gone/deep/file`, "gone", OLD - 5);
  put(`${before}/d/gone`, "gone", OLD - 5);
  put(`${before}/d/gone~`, "an older backup", OLD - 9);
  put(`${before}/file~`, "an older backup", OLD - 9);
  symlinkSync("new", `${source}/link`);
  symlinkSync("old", `${before}/link`);
  symlinkSync("gone", `${before}/d/gone link`);
  runCommand("mkfifo", [`${before}/d/fifo`]);
  chmodSync(`${before}/d/e`, 0o711);
  chmodSync(`${before}/gone/deep`, 0o750);
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

const look = (target: string) => ({
  target: readTree(target, { times: "s", directoryTimes: false }),
  aside: readTree(aside, { times: "s", directoryTimes: false }),
});
const prepare = () => {
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(aside);
};

const CASES: [string, string[]][] = [
  ["beside", ["-aib"]],
  ["beside, with deletion", ["-aib", "--delete"]],
  ["beside, with deletion after the transfer", ["-aib", "--delete-after"]],
  ["with a suffix", ["-aib", "--suffix=.old", "--delete-delay"]],
  ["elsewhere", ["-aib", `--backup-dir=${aside}`, "--delete"]],
  ["elsewhere, in a directory to be made", ["-aib", `--backup-dir=${aside}/x/y`, "--delete"]],
  ["elsewhere, with a suffix", ["-aib", `--backup-dir=${aside}`, "--suffix=.old", "--delete"]],
  ["below the target", ["-aib", "--backup-dir=.backups", "--exclude=/.backups", "--delete"]],
  ["of files that are written over", ["-aib", "--inplace", "--no-whole-file", "--delete"]],
  ["of whole files that are written over", ["-aibW", "--inplace"]],
  [
    "of files that are written over, protocol 28",
    ["-ab", "--inplace", "--no-whole-file", "--protocol=28"],
  ],
  ["of delayed updates", ["-aib", "--delay-updates", `--backup-dir=${aside}`]],
  ["not in a dry run", ["-ainb", `--backup-dir=${aside}`, "--delete"]],
  ["on another file system", ["-aib", "--backup-dir=/dev/shm/tsrsync-backups", "--delete"]],
  ["with a limit of deletions", ["-aib", "--delete", "--max-delete=2"]],
  ["with force", ["-aib", "--force"]],
  ["with no directory for them", ["-aib", "--backup-dir=/etc/passwd"]],
];

test.each(CASES.map(([name, words], turn) => ({ name, words, turn })))(
  "backups $name",
  async ({ words, turn }) => {
    const [alone, one, other] = waysInTurn(turn);
    const ways = [alone!, turn % 2 === 0 ? one! : other!];
    await expectAsRsync({ work, source: `${source}/`, words, before, prepare, look, ways });
    rmSync("/dev/shm/tsrsync-backups", { recursive: true, force: true });
  },
);

test("deletions without backups, at all times", async () => {
  for (const [turn, timing] of ["before", "during", "delay", "after", "excluded"].entries()) {
    const words = ["-ai", `--delete-${timing}`, "--exclude=gone*", "--max-delete=4"];
    const ways = waysInTurn(turn).slice(1);
    await expectAsRsync({ work, source: `${source}/`, words, before, prepare, look, ways });
  }
});

test("a module's directory for temporary files lies in the module", async () => {
  const module = `${work}/temp-module`;
  mkdirSync(`${module}/to`, { recursive: true });
  mkdirSync(`${module}/t`);
  const identity = isRoot() ? "uid = 0\ngid = 0\n" : "";
  const settings = `path = ${module}\nread only = no\n`;
  const config = `use chroot = no\n${identity}[m]\n${settings}temp dir = /t\n[none]\n${settings}temp dir = /no\n`;
  for (const implementation of ["tsrsync", "rsync"] as const) {
    const daemon = await startDaemon(implementation, `${work}/daemon-${implementation}`, config);
    const send = (name: string) =>
      runProgram("tsrsync", [
        "-aI",
        `${source}/file`,
        `rsync://127.0.0.1:${daemon.port}/${name}/to/`,
      ]);
    try {
      expect((await send("m")).status).toBe(0);
      expect(Object.keys(readTree(module)).sort()).toEqual([".", "t", "to", "to/file"]);
      const { status, stderr } = await send("none");
      expect([status, stderr.includes("The temp-dir does not exist: ")]).toEqual([1, true]);
    } finally {
      await daemon.stop();
    }
  }
});

test("a daemon keeps backups, partial and temporary files inside the module", async () => {
  const module = `${work}/module`;
  mkdirSync(`${module}/to`, { recursive: true });
  mkdirSync(`${module}/hidden`);
  put(`${module}/to/file`, "old", OLD - 5);
  const identity = isRoot() ? "uid = 0\ngid = 0\n" : "";
  const config = `use chroot = no\n${identity}[m]\npath = ${module}\nread only = no\nexclude = /hidden/\n`;
  const daemon = await startDaemon("tsrsync", `${work}/daemon`, config);
  const send = (...words: string[]) =>
    runProgram("rsync", [
      "-a",
      ...words,
      `${source}/file`,
      `rsync://127.0.0.1:${daemon.port}/m/to/`,
    ]);
  try {
    for (const option of ["backup-dir", "temp-dir", "partial-dir"]) {
      const { status, stderr } = await send("-I", "-b", `--${option}=/hidden`);
      expect([option, status === 0]).toEqual([option, false]);
      expect(stderr).toContain("Your options have been rejected by the server.");
    }
    // What climbs out of the module stays in it.
    expect((await send("-I", "-b", "--backup-dir=../../../../kept")).status).toBe(0);
    expect(Object.keys(readTree(module)).sort()).toEqual([
      ".",
      "hidden",
      "kept",
      "kept/file",
      "to",
      "to/file",
    ]);
  } finally {
    await daemon.stop();
  }
});
