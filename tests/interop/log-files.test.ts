/**
 * `--log-file` of clients and servers, `--log-file-format`, and formats that tell what a transfer has cost: compared with what rsync
 * writes over the same line; and the lines of daemons.
 */
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startDaemon } from "../support/daemon.js";
import { expectAsRsync, waysInTurn } from "../support/pairs.js";
import { comparable, runProgram } from "../support/program.js";
import { isRoot } from "../support/rsync.js";

const work = mkdtempSync(`${tmpdir()}/tsrsync-log-files-`);
const NOON = 1_700_000_000;

function write(path: string, content: string): void {
  mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  writeFileSync(path, content);
  utimesSync(path, NOON, NOON);
}

beforeAll(() => {
  write(`${work}/source/a`, "1\n");
  write(`${work}/source/same`, "same\n");
  write(`${work}/source/sub/b`, "22\n");
  write(`${work}/source/mode`, "m\n");
  write(`${work}/source/\x1b[2Jc`, "escape\n");
  symlinkSync("a", `${work}/source/link`);
  linkSync(`${work}/source/a`, `${work}/source/other`);
  write(`${work}/before/same`, "same\n");
  write(`${work}/before/mode`, "m\n");
  chmodSync(`${work}/before/mode`, 0o600);
  write(`${work}/before/extra/deep`, "");
  for (const place of ["source", "source/sub", "before"])
    utimesSync(`${work}/${place}`, NOON, NOON);
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

/** The lines of a log in no certain order, without what no two runs have in common. */
function linesOf(file: string): string[] | null {
  if (!existsSync(file)) return null;
  const text = readFileSync(file, "latin1");
  for (const line of text.split("\n").slice(0, -1)) {
    expect(line).toMatch(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[\d+\] /);
  }
  return comparable(text.replace(/^.{19} \[\d+\] /gm, ""))
    .replace(/sent [\d,]+ bytes {2}received [\d,]+ bytes/g, "sent N bytes  received N bytes")
    .replace(/[\d.,]+ bytes\/sec/g, "N bytes/sec")
    .replace(/(speedup is) .*/g, "$1 N")
    .replaceAll(`${work}/target`, "TARGET")
    .split("\n")
    .sort();
}

function expectLogs(words: readonly string[], turn: number): Promise<void> {
  return expectAsRsync({
    work,
    source: `${work}/source/`,
    before: `${work}/before`,
    words: ["-a", "--log-file=%T.log", "-M--log-file=%T.far", ...words],
    prepare: (target) => {
      for (const end of ["log", "far"]) rmSync(`${target}.${end}`, { force: true });
    },
    ways: waysInTurn(turn),
    look: (target) => [linesOf(`${target}.log`), linesOf(`${target}.far`)],
  });
}

const far = (format: string) => [`--log-file-format=${format}`, `-M--log-file-format=${format}`];

test.each([
  ["deletions", 0, ["-H", "--delete"]],
  ["a dry run", 1, ["-n", "--delete"]],
  ["all items", 2, ["-ii", "--delete"]],
  ["a format", 0, far("%o %n %l %B %L")],
  ["a format that is late", 1, far("%i %c %C %f")],
  ["an empty format", 2, [...far(""), "--delete"]],
  ["a quiet run", 0, ["-q"]],
  ["checksums of the list", 1, ["-c", ...far("[%C] %-20n|")]],
])("the logs of both sides: %s", (_name, turn, words) => expectLogs(words, turn));

test.each([
  ["xxh128", 0],
  ["xxh64", 1],
  ["md5", 2],
  ["sha1", 0],
  ["none", 1],
])("the checksum %s on the screen", (name, turn) =>
  expectAsRsync({
    work,
    source: `${work}/source/`,
    words: [`--cc=${name}`, "-rlH", "--out-format=%i %c [%C] %f"],
    ways: waysInTurn(turn),
    look: () => null,
  }),
);

test.each([["--log-file"], ["-M--log-file"]])(
  "a log of %s that can not be opened is told of, and the run goes on",
  async (option) => {
    await expectAsRsync({
      work,
      source: `${work}/source/`,
      words: ["-a", `${option}=/nonexistent/log`],
      look: (target) => existsSync(`${target}/sub/b`),
    });
  },
);

test("the summary is in the log of a run that shows it, the totals in that of one that fails", async () => {
  for (const words of [["-av"], ["-a", `${work}/nowhere`]]) {
    const logs = [];
    for (const program of ["rsync", "tsrsync"] as const) {
      const [log, target] = [`${work}/${program}.log`, `${work}/target`];
      for (const path of [log, target]) rmSync(path, { recursive: true, force: true });
      const paths = [`${work}/source/`, `${target}/`];
      await runProgram(program, [...words, `--log-file=${log}`, ...paths]);
      logs.push(linesOf(log));
    }
    expect(logs[1]).toEqual(logs[0]);
  }
});

test.runIf(isRoot())("the log of a daemon has all that a format asks for", async () => {
  const format = "%o %m %f %l %i %B %U %G %c %C %L|%n";
  const logs = [];
  for (const program of ["rsync", "tsrsync"] as const) {
    const directory = `${work}/${program}-daemon`;
    rmSync(`${work}/target`, { recursive: true, force: true });
    mkdirSync(`${work}/target`);
    write(`${work}/target/extra`, "");
    const daemon = await startDaemon(
      program,
      directory,
      `use chroot = no\nmunge symlinks = no\nuid = 0\ngid = 0\ntransfer logging = yes\nlog format = ${format}\n` +
        `[in]\npath = ${work}/target\nread only = no\n[out]\npath = ${work}/source\n`,
    );
    try {
      const url = `rsync://127.0.0.1:${daemon.port}`;
      await runProgram("rsync", ["-aH", "--delete", `${work}/source/`, `${url}/in/`]);
      await runProgram("rsync", [
        "-aH",
        `${url}/out/sub`,
        `${url}/out/a`,
        `${work}/${program}-copy/`,
      ]);
    } finally {
      await daemon.stop();
    }
    const about = /(send|recv|del\.) (in|out) /;
    logs.push(linesOf(`${directory}/rsyncd.log`)?.filter((line) => about.test(line)));
  }
  expect(logs[0]?.length).toBeGreaterThan(8);
  expect(logs[1]).toEqual(logs[0]);
});
