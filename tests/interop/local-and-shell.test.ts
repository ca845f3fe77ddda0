/**
 * Copies on one machine, and over a remote shell: {our client, rsync} x {our server, rsync's} x {push, pull}. Trees are
 * compared whole, output with that of rsync for the same command.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Implementation, TSRSYNC } from "../support/daemon.js";
import { comparable, type ProgramRun, runProgram } from "../support/program.js";
import { findRsync, isRoot, runCommand } from "../support/rsync.js";
import { buildTree, changeTree, readTree } from "../support/tree.js";

const work = mkdtempSync(`${tmpdir()}/tsrsync-shell-`);
const source = `${work}/source`;
const changed = `${work}/changed`;
const owners = isRoot();
const FAKE_SHELL = new URL("../support/fake-shell", import.meta.url).pathname;
const IMPLEMENTATIONS: Implementation[] = ["tsrsync", "rsync"];

/** Incremental recursion is rsync's alone, and shows in its output. */
const PLAIN = "--no-inc-recursive";

const remotePath = (server: Implementation): string =>
  server === "rsync" ? findRsync().path : `${process.execPath} ${TSRSYNC}`;

const shellWords = (server: Implementation): string[] => [
  `--rsh=${FAKE_SHELL}`,
  `--rsync-path=${remotePath(server)}`,
];

const run = (client: Implementation, ...words: string[]): Promise<ProgramRun> =>
  runProgram(client, words, { cwd: work });

/** Messages of the receiving side and names from the sender come in no certain order, not even with rsync. */
const sorted = (text: string): string => text.split("\n").sort().join("\n");

/** What a run printed, without what no two runs have in common: speed, milliseconds, counts of bytes on the way. */
function printed({ stdout, stderr, status }: ProgramRun): string {
  const text = stdout
    .replace(/^sent [\d,]+ bytes {2}received [\d,]+ bytes.*$/m, "sent and received")
    .replace(/speedup is [\d.,]+/, "speedup")
    .replace(/^(File list (size|generation time|transfer time)|Total bytes \w+): .*$/gm, "$1");
  return `${text}${comparable(stderr)}(exit ${status})`;
}

/** `cp`, because Node's own copying knows no names that are not UTF-8. */
function copyTree(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  expect(runCommand("cp", ["-a", `${from}/.`, to]).status).toBe(0);
}

function tree(path: string, times: "ns" | "none"): string {
  return JSON.stringify(readTree(path, { owners, times }), null, 1);
}

function emptyDirectory(name: string): string {
  const path = `${work}/${name}`;
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path);
  return path;
}

beforeAll(() => {
  buildTree(source, { big: false });
  buildTree(changed, { big: false });
  changeTree(changed, { big: false });
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

describe("a copy on this machine", () => {
  test("makes the same tree, then changes it, deletions included", async () => {
    const target = `${work}/local`;
    expect(printed(await run("tsrsync", "-a", `${source}/`, `${target}/`))).toBe("(exit 0)");
    expect(readTree(target, { owners })).toEqual(readTree(source, { owners }));
    expect(printed(await run("tsrsync", "-a", "--delete", `${changed}/`, target))).toBe("(exit 0)");
    expect(readTree(target, { owners })).toEqual(readTree(changed, { owners }));
  });

  test.each([["-ai"], ["-ain"], ["-a", "--stats"]])(
    "a destination that was made for it is new (%s %s)",
    async (...words) => {
      const outputs: string[] = [];
      for (const program of IMPLEMENTATIONS) {
        const target = `${work}/made`;
        rmSync(target, { recursive: true, force: true });
        outputs.push(sorted(printed(await run(program, PLAIN, ...words, `${source}/`, "made/"))));
      }
      expect(outputs[0]).toBe(outputs[1]);
    },
  );

  test("copies whole files unless deltas are asked for", async () => {
    const target = `${work}/whole`;
    const matched = async (...words: string[]) => {
      rmSync(target, { recursive: true, force: true });
      copyTree(source, target);
      const { stdout } = await run("tsrsync", "-a", "--stats", ...words, `${changed}/`, target);
      return /Matched data: ([\d,]+)/.exec(stdout)?.[1];
    };
    expect(await matched()).toBe("0");
    expect(await matched("--no-whole-file")).not.toBe("0");
  });

  test.each<[string, string[]]>([
    ["-av", ["-av"]],
    ["-ai", ["-ai"]],
    ["-a --out-format", ["-a", "--out-format=%o %n %l"]],
    ["-ani --delete", ["-ani", "--delete"]],
    ["-avv --delete", ["-av", "--delete"]],
    ["-a --stats", ["-a", "--stats", "--delete"]],
    ["-r", ["-rv"]],
    ["-rlc", ["-rlci"]],
    ["-d", ["-dv"]],
    ["-au", ["-auv", "--info=skip1"]],
    ["--existing", ["-av", "--existing"]],
    ["--ignore-existing", ["-rlv", "--ignore-existing"]],
  ])("%s prints and makes what rsync does", async (_, words) => {
    const runs = new Map<Implementation, string>();
    for (const program of IMPLEMENTATIONS) {
      const target = emptyDirectory("target");
      copyTree(source, target);
      const result = await run(program, PLAIN, ...words, `${changed}/`, "target/");
      // Without -t each run has its own times.
      const times = words[0]?.includes("a") ? "ns" : "none";
      runs.set(program, sorted(printed(result)) + tree(target, times));
    }
    expect(runs.get("tsrsync")).toBe(runs.get("rsync"));
  });

  test.each([
    ["a listing", ["source/a/"]],
    ["a recursive listing", ["-r", "source/links"]],
    ["--list-only with targets", ["-al", "--list-only", "source/links/", "nowhere"]],
    ["a missing source", ["-a", "no such", "target/"]],
    ["a directory without -r", ["source/a", "target/"]],
    ["several files onto a file", ["-a", "source/a/", "source/zero"]],
    ["a file below a missing directory", ["-a", "source/zero", "no/such/name"]],
    ["a directory below a missing one", ["-a", "source/a/", "no/such/name/"]],
  ])("%s is told as rsync tells it", async (_, words) => {
    emptyDirectory("target");
    const [ours, theirs] = await Promise.all(
      IMPLEMENTATIONS.map((program) => run(program, ...words)),
    );
    expect(printed(ours!)).toBe(printed(theirs!));
  });

  test("an option for the other side reaches the receiving one", async () => {
    const { stderr, status } = await run("tsrsync", "-a", "-M--no-such", "source/a/", "target/");
    expect(stderr).toContain("rsync: on remote machine: --no-such: unknown option");
    expect(status).toBe(1);
  });
});

const PAIRS = IMPLEMENTATIONS.flatMap((client) =>
  IMPLEMENTATIONS.flatMap((server) =>
    (["push", "pull"] as const).map((direction) => ({ client, server, direction })),
  ),
).filter(({ client, server }) => client !== "rsync" || server !== "rsync");

describe.each(PAIRS)("over a shell: $client client, $server server, $direction", (pair) => {
  const { client, server, direction } = pair;
  const remote = (path: string) => `host:${path}`;
  const sync = async (from: string, to: string, ...words: string[]): Promise<ProgramRun> => {
    const [a, b] = direction === "push" ? [from, remote(to)] : [remote(from), to];
    return run(client, ...shellWords(server), ...words, a, b);
  };

  test("a new tree, then deltas with deletions", async () => {
    const target = `${work}/${client}-${server}-${direction}`;
    expect(printed(await sync(`${source}/`, `${target}/`, "-a"))).toBe("(exit 0)");
    expect(readTree(target, { owners })).toEqual(readTree(source, { owners }));
    expect(printed(await sync(`${changed}/`, `${target}/`, "-a", "--delete"))).toBe("(exit 0)");
    expect(readTree(target, { owners })).toEqual(readTree(changed, { owners }));
  });

  test.each([28, 29, 30, 31])("protocol %i", async (protocol) => {
    const target = emptyDirectory(`protocol-${client}-${server}-${direction}`);
    const result = await sync(`${source}/`, `${target}/`, "-a", `--protocol=${protocol}`);
    expect(printed(result)).toBe("(exit 0)");
    // Below 31 times have no nanoseconds.
    const times = protocol < 31 ? "s" : "ns";
    expect(readTree(target, { owners, times })).toEqual(readTree(source, { owners, times }));
  });

  test.each([
    ["secluded", "-s"],
    ["quoted", "--no-s"],
  ])("names with odd characters, %s", async (_, option) => {
    const name = "odd $(touch x); 'n\"ame\\ *?\t& [b]";
    const from = emptyDirectory("odd");
    writeFileSync(`${from}/${name}`, "odd");
    const to = emptyDirectory("odd-target");
    const result = await sync(`${from}/${name}`, `${to}/${name} too`, "-a", option);
    expect(printed(result)).toBe("(exit 0)");
    expect(Object.keys(readTree(to))).toEqual([".", `${name} too`]);
  });

  test.each([
    ["a missing source", "no such", "target/"],
    ["a destination that can not be made", `${source}/a/`, `${work}/no/such/name/`],
  ])("%s has the exit code and the texts of rsync", async (_, from, to) => {
    emptyDirectory("target");
    const local = direction === "push" ? [from, `host:${to}`] : [`host:${from}`, to];
    const theirs = await run("rsync", ...shellWords("rsync"), "-a", ...local);
    const ours = await sync(from, to, "-a");
    expect(ours.status).toBe(theirs.status);
    expect(comparable(ours.stderr).split("\n")[0]).toBe(comparable(theirs.stderr).split("\n")[0]);
  });
});

describe("our client and a shell that fails", () => {
  test.each([
    ["is not there", `${work}/no-shell`, 14],
    ["ends at once", "false", 12],
    ["ends with 255, as ssh does when it can not connect", `sh -c "exit 255"`, 255],
    ["knows no such program", `${FAKE_SHELL}`, 127],
    ["says something else", `sh -c "cat >/dev/null & echo hello world; wait"`, 2],
  ])("a shell that %s", async (_, shell, status) => {
    const words = ["-a", `--rsh=${shell}`, "--rsync-path=no-such-program", "source/a", "host:x"];
    const ours = await run("tsrsync", ...words);
    expect(ours.status).toBe(status);
    expect(ours.stderr).toMatch(new RegExp(`\\(code ${status}\\) at `));
  });
});

describe.each(PAIRS)(
  "a daemon over a shell: $client client, $server server, $direction",
  (pair) => {
    const { client, server, direction } = pair;

    test("modules are listed, and a module is synchronized", async () => {
      const module = emptyDirectory(`module-${client}-${server}-${direction}`);
      const config = `${module}.conf`;
      const identity = isRoot() ? "uid = 0\ngid = 0\n" : "";
      writeFileSync(
        config,
        `use chroot = no\nmunge symlinks = no\n${identity}[m]\npath = ${module}\nread only = no\ncomment = hello\n`,
      );
      // The client sends `--server --daemon .`: as with a forced command of ssh, the file is named by the server's side.
      const script = `${module}.sh`;
      writeFileSync(script, `exec ${remotePath(server)} --server --daemon --config=${config} .\n`);
      const words = [`--rsh=${FAKE_SHELL}`, `--rsync-path=sh ${script}`];
      const list = await run(client, ...words, "user@host::");
      expect(printed(list)).toBe("m              \thello\n(exit 0)");

      const expected = readTree(source, { owners });
      if (direction === "push") {
        expect(printed(await run(client, ...words, "-a", `${source}/`, "host::m/"))).toBe(
          "(exit 0)",
        );
        const link = expected["links/absolute"];
        if (link !== undefined) link.content = link.content.replace(/^\/+/, "");
        expect(readTree(module, { owners })).toEqual(expected);
      } else {
        copyTree(source, module);
        const target = `${module}-copy`;
        const result = await run(client, ...words, "-a", "rsync://host/m/", `${target}/`);
        expect(printed(result)).toBe("(exit 0)");
        expect(readTree(target, { owners })).toEqual(expected);
      }
      const refused = await run(client, ...words, "-a", "host::no-such", work);
      expect(refused.status).toBe(5);
      expect(refused.stderr).toContain("@ERROR: Unknown module 'no-such'");
    });
  },
);
