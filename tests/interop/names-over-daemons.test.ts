/**
 * --relative and --files-from, with the list on either side, between client and daemon: as rsync does it with its own.
 */
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Implementation, startDaemon, type TestDaemon } from "../support/daemon.js";
import { comparable, runProgram } from "../support/program.js";
import { runCommand } from "../support/rsync.js";

const work = mkdtempSync(`${tmpdir()}/tsrsync-names-daemons-`);
const root = `${work}/source`;
const target = `${work}/target`;
const LISTS = ["list", "nul-list"];
const OLD = 1_500_000_000;
const daemons = new Map<Implementation, TestDaemon>();

beforeAll(async () => {
  process.umask(0o022);
  mkdirSync(`${root}/a/b`, { recursive: true });
  mkdirSync(`${root}/a/x/deep`, { recursive: true });
  for (const name of ["a/b/c", "a/x/y", "a/x/deep/z", "top", "with blank"]) {
    writeFileSync(`${root}/${name}`, name);
    utimesSync(`${root}/${name}`, OLD, OLD + 9);
  }
  symlinkSync("a", `${root}/l`);
  for (const name of ["a/b", "a/x/deep", "a/x", "a", "."]) {
    utimesSync(`${root}/${name}`, OLD, OLD + 5);
  }
  // On this side, and on the daemon's.
  for (const place of [work, root]) {
    writeFileSync(`${place}/list`, "a/x/\n/top\r\nwith blank\nmissing\na/./x/y\n");
    writeFileSync(`${place}/nul-list`, "a/b/c\0top\0");
  }
  for (const name of ["rsync", "tsrsync"] as const) {
    const config =
      "use chroot = no\nuid = 0\ngid = 0\nmunge symlinks = no\n" +
      `[out]\npath = ${root}\n[in]\npath = ${target}\nread only = no\n` +
      `[lists]\npath = ${work}\nread only = no\n`;
    mkdirSync(target, { recursive: true });
    daemons.set(name, await startDaemon(name, `${work}/${name}-daemon`, config));
  }
});

afterAll(async () => {
  for (const daemon of daemons.values()) await daemon.stop();
  rmSync(work, { recursive: true, force: true });
});

interface Case {
  words: string[];
  /** Below the source. */
  source: string;
  direction: "push" | "pull";
}

async function once(
  client: Implementation,
  server: Implementation,
  { words, source, direction }: Case,
) {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target);
  // A daemon that is pushed to looks for the list in the module that it writes to.
  for (const name of LISTS) copyFileSync(`${work}/${name}`, `${target}/${name}`);
  const url = `rsync://127.0.0.1:${daemons.get(server)?.port}`;
  const paths =
    direction === "push"
      ? [`${root}${source}`, `${url}/in/`]
      : [`${url}/out${source}`, `${target}/`];
  const given = words.map((word) => word.replaceAll("%U", url));
  const run = await runProgram(client, [...given, ...paths], { cwd: work });
  const { stdout } = runCommand("find", [target, "-printf", "%P %y %m %Ts %l\n"]);
  const found = stdout.replace(/ (\d{9,}) /g, (all, seconds) =>
    Number(seconds) > OLD + 1000 ? " now " : all,
  );
  const lines = `${run.stdout}${comparable(run.stderr)}`.split("\n").filter((line) => line !== "");
  return { status: run.status, lines: lines.sort(), found: found.split("\n").sort() };
}

const PAIRS = [
  ["tsrsync", "rsync"],
  ["rsync", "tsrsync"],
  ["tsrsync", "tsrsync"],
] as const;
let turn = 0;

/** By one pair, another one for each case. */
async function check(given: Case): Promise<void> {
  const [client, server] = PAIRS[turn++ % PAIRS.length]!;
  const expected = await once("rsync", "rsync", given);
  expect({ client, server, ...(await once(client, server, given)) }).toEqual({
    client,
    server,
    ...expected,
  });
}

describe.each(["push", "pull"] as const)("%s", (direction) => {
  test.each([
    ["a file and its parents", "/./a/b/c", []],
    ["a directory", "/./a/x", ["--delete"]],
    ["a path through a link", "/./l/b/c", []],
    ["parents without their attributes", "/./a/b/c", ["--no-implied-dirs"]],
    ["protocol 29", "/./a/x", ["--protocol=29"]],
  ])("--relative: %s", (_, source, words) =>
    check({ words: ["-aRi", ...words], source, direction }),
  );

  test.each([
    ["on this side", "--files-from=list", []],
    ["on this side, NUL", "--files-from=nul-list", ["--from0"]],
    ["on this side, protocol 29", "--files-from=list", ["--protocol=29"]],
    ["on this side, hidden arguments", "--files-from=list", ["-s"]],
    ["on the daemon's", "--files-from=:/list", []],
    ["on the daemon's, NUL, with recursion", "--files-from=:/nul-list", ["--from0", "-r"]],
    ["on the daemon's, protocol 29", "--files-from=:/list", ["--protocol=29"]],
  ])("--files-from: a list %s", async (_, list, words) => {
    await check({ words: ["-ai", list, ...words], source: "/", direction });
  });
});
