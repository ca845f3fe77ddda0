/**
 * Old rsyncs as our peers: {they are the client, they are the server} x {daemon, remote shell} x {push, pull} over new,
 * unchanged and changed trees, with those that are on this machine; and the installed one held to each protocol.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  commandOf,
  type Implementation,
  remotePathOf,
  startDaemon,
  type TestDaemon,
} from "../support/daemon.js";
import { findGenerations } from "../support/generations.js";
import { runProgram } from "../support/program.js";
import { findRsync, isRoot, runCommand } from "../support/rsync.js";
import { buildTree, changeTree, type Item, readTree } from "../support/tree.js";

const work = mkdtempSync(`${tmpdir()}/tsrsync-generations-`);
const module = `${work}/module`;
const source = `${work}/source`;
const changed = `${work}/changed`;
const FAKE_SHELL = new URL("../support/fake-shell", import.meta.url).pathname;

interface Peer {
  program: Implementation;
  protocol: number;
  /** What holds it, or us, to that protocol. */
  words: string[];
}

const OLDEST_SPOKEN = 27;

const held = [27, 28, 29].map(
  (protocol): Peer => ({ program: "rsync", protocol, words: [`--protocol=${protocol}`] }),
);
const PEERS: Peer[] = [
  ...held,
  ...findGenerations()
    .filter(({ protocol }) => protocol >= OLDEST_SPOKEN)
    .map(({ name, protocol }): Peer => ({ program: name, protocol, words: [] })),
];

interface Run {
  peer: Peer;
  client: Implementation;
  server: Implementation;
  transport: "daemon" | "shell";
  direction: "push" | "pull";
}

const RUNS: Run[] = PEERS.flatMap((peer) =>
  (["daemon", "shell"] as const).flatMap((transport) =>
    (["push", "pull"] as const).flatMap((direction) => [
      { peer, client: "tsrsync" as const, server: peer.program, transport, direction },
      { peer, client: peer.program, server: "tsrsync" as const, transport, direction },
    ]),
  ),
);

/** Each peer meets each of them in some run; each run meets one. */
const OPTIONS = [
  ["-rltc"],
  ["-aI", "-B1000"],
  ["-a", "--delete", "--exclude=size-7*"],
  ["-a", "--size-only", "-W"],
  ["-rlpt", "--delete", "--delete-excluded", "--exclude=size-7*"],
];

const optionsOf = (run: Run): string[] => OPTIONS[RUNS.indexOf(run) % OPTIONS.length]!;

const daemons = new Map<Implementation, TestDaemon>();

beforeAll(async () => {
  console.log(
    `generations: ${PEERS.map(({ program }) => program).join(" ")}, ${findRsync().version}`,
  );
  mkdirSync(module);
  const identity = isRoot() ? "uid = 0\ngid = 0\n" : "";
  const config = `use chroot = no\nmunge symlinks = no\n${identity}[m]\npath = ${module}\nread only = no\n`;
  for (const program of new Set<Implementation>([
    "tsrsync",
    ...PEERS.map((peer) => peer.program),
  ])) {
    daemons.set(program, await startDaemon(program, `${work}/daemon-${program}`, config));
  }
  buildTree(source, { big: false });
  buildTree(changed, { big: false });
  changeTree(changed, { big: false });
});

afterAll(async () => {
  for (const daemon of daemons.values()) await daemon.stop();
  rmSync(work, { recursive: true, force: true });
});

/** One exchange of `from` (a tree) to `target`, with the remote side where the direction says. */
async function exchange(
  run: Run,
  options: string[],
  from: string,
  target: string,
): Promise<string> {
  const { peer, client, server, transport, direction } = run;
  const remote = (path: string) =>
    transport === "shell"
      ? `host:${path}`
      : `rsync://127.0.0.1:${daemons.get(server)!.port}/m${path.slice(module.length)}`;
  const paths =
    direction === "push" ? [`${from}/`, remote(`${target}/`)] : [remote(`${from}/`), `${target}/`];
  const shell = ["-e", FAKE_SHELL, `--rsync-path=${remotePathOf(server)}`];
  const words = [...peer.words, ...(transport === "shell" ? shell : []), ...options, ...paths];
  const { status, stdout, stderr } = await runProgram(client, words, { cwd: work });
  expect(`${stderr}(exit ${status})`).toBe("(exit 0)");
  return stdout;
}

/** What can arrive of a tree over a protocol: nanoseconds from 31 on, times of links from 30 on. */
function comparable(root: string, { peer, transport, direction }: Run): Record<string, Item> {
  const items = readTree(root, { owners: isRoot(), times: peer.protocol >= 31 ? "ns" : "s" });
  const isChanged = transport === "daemon" && direction === "push";
  for (const item of Object.values(items)) {
    if (item.type !== "link") continue;
    if (peer.protocol < 30) item.mtime = "";
    if (isChanged) item.content = item.content.replace(/^\/+/, "");
  }
  return items;
}

/** A place inside of the module, so that a daemon reaches it as well. */
function place(run: Run, name: string): { from: string; later: string; target: string } {
  const base = `${module}/${run.peer.program}-${run.peer.protocol}-${run.client}-${run.transport}-${run.direction}-${name}`;
  mkdirSync(base);
  runCommand("cp", ["-a", source, `${base}/from`]);
  runCommand("cp", ["-a", changed, `${base}/later`]);
  return { from: `${base}/from`, later: `${base}/later`, target: `${base}/target` };
}

describe.each(RUNS)(
  "$client client, $server server, protocol $peer.protocol, $transport, $direction",
  (run) => {
    test.concurrent("a new tree, no change, then deltas with deletions", async () => {
      const { from, later, target } = place(run, "tree");
      await exchange(run, ["-a"], from, target);
      expect(comparable(target, run)).toEqual(comparable(from, run));

      expect(await exchange(run, ["-a", "--stats"], from, target)).toMatch(
        /files transferred: 0\n/,
      );

      writeFileSync(`${target}/extra file`, "to be deleted");
      mkdirSync(`${target}/extra dir/deep`, { recursive: true });
      const stats = await exchange(run, ["-a", "--delete", "--stats"], later, target);
      expect(comparable(target, run)).toEqual(comparable(later, run));
      expect(
        Number(/Matched data: ([\d,]+)/.exec(stats)?.[1]?.replaceAll(",", "")),
      ).toBeGreaterThan(500_000);
    });

    const options = optionsOf(run);
    test.concurrent(`${options.join(" ")} changes a tree as rsync does`, async () => {
      const { from, later, target } = place(run, "options");
      runCommand("cp", ["-a", from, target]);
      await exchange(run, options, later, target);
      const expected = `${target}-expected`;
      runCommand("cp", ["-a", from, expected]);
      const { command } = commandOf("rsync");
      runCommand(command, ["--no-whole-file", ...options, `${later}/`, `${expected}/`]);
      expect(comparable(target, run)).toEqual(comparable(expected, run));
    });
  },
);
