/**
 * Modes and owners by every pair of programs.
 */
import { chmodSync, chownSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildAttributeTrees } from "../support/attribute-trees.js";
import { attributes } from "../support/attributes.js";
import { expectAsRsync, type PairedTransfer, waysInTurn } from "../support/pairs.js";
import { runProgram } from "../support/program.js";
import { isRoot, runCommand } from "../support/rsync.js";

const work = mkdtempSync(`${tmpdir()}/tsrsync-attributes-`);
chmodSync(work, 0o755);
const source = `${work}/source/`;
const before = `${work}/before`;

beforeAll(() => {
  process.umask(0o022);
  buildAttributeTrees(source, before);
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

let turn = 0;
const check = (words: string[], changes: Partial<PairedTransfer> = {}): Promise<void> =>
  expectAsRsync({ work, source, words, look: attributes, ways: waysInTurn(turn++), ...changes });

describe("permissions", () => {
  test.each([
    [["-rlti"]],
    [["-rlptgoi"]],
    [["-rltiE"]],
    [["-rltpi", "--chmod=Dg+s,ug+w,Fo-w,+X"]],
    [["-rltpi", "--chmod=u=g", "--chmod=F600,D711"]],
    [["-rlti", "--chmod=a=rX"]],
    [["-rltin", "--chmod=ug=rwX"]],
  ])("%j into what is there", (words) => check(words, { before }));

  test("new files without -p take their modes through the umask", () => check(["-rli"]));

  test("a new directory keeps the set-group-id bit of its parent", () =>
    check(["-rli"], { prepare: (target) => chmodSync(target, 0o2755) }));

  test("a --chmod that can not be read is refused", async () => {
    for (const program of ["rsync", "tsrsync"] as const) {
      const run = await runProgram(program, ["-a", "--chmod=u+7", source, `${work}/no/`]);
      expect([run.status, run.stderr.split("\n")[0]]).toEqual([
        1,
        "rsync: Invalid argument passed to --chmod (u+7)",
      ]);
    }
  });
});

describe.runIf(isRoot())("owners", () => {
  test.each([
    [["-rloi"]],
    [["-rlgi"]],
    [["-rlogi", "--numeric-ids"]],
    [["-rlogi", "--usermap=daemon:games,60001:5,*:7", "--groupmap=1-3:9,:8"]],
    [["-rlogi", "--chown=games:bin"]],
    [["-rli", "--chown=:4"]],
    [["-rlogi", "--numeric-ids", "--usermap=:6,root:7"]],
    [["-rlogi", "--groupmap=b*:0,root:nosuchgroup"]],
  ])("%j", (words) => check(words, { before }));

  test.each([["daemon"], ["1-:3"], ["1:"]])("--usermap=%s is refused", async (map) => {
    const results = [];
    for (const program of ["rsync", "tsrsync"] as const) {
      const run = await runProgram(program, ["-a", `--usermap=${map}`, source, `${work}/no/`]);
      results.push([run.status, run.stderr.split("\n")[0]]);
    }
    expect(results[1]).toEqual(results[0]);
    rmSync(`${work}/no`, { recursive: true, force: true });
  });

  test("an ordinary user keeps what it may", async () => {
    const uid = 1;
    const own = `${work}/own`;
    runCommand("cp", ["-a", source, own]);
    runCommand("chown", ["-R", "1:1", own]);
    chownSync(work, uid, uid);
    await check(["-ai"], { source: `${own}/`, before, uid });
  });
});
