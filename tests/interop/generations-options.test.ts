/**
 * Each option that changes what travels, or what becomes of it, with each old rsync that is on this machine, and with the
 * installed one: as client and as server, pushed to and pulled from, over a remote shell and a daemon in turn.
 */
import { createHash } from "node:crypto";
import { appendFileSync, linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Implementation,
  remotePathOf,
  startDaemon,
  type TestDaemon,
} from "../support/daemon.js";
import { acl, extended, setAttributes } from "../support/extended.js";
import { findGenerations } from "../support/generations.js";
import { putFile, readNames } from "../support/link-tree.js";
import { FAKE_SHELL } from "../support/pairs.js";
import { runProgram } from "../support/program.js";
import { isRoot, runCommand } from "../support/rsync.js";
import { noise } from "../support/tree.js";

const work = mkdtempSync(`${tmpdir()}/tsrsync-options-`);
const source = `${work}/source`;
const before = `${work}/before`;

/** Options, and the first release that has them and does with them what today's does; `%B` is a directory with older files. */
const CASES: readonly (readonly [words: string[], since: string])[] = [
  [["-aH"], "2.6.0"],
  [["-aHz"], "2.6.0"],
  [["-ac", "--existing"], "2.6.0"],
  [["-ab", "--suffix=.old"], "3.0.0"],
  [["-ab", "--backup-dir=kept", "--delete"], "3.1.3"],
  [["-aS"], "2.6.0"],
  [["-aL"], "2.6.0"],
  [["-a", "--safe-links"], "2.6.0"],
  [["-au", "--max-size=20000"], "2.6.4"],
  [["-a", "--compare-dest=%B"], "3.1.0"],
  [["-a", "--link-dest=%B"], "2.6.0"],
  [["-a", "--inplace"], "2.6.4"],
  [["-a", "--delay-updates"], "2.6.4"],
  [["-a", "--partial-dir=.part", "--delete-after"], "2.6.4"],
  [["-aK", "--delete-during"], "2.6.4"],
  [["-a", "--copy-dest=%B", "--no-implied-dirs"], "2.6.9"],
  [["-ay", "--delete-delay"], "3.0.0"],
  [["-a", "--append"], "3.0.0"],
  [["-a", "--append-verify"], "3.0.0"],
  [["-am", "--include=*/", "--include=*.c", "--exclude=*"], "2.6.9"],
  [["-aE", "--no-perms", "--chmod=Dg+w,Fo-r"], "3.0.0"],
  [["-aAX"], "3.0.0"],
  [["-aAXHz", "--numeric-ids"], "3.0.0"],
  [["-aHR"], "3.0.0"],
  [["-aH", "--no-inc-recursive", "--delete-before"], "3.0.0"],
  [["-a", "--remove-source-files"], "3.0.0"],
  [["-a", "--usermap=0:7", "--groupmap=*:8"], "3.1.0"],
  [["-a", "--preallocate", "--checksum-choice=md5"], "3.2.0"],
  [["-az", "--zc=lz4", "--cc=xxh64"], "3.2.0"],
  [["-aU", "--open-noatime"], "3.2.7"],
];

interface Peer {
  program: Implementation;
  protocol: number;
  version: string;
}

const NEWEST = 32;
const PEERS: Peer[] = [
  ...findGenerations()
    .filter(({ protocol }) => protocol >= 27)
    .map(({ name, protocol }) => ({
      program: name,
      protocol,
      version: name.replace("rsync-", ""),
    })),
  { program: "rsync", protocol: NEWEST, version: "99" },
];

const number = (version: string): number =>
  version.split(".").reduce((sum, part) => sum * 100 + Number.parseInt(part, 10), 0) *
  100 ** (3 - version.split(".").length);

const daemons = new Map<Implementation, TestDaemon>();

function build(root: string, isNew: boolean): void {
  mkdirSync(`${root}/d/deep`, { recursive: true });
  mkdirSync(`${root}/empty`);
  putFile(`${root}/same.c`, "the same");
  putFile(`${root}/d/big`, noise(90_000, 3), isNew ? 1_550_000_000 : 1_500_000_000);
  if (isNew) appendFileSync(`${root}/d/big`, "and more");
  putFile(`${root}/d/deep/changed.c`, isNew ? "new content" : "old", isNew ? 1_550_000_000 : 1);
  putFile(`${root}/holes`, Buffer.concat([Buffer.alloc(200_000), noise(100, 5)]));
  symlinkSync("same.c", `${root}/link`);
  if (isNew) {
    putFile(`${root}/d/first`, "three names");
    linkSync(`${root}/d/first`, `${root}/d/deep/second`);
    linkSync(`${root}/d/first`, `${root}/third`);
    putFile(`${root}/new.c`, noise(3000, 9));
    setAttributes(root, "new.c", { "user.note": "n".repeat(200), "user.short": "s" });
    setAttributes(root, "d", { "system.posix_acl_access": acl("u::7,u:1:5,g::5,m::7,o::0") });
  } else {
    putFile(`${root}/extra`, "to go");
    putFile(`${root}/newer.c`, noise(3000, 9));
  }
  const links = runCommand("find", [root, "-exec", "touch", "-h", "-d", "@1500000000", "{}", "+"]);
  expect(links.status).toBe(0);
  if (isNew) {
    for (const path of ["d/big", "d/deep/changed.c"]) {
      runCommand("touch", ["-d", "@1550000000", `${root}/${path}`]);
    }
  }
}

beforeAll(async () => {
  build(source, true);
  build(before, false);
  const identity = isRoot() ? "uid = 0\ngid = 0\n" : "";
  const config = `use chroot = no\nmunge symlinks = no\n${identity}[m]\npath = ${work}\nread only = no\n`;
  for (const program of new Set<Implementation>([
    "tsrsync",
    ...PEERS.map((peer) => peer.program),
  ])) {
    daemons.set(program, await startDaemon(program, `${work}/daemon-${program}`, config));
  }
});

afterAll(async () => {
  for (const daemon of daemons.values()) await daemon.stop();
  rmSync(work, { recursive: true, force: true });
});

interface Route {
  client: Implementation;
  server: Implementation;
  transport: "daemon" | "shell";
  direction: "push" | "pull";
}

/** The routes in turn: all of them come with some options. */
function routeOf(peer: Peer, turn: number): Route {
  const isOurClient = turn % 2 === 0;
  return {
    client: isOurClient ? "tsrsync" : peer.program,
    server: isOurClient ? peer.program : "tsrsync",
    direction: (turn >> 1) % 2 === 0 ? "push" : "pull",
    transport: (turn >> 2) % 2 === 0 ? "shell" : "daemon",
  };
}

/** A source and a target of a run's own, both inside of the modules. */
function place(name: string) {
  const at = (part: string) => `${work}/${name}-${part}`;
  for (const part of ["from", "to", "base"]) {
    rmSync(at(part), { recursive: true, force: true });
    runCommand("cp", ["-a", part === "from" ? source : before, at(part)]);
  }
  return { from: at("from"), to: at("to"), base: at("base") };
}

/** Long contents are told by their length and a digest. */
function brief(root: string): Record<string, string[]> {
  const shorten = (text: string) =>
    text.length < 100
      ? text
      : `${text.length} bytes ${createHash("sha1").update(text, "latin1").digest("hex")}`;
  return Object.fromEntries(
    Object.entries(extended(root)).map(([name, values]) => [name, values.map(shorten)]),
  );
}

const look = (from: string, to: string): unknown => [brief(to), readNames(to), brief(from)];

async function transfer(name: string, route: Route | null, words: string[], protocol: number) {
  const { from, to, base } = place(name);
  const direction = route?.direction ?? "push";
  const remote = (path: string): string => {
    if (route === null) return path;
    if (route.transport === "shell") return `host:${path}`;
    return `rsync://127.0.0.1:${daemons.get(route.server)!.port}/m${path.slice(work.length)}`;
  };
  const shell =
    route?.transport === "shell"
      ? ["-e", FAKE_SHELL, `--rsync-path=${remotePathOf(route.server)}`]
      : [];
  // Inside of a module the path of a directory is another one, but beside the target is beside the target.
  const given = words.map((word) => word.replace("%B", `../${base.slice(work.length + 1)}`));
  const paths =
    direction === "push" ? [`${from}/./`, remote(`${to}/`)] : [remote(`${from}/./`), `${to}/`];
  const old = route === null ? [`--protocol=${protocol}`, "--no-whole-file"] : [];
  const { status, stderr } = await runProgram(
    route?.client ?? "rsync",
    [...old, ...shell, ...given, ...paths],
    { cwd: work },
  );
  // What is appended to another content is noticed, told by some, and sent again.
  const trouble = stderr.replaceAll(/^WARNING: .* update retained \(will try again\)\.\n/gm, "");
  return { status, stderr: trouble, found: look(from, to) };
}

const CLEAN = { status: 0, stderr: "" };

describe.each(PEERS)("$program, protocol $protocol", (peer) => {
  const known = CASES.filter(([, since]) => number(since) <= number(peer.version));
  const turns = known.map(([words], turn) => ({ words, turn, line: words.join(" ") }));

  test.each(turns)("$line", async ({ words, turn }) => {
    const route = routeOf(peer, turn + PEERS.indexOf(peer));
    const got = await transfer("ours", route, words, peer.protocol);
    const expected = await transfer("theirs", null, words, peer.protocol);
    expect({ route, ...got }).toEqual({ route, ...expected, ...CLEAN });
  });
});
