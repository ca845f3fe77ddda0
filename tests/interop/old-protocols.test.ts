/**
 * Protocols 27 and 28 between ours and the installed rsync: without records of items (protocol 29) the receiving side tells
 * by itself what it does. Old programs are in generations.test.ts.
 */
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startDaemon, type TestDaemon } from "../support/daemon.js";
import { putFile, readNames } from "../support/link-tree.js";
import { expectAsRsync, OUR_WAYS } from "../support/pairs.js";
import { runProgram } from "../support/program.js";
import { isRoot, runCommand } from "../support/rsync.js";
import { readTree } from "../support/tree.js";

const work = mkdtempSync(`${tmpdir()}/tsrsync-old-protocols-`);
const source = `${work}/source`;
const before = `${work}/before`;
let daemon: TestDaemon;

function build(root: string): void {
  mkdirSync(`${root}/changed/deep`, { recursive: true });
  putFile(`${root}/same`, "the same");
  putFile(`${root}/changed/deep/file`, root === source ? "new content" : "old");
  putFile(`${root}/attributes`, "only other attributes");
  symlinkSync(root === source ? "same" : "elsewhere", `${root}/link`);
  symlinkSync("same", `${root}/same-link`);
  runCommand("mkfifo", [`${root}/pipe`]);
  if (root === source) {
    mkdirSync(`${root}/new`);
    symlinkSync("same", `${root}/new/link`);
    putFile(`${root}/new/one`, "two names");
    linkSync(`${root}/new/one`, `${root}/two`);
    if (isRoot()) runCommand("mknod", [`${root}/new/device`, "b", "8", "300"]);
  } else {
    mkdirSync(`${root}/extra`);
    putFile(`${root}/extra/file`, "to go");
  }
  runCommand("find", [root, "-exec", "touch", "-h", "-d", "@1500000000", "{}", "+"]);
  if (root !== source) return;
  runCommand("touch", ["-h", "-d", "@1600000000", `${root}/same-link`, `${root}/changed`]);
  runCommand("chmod", ["600", `${root}/attributes`, `${root}/pipe`]);
}

beforeAll(async () => {
  build(source);
  build(before);
  const identity = isRoot() ? "uid = 0\ngid = 0\n" : "";
  const config = `use chroot = no\n${identity}[m]\npath = ${work}\n`;
  daemon = await startDaemon("tsrsync", `${work}/daemon`, config);
});

afterAll(async () => {
  await daemon.stop();
  rmSync(work, { recursive: true, force: true });
});

function look(target: string): unknown {
  const items = readTree(target, { owners: isRoot(), times: "s" });
  for (const item of Object.values(items)) if (item.type === "link") item.mtime = "";
  return [items, readNames(target)];
}

test.each([
  [27, ["-aHc", "--info=name,del", "--delete"]],
  [27, ["-aHz", "--info=name2,del", "--delete-after"]],
  [27, ["-aHi"]],
  [27, ["-aii", "-n"]],
  [28, ["-a", "--info=name2", "--link-dest=../before"]],
  [28, ["-aHi"]],
])("protocol %i: %s", (protocol, words) =>
  expectAsRsync({
    work,
    source: `${source}/`,
    words: [...words, `--protocol=${protocol}`],
    before,
    look,
    ways: OUR_WAYS.filter(({ server }) => server !== null),
  }),
);

test("names of a list in a daemon's directory that is named with a slash", async () => {
  putFile(`${work}/list`, "new/one\ntwo\n");
  const { status, stderr } = await runProgram("rsync", [
    "-a",
    `--files-from=${work}/list`,
    `rsync://127.0.0.1:${daemon.port}/m/source//`,
    `${work}/listed/`,
  ]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(Object.keys(readTree(`${work}/listed`, { owners: false, times: "s" })).sort()).toEqual(
    expect.arrayContaining(["new/one", "two"]),
  );
});
