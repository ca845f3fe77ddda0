/**
 * The ways of writing a file, as rsync writes them: in place, appended, by way of other directories, all at the end, with
 * holes; and what a cut transfer leaves behind.
 */
import { spawn } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commandOf, type Implementation, startDaemon } from "../support/daemon.js";
import { cutAfter, proxyTo } from "../support/hostile.js";
import { expectAsRsync, waysInTurn } from "../support/pairs.js";
import { runProgram } from "../support/program.js";
import { isRoot } from "../support/rsync.js";
import { noise, readTree } from "../support/tree.js";

const work = mkdtempSync(`${tmpdir()}/tsrsync-ways-`);
const source = `${work}/source`;
const before = `${work}/before`;
const OLD = 1_400_000_000;

function put(path: string, content: Buffer | string, mtime: number = OLD): void {
  writeFileSync(path, content);
  utimesSync(path, mtime, mtime);
}

/** Files that grew, changed inside, lost their front, and are new; and what the target has of them. */
beforeAll(() => {
  for (const root of [source, before]) mkdirSync(`${root}/d/e`, { recursive: true });
  const bytes = noise(300_000, 5);
  put(
    `${source}/changed`,
    Buffer.concat([bytes.subarray(0, 99_000), noise(700, 6), bytes.subarray(99_000)]),
  );
  put(`${before}/changed`, bytes, OLD - 5);
  put(`${source}/d/front lost`, bytes.subarray(70_000));
  put(`${before}/d/front lost`, bytes, OLD - 5);
  put(`${source}/d/grown`, bytes);
  put(`${before}/d/grown`, bytes.subarray(0, 123_456), OLD - 5);
  put(`${source}/d/e/grown elsewhere`, bytes);
  put(`${before}/d/e/grown elsewhere`, noise(50_000, 8), OLD - 5);
  put(`${source}/shrunk`, bytes.subarray(0, 4000));
  put(`${before}/shrunk`, bytes.subarray(0, 5000), OLD - 5);
  put(
    `${source}/holes`,
    Buffer.concat([noise(9000, 9), Buffer.alloc(200_000), noise(100, 10), Buffer.alloc(50_000)]),
  );
  put(`${before}/holes`, noise(270_000, 11), OLD - 5);
  put(`${source}/d/new`, "new");
  put(`${source}/same`, "same");
  put(`${before}/same`, "same");
  put(`${source}/empty`, "");
  put(`${before}/empty`, "not empty");
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

const look = (target: string) => readTree(target, { times: "s", directoryTimes: false });
/** Without `-t`, times are those of the run. */
const lookWithoutTimes = (target: string) => readTree(target, { times: "none" });

const DELTA = ["--no-whole-file", "-ai"];
const CASES: [string, string[]][] = [
  ["in place", [...DELTA, "--inplace"]],
  ["in place, whole files", ["-Wai", "--inplace"]],
  ["in place, small blocks", [...DELTA, "--inplace", "-B512"]],
  ["in place, protocol 28", [...DELTA, "--inplace", "--protocol=28"]],
  ["in place, compressed", [...DELTA, "-z", "--inplace"]],
  ["in place, without times and permissions", ["-ri", "--inplace", "--no-whole-file"]],
  ["append", ["-ai", "--append"]],
  ["append, protocol 29", ["-ai", "--append", "--protocol=29"]],
  ["append, verified", ["-ai", "--append-verify"]],
  ["append, verified and compressed", ["-aiz", "--append-verify"]],
  ["partial directory", [...DELTA, "--partial-dir=.part", "--delete"]],
  ["partial directory elsewhere", [...DELTA, `--partial-dir=${work}/parts`]],
  ["partial directory, protocol 28", [...DELTA, "--partial-dir=.part", "--protocol=28"]],
  ["delayed updates", [...DELTA, "--delay-updates", "--delete-after"]],
  ["delayed updates, protocol 29", [...DELTA, "--delay-updates", "--protocol=29"]],
  ["directory for temporary files", [...DELTA, `--temp-dir=${work}/temporary`]],
  ["directory for temporary files on another file system", ["-ai", "--temp-dir=/dev/shm"]],
  ["no directory for temporary files", ["-ai", "--temp-dir=/nowhere"]],
  ["sparse", ["-aiS"]],
  ["sparse, in place", [...DELTA, "-S", "--inplace"]],
  ["preallocated", [...DELTA, "--preallocate"]],
  ["brought to the disk", ["-ai", "--fsync"]],
  ["in place, dry run", [...DELTA, "--inplace", "-n"]],
  ["nothing that is there", ["-ai", "--ignore-existing", "--info=skip2"]],
  ["nothing that is there, by sums", ["-aic", "--ignore-existing", "--info=skip2"]],
  ["nothing that is not there", ["-ai", "--existing", "--info=skip1"]],
];

test.each(CASES.map(([name, words], turn) => ({ name, words, turn })))(
  "$name",
  async ({ words, turn }) => {
    for (const directory of ["parts", "temporary"]) {
      mkdirSync(`${work}/${directory}`, { recursive: true });
    }
    const [alone, one, other] = waysInTurn(turn);
    const ways = [alone!, turn % 2 === 0 ? one! : other!];
    const comparison = words.includes("-ri") ? lookWithoutTimes : look;
    await expectAsRsync({ work, source: `${source}/`, words, before, look: comparison, ways });
    for (const directory of ["parts", "temporary"]) {
      expect(Object.keys(readTree(`${work}/${directory}`))).toEqual(["."]);
    }
  },
);

test("a partial file of an earlier run is the basis, and goes away", async () => {
  const prepare = (target: string) => {
    mkdirSync(`${target}/d/.part`);
    put(`${target}/d/.part/new`, "n");
    mkdirSync(`${target}/.part`);
    put(`${target}/.part/changed`, noise(300_000, 5).subarray(0, 200_000));
    put(`${target}/.part/same`, "useless");
  };
  for (const words of [
    [...DELTA, "--partial-dir=.part"],
    ["-Wai", "--partial-dir=.part"],
    [...DELTA, "--partial-dir=.part", "--protocol=29"],
  ]) {
    const ways = waysInTurn(words.length);
    await expectAsRsync({ work, source: `${source}/`, words, before, prepare, look, ways });
  }
});

test("holes take no space, also where something was before", async () => {
  for (const words of [["-aS"], ["-aS", "--inplace", "--no-whole-file"]]) {
    const target = `${work}/sparse`;
    cpSync(before, target, { recursive: true });
    await runProgram("tsrsync", [...words, `${source}/`, `${target}/`]);
    expect(statSync(`${target}/holes`).blocks * 512).toBeLessThan(30_000);
    rmSync(target, { recursive: true });
  }
});

describe("sources that are removed", () => {
  const pristine = `${work}/pristine`;
  const lookAtBoth = (target: string) => [look(target), look(source)];
  const prepare = () => {
    rmSync(source, { recursive: true });
    cpSync(pristine, source, { recursive: true, preserveTimestamps: true });
  };
  beforeAll(() => cpSync(source, pristine, { recursive: true, preserveTimestamps: true }));
  afterAll(prepare);

  test.each([
    ["", ["-ai", "--remove-source-files"]],
    [
      " in place, as told",
      ["-avv", "--info=stats0", "--no-inc-recursive", "--inplace", "--remove-source-files"],
    ],
    [" once updates are in place", ["-ai", "--delay-updates", "--remove-source-files"]],
    [" by an old protocol", ["-ai", "--protocol=29", "--remove-source-files"]],
    [" never in a dry run", ["-ain", "--remove-source-files"]],
  ])("go away%s", async (_, words) => {
    const ways = waysInTurn(words.length).slice(0, words.includes("-avv") ? 1 : 3);
    // What -vv says of deltas is not for scripts.
    const quiet = words.includes("-avv") ? [...words, "--debug=none"] : words;
    await expectAsRsync({
      work,
      source: `${source}/`,
      words: quiet,
      before,
      prepare,
      look: lookAtBoth,
      ways,
    });
  });
});

/** What is left when the line is cut in the middle of a file, at a receiving daemon and at a receiving client. */
describe("a cut transfer", () => {
  const big = noise(3_000_000, 21);

  async function leftBy(
    implementation: Implementation,
    direction: "push" | "pull",
    words: readonly string[],
  ): Promise<unknown> {
    const place = `${work}/cut`;
    rmSync(place, { recursive: true, force: true });
    for (const name of ["from", "to"]) mkdirSync(`${place}/${name}`, { recursive: true });
    put(`${place}/from/file`, big);
    put(`${place}/to/file`, "old", OLD - 100);
    const module = direction === "push" ? "to" : "from";
    const identity = isRoot() ? "uid = 0\ngid = 0\n" : "";
    const config = `use chroot = no\n${identity}[m]\npath = ${place}/${module}\nread only = no\n`;
    const daemon = await startDaemon(implementation, `${place}/daemon`, config);
    const proxied = direction === "push" ? "to-daemon" : "to-client";
    const proxy = await proxyTo(daemon.port, proxied, cutAfter(1_500_000));
    try {
      const url = `rsync://127.0.0.1:${proxy.port}/m/`;
      const paths = direction === "push" ? [`${place}/from/`, url] : [url, `${place}/to/`];
      const run = await runProgram(implementation, ["-a", ...words, ...paths]);
      expect(run.status).not.toBe(0);
    } finally {
      await proxy.close();
      await daemon.stop();
    }
    return Object.entries(readTree(`${place}/to`, { directoryTimes: false })).map(
      ([name, { mode, mtime, size }]) => ({
        name,
        mode,
        time:
          name === "."
            ? ""
            : mtime === "0"
              ? "never"
              : Number(mtime) / 1e9 > OLD + 10
                ? "now"
                : "old",
        isCut: size > 100_000 && size < big.length,
        size: size < 100_000 ? size : 0,
      }),
    );
  }

  test.each(
    (["push", "pull"] as const).flatMap((direction) =>
      [[], ["--partial"], ["--partial-dir=.p"], ["--delay-updates"], ["--inplace"]].map(
        (words) => ({ direction, words, name: words.join() || "without more" }),
      ),
    ),
  )("leaves what it must ($direction, $name)", async ({ direction, words }) => {
    const left = await leftBy("tsrsync", direction, words);
    expect(left).toEqual(await leftBy("rsync", direction, words));
  });
});

test("a signal ends a local copy, and what came of the file stays where it must", async () => {
  const place = `${work}/signal`;
  mkdirSync(`${place}/from`, { recursive: true });
  put(`${place}/from/file`, Buffer.alloc(600_000_000, "long "));
  const { command, prefix } = commandOf("tsrsync");
  for (const [word, kept] of [
    ["--no-partial", []],
    ["--partial-dir=.p", [".p", ".p/file"]],
  ] as const) {
    rmSync(`${place}/to`, { recursive: true, force: true });
    mkdirSync(`${place}/to`);
    put(`${place}/to/file`, "old");
    const words = [...prefix, "-a", word, `${place}/from/`, `${place}/to/`];
    const child = spawn(command, words, { stdio: "ignore" });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    const isWritten = () =>
      readdirSync(`${place}/to`).some(
        (name) => name.startsWith(".file") && statSync(`${place}/to/${name}`).size > 1_000_000,
      );
    while (child.exitCode === null && !isWritten()) await delay(2);
    child.kill("SIGTERM");
    expect(await ended).toBe(20);
    expect(Object.keys(readTree(`${place}/to`)).sort()).toEqual([".", ...kept, "file"].sort());
    expect(statSync(`${place}/to/file`).size).toBe(3);
  }
  rmSync(place, { recursive: true });
});

test("a source that grows while it is sent arrives as it was or as it is", async () => {
  const place = `${work}/growing`;
  mkdirSync(`${place}/from`, { recursive: true });
  put(`${place}/from/log`, noise(40_000_000, 31));
  const run = runProgram("tsrsync", ["-a", `${place}/from/`, `${place}/to/`]);
  const timer = setInterval(() => appendFileSync(`${place}/from/log`, "more\n"), 1);
  const { status } = await run;
  clearInterval(timer);
  expect(status).toBe(0);
  expect(statSync(`${place}/to/log`).size).toBeGreaterThanOrEqual(40_000_000);
});
