/**
 * The interop matrix: {our client, rsync} x {our daemon, rsync's} x {push, pull} over new, changed, unchanged and shrunken
 * trees. After each run the trees are compared whole.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commandOf, type Implementation, startDaemon, type TestDaemon } from "../support/daemon.js";
import { findRsync, isRoot, runCommand } from "../support/rsync.js";
import { buildTree, type CompareOptions, changeTree, readTree } from "../support/tree.js";

const work = mkdtempSync(`${tmpdir()}/tsrsync-matrix-`);
const IMPLEMENTATIONS: Implementation[] = ["tsrsync", "rsync"];
const daemons = new Map<Implementation, TestDaemon>();

/** Ownership can only be kept by root; the gate runs as root. */
const owners = isRoot();

const moduleDirectory = (daemon: Implementation) => `${work}/module-${daemon}`;

beforeAll(async () => {
  console.log(`interop with rsync ${findRsync().version}`);
  for (const implementation of IMPLEMENTATIONS) {
    const directory = moduleDirectory(implementation);
    mkdirSync(directory, { recursive: true });
    const identity = isRoot() ? "uid = 0\ngid = 0\n" : "";
    const config = `use chroot = no\nmunge symlinks = no\n${identity}[m]\npath = ${directory}\nread only = no\n`;
    daemons.set(
      implementation,
      await startDaemon(implementation, `${work}/${implementation}`, config),
    );
  }
});

afterAll(async () => {
  for (const daemon of daemons.values()) await daemon.stop();
  rmSync(work, { recursive: true, force: true });
});

interface Run {
  client: Implementation;
  daemon: Implementation;
  direction: "push" | "pull";
}

const RUNS: Run[] = IMPLEMENTATIONS.flatMap((client) =>
  IMPLEMENTATIONS.flatMap((daemon) =>
    (["push", "pull"] as const).map((direction) => ({ client, daemon, direction })),
  ),
).filter(({ client, daemon }) => client !== "rsync" || daemon !== "rsync");

/** The source as it must arrive: a daemon without chroot takes the leading slash off link targets. */
function expectedTree({ direction }: Run, source: string, options: CompareOptions) {
  const items = readTree(source, options);
  const link = items["links/absolute"];
  if (direction === "push" && link !== undefined) link.content = link.content.replace(/^\/+/, "");
  return items;
}

/** Where the source lies and where it goes to, for one run. */
function placesOf({ client, daemon, direction }: Run, label: string) {
  const name = `${label}-${client}-${direction}`;
  const remoteDirectory = `${moduleDirectory(daemon)}/${name}`;
  const localDirectory = `${work}/local-${name}-${daemon}`;
  const url = `rsync://127.0.0.1:${daemons.get(daemon)!.port}/m/${name}/`;
  for (const directory of [remoteDirectory, localDirectory])
    mkdirSync(directory, { recursive: true });
  return direction === "push"
    ? { source: localDirectory, target: remoteDirectory, from: `${localDirectory}/`, to: url }
    : { source: remoteDirectory, target: localDirectory, from: url, to: `${localDirectory}/` };
}

function sync(client: Implementation, options: string[], from: string, to: string) {
  const { command, prefix } = commandOf(client);
  const result = runCommand(command, [...prefix, ...options, from, to]);
  expect(`${result.stderr}(exit ${result.status})`).toBe("(exit 0)");
  return result.stdout;
}

const literalBytes = (stats: string): number =>
  Number(/Literal data: ([\d,]+)/.exec(stats)?.[1]?.replaceAll(",", ""));

const transferred = (stats: string): string | undefined =>
  /Number of regular files transferred: ([\d,]+)/.exec(stats)?.[1];

/** `cp`, because Node's own copying knows no names that are not UTF-8. */
function copyTree(source: string, target: string): void {
  expect(runCommand("cp", ["-a", `${source}/.`, target]).status).toBe(0);
}

describe.each(RUNS)("$client client, $daemon daemon, $direction", (run) => {
  test("a new tree, then no change, then deltas with deletions", () => {
    const { source, target, from, to } = placesOf(run, "tree");
    buildTree(source, { big: true });
    sync(run.client, ["-a"], from, to);
    expect(readTree(target, { owners })).toEqual(expectedTree(run, source, { owners }));

    const second = sync(run.client, ["-a", "--stats"], from, to);
    expect(transferred(second)).toBe("0");
    expect(readTree(target, { owners })).toEqual(expectedTree(run, source, { owners }));

    changeTree(source, { big: true });
    writeFileSync(`${target}/extra file`, "to be deleted");
    mkdirSync(`${target}/extra dir/deep`, { recursive: true });
    writeFileSync(`${target}/extra dir/deep/file`, "to be deleted");
    const third = sync(run.client, ["-a", "--delete", "--stats"], from, to);
    expect(readTree(target, { owners })).toEqual(expectedTree(run, source, { owners }));
    // The edits in 50 MB are small: a run that sent the whole file would show here.
    expect(literalBytes(third)).toBeLessThan(2_000_000);
    expect(/Number of deleted files: (\d+)/.exec(third)?.[1]).not.toBe("0");
  });

  test.each(["--delete-before", "--delete-during", "--delete-delay", "--delete-after"])(
    "%s leaves the same tree",
    (timing) => {
      const { source, target, from, to } = placesOf(run, timing.slice(2));
      buildTree(source, { big: false });
      copyTree(source, target);
      changeTree(source, { big: false });
      writeFileSync(`${target}/a/extra`, "x");
      sync(run.client, ["-a", timing], from, to);
      expect(readTree(target, { owners })).toEqual(expectedTree(run, source, { owners }));
    },
  );

  test("a dry run changes nothing and names the same items as the real run", () => {
    const { source, target, from, to } = placesOf(run, "dry");
    buildTree(source, { big: false });
    copyTree(source, target);
    changeTree(source, { big: false });
    const before = readTree(target);
    const dry = sync(run.client, ["-ain", "--delete"], from, to);
    expect(readTree(target)).toEqual(before);
    const real = sync(run.client, ["-ai", "--delete"], from, to);
    expect(dry.split("\n").sort()).toEqual(real.split("\n").sort());
    expect(readTree(target, { owners })).toEqual(expectedTree(run, source, { owners }));
  });

  test.each(["--protocol=30", "--protocol=29", "--protocol=31"])(
    "%s carries the tree",
    (protocol) => {
      const { source, target, from, to } = placesOf(run, protocol.slice(2));
      buildTree(source, { big: false });
      sync(run.client, ["-a", protocol], from, to);
      // Before protocol 31 times have no nanoseconds.
      const times = protocol === "--protocol=31" ? "ns" : "s";
      expect(readTree(target, { owners, times })).toEqual(
        expectedTree(run, source, { owners, times }),
      );
      changeTree(source, { big: false });
      sync(run.client, ["-a", "--delete", protocol], from, to);
      expect(readTree(target, { owners, times })).toEqual(
        expectedTree(run, source, { owners, times }),
      );
    },
  );

  test.each([
    "-c",
    "-I",
    "-W",
    "-B1500",
    "--checksum-choice=md5",
    "--checksum-choice=xxh64",
    "--checksum-choice=md4",
    "--checksum-choice=sha1",
    "--checksum-choice=xxh3",
  ])("-a %s brings the changed tree across", (option) => {
    const { source, target, from, to } = placesOf(run, option.replaceAll(/\W/g, ""));
    buildTree(source, { big: false });
    sync(run.client, ["-a", option], from, to);
    changeTree(source, { big: false });
    sync(run.client, ["-a", "--delete", option], from, to);
    expect(readTree(target, { owners })).toEqual(expectedTree(run, source, { owners }));
  });

  test("a single file may get another name, and a directory without slash comes by its name", () => {
    const { source, target, from, to } = placesOf(run, "names");
    buildTree(source, { big: false });
    sync(
      run.client,
      ["-a"],
      `${from}a/b/size-1400`,
      run.direction === "pull" ? `${to}renamed` : `${to}renamed`,
    );
    sync(run.client, ["-a"], `${from}a/b`, to);
    const items = readTree(target, { owners });
    const original = readTree(source, { owners });
    expect(items["renamed"]).toEqual(original["a/b/size-1400"]);
    expect(items["b/c/d/deep"]).toEqual(original["a/b/c/d/deep"]);
  });
});
