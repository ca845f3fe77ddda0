/**
 * Protocols below 29 between ours and the installed rsync: without records of items the receiving side tells by itself what it
 * does. Old programs are in generations.test.ts.
 */
import { linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { remotePathOf, startDaemon, type TestDaemon } from "../support/daemon.js";
import { putFile, readNames } from "../support/link-tree.js";
import { expectAsRsync, FAKE_SHELL, OUR_WAYS } from "../support/pairs.js";
import { runProgram } from "../support/program.js";
import { isRoot, runCommand } from "../support/rsync.js";
import { noise, readTree } from "../support/tree.js";

const work = mkdtempSync(`${tmpdir()}/tsrsync-old-protocols-`);
const source = `${work}/source`;
const before = `${work}/before`;
const REMOTE_WAYS = OUR_WAYS.filter(({ server }) => server !== null);
let daemon: TestDaemon;

function build(root: string): void {
  mkdirSync(`${root}/changed/deep`, { recursive: true });
  putFile(`${root}/same`, "the same");
  putFile(`${root}/whole blocks`, Buffer.concat([noise(64 * 700, 1), Buffer.alloc(64)]));
  putFile(`${root}/changed/big`, noise(50_000 - (root === source ? 999 : 0), 2));
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
  [28, ["-a", "--info=name2", "--link-dest=../before"]],
  [28, ["-aHi"]],
])("protocol %i: %s", (protocol, words) =>
  expectAsRsync({
    work,
    source: `${source}/`,
    words: [...words, `--protocol=${protocol}`],
    before,
    look,
    ways: REMOTE_WAYS,
  }),
);

/** Strong sums, sum heads, ends and frames of their own. rsync itself hangs where it pulls below protocol 23. */
test.each([
  [26, ["-aHcz", "-B700"]],
  [24, ["-aI"]],
  [23, ["-aHc", "--delete"]],
  [20, ["-aHcI"]],
])("protocol %i: %s", (protocol, words) =>
  expectAsRsync({
    work,
    source: `${source}/`,
    words: [...words, "--no-whole-file", `--protocol=${protocol}`],
    before,
    look,
    ways: REMOTE_WAYS.filter(({ direction }) => protocol >= 23 || direction === "push"),
  }),
);

/** Where triples of bytes are changed so that the weak sum stays: two blocks that have the old strong sum in common, too. */
const TWINS = {
  before: [
    9, 18, 27, 75, 87, 255, 258, 276, 282, 300, 318, 399, 405, 438, 441, 444, 465, 594, 603, 606,
  ],
  source: [
    18, 42, 45, 69, 87, 93, 210, 213, 219, 225, 273, 282, 345, 384, 387, 402, 486, 513, 573, 585,
  ],
};

function twin(places: readonly number[]): Buffer {
  const block = Buffer.alloc(700, "m");
  for (const at of places) block.write("nkn", at);
  return Buffer.concat([block, Buffer.from("tail")]);
}

test.each(REMOTE_WAYS)("protocol 26: a block mistaken for another, %j", async (way) => {
  const place = (name: string) => `${work}/redo-${name}`;
  for (const [name, places] of Object.entries(TWINS)) {
    rmSync(place(name), { recursive: true, force: true });
    mkdirSync(place(name));
    putFile(`${place(name)}/f`, twin(places), name === "source" ? 1_600_000_000 : 1_500_000_000);
  }
  const words = ["-t", "--checksum-seed=7", "--protocol=26", `--rsh=${FAKE_SHELL}`];
  const path = `--rsync-path=${remotePathOf(way.server!)}`;
  const isPush = way.direction === "push";
  const from = `${isPush ? "" : "h:"}${place("source")}/f`;
  const to = `${isPush ? "h:" : ""}${place("before")}/f`;
  const { status, stdout, stderr } = await runProgram(way.client, [...words, path, from, to]);
  const receiver = isPush ? way.server : way.client;
  expect(status).toBe(0);
  expect(stdout + stderr).toMatch(receiver === "tsrsync" ? /will try again/ : /^$/);
  expect(readFileSync(`${place("before")}/f`).equals(twin(TWINS.source))).toBe(true);
});

test.each([19, 22])("a greeting of version %i is the end of the talk", async (version) => {
  const socket = connect(daemon.port, "127.0.0.1");
  socket.end(`@RSYNCD: ${version}\nm\n`);
  const answer = (await socket.setEncoding("latin1").toArray()).join("");
  expect(answer).toMatch(/^@RSYNCD: 32\.0 [^\n]*\n$/);
});

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
