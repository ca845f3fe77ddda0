/**
 * ACLs (-A) and extended attributes (-X) by every pair of programs.
 */
import {
  chmodSync,
  chownSync,
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
import { acl, extended, setAttributes } from "../support/extended.js";
import { expectAsRsync, type PairedTransfer, waysInTurn } from "../support/pairs.js";
import { runProgram } from "../support/program.js";
import { isRoot, runCommand } from "../support/rsync.js";

const work = mkdtempSync(`${tmpdir()}/tsrsync-acls-`);
chmodSync(work, 0o755);
const source = `${work}/source/`;
const before = `${work}/before`;
const OLD = 1_500_000_000;

const LONG = "v".repeat(40);
const NAMED = "u::6,u:1:6,g::4,g:2:4,m::6,o::0";
const ACCESS = "system.posix_acl_access";
const DEFAULT = "system.posix_acl_default";

function item(root: string, name: string, mode = 0o644, content = name): void {
  const path = `${root}/${name}`;
  writeFileSync(path, content);
  chmodSync(path, mode);
  utimesSync(path, OLD, OLD);
}

/** What both the source and what is there before have. */
function fill(root: string): void {
  mkdirSync(`${root}/dir/deep`, { recursive: true });
  for (const name of ["a", "b", "edge", "named", "masked", "plain"]) item(root, name);
  item(root, "dir/inner");
  item(root, "dir/deep/new");
  symlinkSync("a", `${root}/link`);
  lutimesSync(`${root}/link`, OLD, OLD);
  runCommand("mkfifo", ["-m", "644", `${root}/fifo`]);
  utimesSync(`${root}/fifo`, OLD, OLD);
}

function settle(root: string): void {
  for (const name of ["dir/deep", "dir", "."]) utimesSync(`${root}/${name}`, OLD, OLD);
}

beforeAll(() => {
  process.umask(0o022);
  fill(source);
  fill(before);
  for (const name of ["a", "b"])
    setAttributes(source, name, { "user.short": "hello", "user.long": LONG });
  setAttributes(source, "edge", { "user.edge": "e".repeat(32), "user.empty": "" });
  setAttributes(source, "dir", {
    "user.long": "d".repeat(100),
    [ACCESS]: acl("u::7,g::5,g:2:5,m::5,o::5"),
  });
  setAttributes(source, "dir", { [DEFAULT]: acl("u::7,u:1:7,g::5,m::7,o::0") });
  setAttributes(source, "dir/deep", { [DEFAULT]: acl("u::7,g::5,o::0"), "user.long": LONG });
  setAttributes(source, "dir/inner", { "user.long": "i".repeat(3000) });
  setAttributes(source, "named", { [ACCESS]: acl(NAMED) });
  setAttributes(source, "masked", { [ACCESS]: acl("u::6,u:1:6,u:4242:7,g::6,m::4,o::0") });
  setAttributes(source, "fifo", { [ACCESS]: acl("u::6,g::4,g:3:6,m::6,o::4") });

  setAttributes(before, "a", { "user.short": "hello", "user.long": LONG, "user.extra": "x" });
  setAttributes(before, "b", { "user.long": "w".repeat(40) });
  setAttributes(before, "named", { [ACCESS]: acl("u::6,g::4,m::6,o::4") });
  setAttributes(before, "plain", { [ACCESS]: acl(NAMED), "user.gone": LONG });
  setAttributes(before, "dir", { [DEFAULT]: acl("u::7,u:1:1,g::5,m::7,o::0"), "user.old": "1" });
  writeFileSync(`${before}/edge`, "changed");
  if (isRoot()) {
    setAttributes(source, "link", { "trusted.long": "L".repeat(50) });
    setAttributes(before, "link", { "trusted.long": "M".repeat(50) });
    setAttributes(source, "fifo", { "trusted.short": "f" });
    setAttributes(source, "a", {
      "trusted.own": "t",
      "user.rsync.%own": "o",
      "user.rsync.plain": "p",
    });
  }
  settle(source);
  settle(before);
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

let turn = 0;
const check = (words: string[], changes: Partial<PairedTransfer> = {}): Promise<void> =>
  expectAsRsync({ work, source, words, look: extended, ways: waysInTurn(turn++), ...changes });

describe("into an empty directory", () => {
  test.each([
    [["-aAXi"]],
    [["-aXXi"]],
    [["-aAi", "--no-inc-recursive"]],
    [["-aAXi", "--protocol=30"]],
    [["-aAXi", "--chmod=g-w,o+r"]],
    [["-rlAXi"]],
    [["-aAXin"]],
  ])("%j", (words) => check(words));
});

describe("into what is there", () => {
  test.each([
    [["-aAXi"]],
    [["-aAXi", "--protocol=31", "--no-inc-recursive"]],
    [["-aAXin"]],
    [["-aXi", "--inplace", "--no-W"]],
    [["-aAXi", "-I"]],
    [["-aXi", "--delete", "--filter=-x user.extra"]],
    [["-aXi", "--delete", "--filter=-xs user.lo*", "--filter=-xr user.old"]],
    [["-aAXi", "--existing"]],
  ])("%j", (words) => check(words, { before }));
});

test("a second run finds nothing to do", async () => {
  const target = `${work}/twice/`;
  for (const expected of [true, false]) {
    const run = await runProgram("tsrsync", ["-aAXi", source, target]);
    expect(run.status).toBe(0);
    expect(run.stdout !== "").toBe(expected);
  }
  const sent = extended(source);
  const kept = sent["./a"]!.filter((each) => !each.startsWith("user.rsync.%"));
  expect(extended(target)).toEqual({ ...sent, "./a": kept });
});

test("new files without -p take their modes from the directory's default ACL", async () => {
  const prepare = (target: string) =>
    setAttributes(target, "", { [DEFAULT]: acl("u::7,u:1:5,g::7,m::7,o::1") });
  await check(["-rlDi"], { prepare });
  await check(["-rlDi", "--mkpath", "--chmod=a=rwx"], { prepare });
});

describe.runIf(isRoot())("as an ordinary user", () => {
  const uid = 1;
  const own = `${work}/own`;

  beforeAll(() => {
    runCommand("cp", ["-a", source, own]);
    chmodSync(`${own}/b`, 0o400);
    runCommand("chown", ["-R", `${uid}:${uid}`, own]);
    chownSync(work, uid, uid);
  });

  afterAll(() => chownSync(work, 0, 0));

  test("user attributes are set, also of read-only files, and ACLs", async () => {
    const prepare = (target: string) => {
      chmodSync(`${target}/b`, 0o400);
      chownSync(`${target}/b`, uid, uid);
    };
    await check(["-aAXi"], { source: `${own}/`, before, prepare, uid });
  });

  test("with rules, attributes of other namespaces get names of their own", async () => {
    await check(["-aXi", "--delete", "--filter=-x user.zzz"], { source: `${own}/`, uid });
  });
});
