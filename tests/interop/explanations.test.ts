/**
 * What `-vv` and `--debug` tell: why items are left out or stay, which file serves as a basis, what is up to date, and in
 * which order that and the names come; each compared with what rsync tells over the same line.
 */
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { expectAsRsync } from "../support/pairs.js";
import { runProgram } from "../support/program.js";
import { readTree } from "../support/tree.js";

const work = mkdtempSync(`${tmpdir()}/tsrsync-explanations-`);
const NOON = 1_700_000_000;

function write(path: string, content: string, time = NOON): void {
  mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  writeFileSync(path, content);
  utimesSync(path, time, time);
}

beforeAll(() => {
  for (const name of ["a.o", "inc.o", "b", "sub/c.o", "sub/keep", "sub/hid", "sub/deep/k.tmp"]) {
    write(`${work}/filters/${name}`, name);
  }
  write(`${work}/filters/.rsync-filter`, "- *.tmp\n- hi[d]\nP prot*\n");
  write(`${work}/filters/sub/.rsync-filter`, "+ keep\n");
  write(`${work}/listed`, "b\n+ zz\n");
  write(`${work}/extra/prot.x`, "");
  write(`${work}/extra/gone`, "");
  write(`${work}/fuzzy/archive-v2.tar`, "0123456789\n".repeat(9000));
  write(`${work}/older/archive-v1.tar`, "0123456789\n".repeat(8000), NOON - 9);
  write(`${work}/older/other`, "nothing like it", NOON - 9);
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

const look = (target: string) => Object.keys(readTree(target, { owners: false })).sort();

/** Totals of bytes differ with the way of writing requests. */
const QUIET = "--info=stats0,flist0";

test.each([
  ["rules of options", ["--include=inc.o", "--exclude=*.o", "--exclude=/sub/deep/", "--delete"]],
  ["rules of files", ["-F", "--exclude-from=../listed", "--delete-excluded"]],
  ["what CVS ignores", ["-C", "--delete"]],
  ["sides", ["-f", "S inc.o", "-f", "H *.o", "-f", "R gone", "-f", "P g*", "--delete"]],
])("why items are left out or stay: %s", async (_name, words) => {
  await expectAsRsync({
    work,
    source: `${work}/filters/`,
    before: `${work}/extra`,
    words: ["-rlt", "--debug=filter", QUIET, ...words.map((w) => w.replace("../", `${work}/`))],
    look,
  });
});

test("a rule with a blank at its end, and one that is too long", async () => {
  const long = "Q".repeat(5000);
  await expectAsRsync({
    work,
    source: `${work}/filters/`,
    words: ["-r", "--debug=filter", "-f", "-p my-own ", "--exclude=x ", `--exclude=${long}`],
    look,
  });
});

test("which file is taken for an older one under another name", async () => {
  await expectAsRsync({
    work,
    source: `${work}/fuzzy/`,
    before: `${work}/older`,
    words: ["-rlt", "--fuzzy", "--no-whole-file", "--debug=fuzzy", QUIET],
    look,
  });
});

/** What a client prints of one directory, in its order. */
async function linesOf(client: "tsrsync" | "rsync", ...words: string[]): Promise<string[]> {
  const target = `${work}/ordered`;
  rmSync(target, { recursive: true, force: true });
  cpSync(`${work}/extra`, target, { recursive: true, preserveTimestamps: true });
  for (const name of ["a.o", "sub/c.o", "sub/keep"]) write(`${target}/${name}`, name);
  const { stdout, stderr } = await runProgram(client, [...words, `${work}/filters/`, target]);
  expect(stderr).toBe("");
  return stdout.split("\n").filter((line) => !line.includes("sub/"));
}

test("what is up to date, and what is deleted, is told ahead of what has to be sent", async () => {
  for (const words of [
    ["-rtvv", QUIET, "--debug=none"],
    ["-ri", "--delete"],
  ]) {
    expect(await linesOf("tsrsync", ...words)).toEqual(await linesOf("rsync", ...words));
  }
});

test.each([
  ["", []],
  ["with a format", ["--out-format=%n|%l"]],
  ["with a format that shows changes", ["-i"]],
])("what is up to date, and what gets other attributes only, is told %s", async (_name, words) => {
  await expectAsRsync({
    work,
    source: `${work}/filters/`,
    before: `${work}/filters`,
    words: ["-rptvv", QUIET, "--debug=none", ...words],
    prepare(target) {
      chmodSync(`${target}/a.o`, 0o600);
      rmSync(`${target}/sub/keep`);
      utimesSync(`${target}/sub/deep`, NOON, NOON);
    },
    look,
  });
});
