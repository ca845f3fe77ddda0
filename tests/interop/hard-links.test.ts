/**
 * Hard links: our client and server with rsync's. Trees are compared whole, names of one item included, and what is printed
 * with what two rsyncs print.
 */
import { appendFileSync, linkSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildLinkTree, putFile, readNames } from "../support/link-tree.js";
import { Ground, outcomeOf, PAIRINGS } from "../support/pairing.js";
import { expectAsRsync, OUR_WAYS, waysInTurn } from "../support/pairs.js";
import { isRoot, runCommand } from "../support/rsync.js";
import { readTree } from "../support/tree.js";

const work = mkdtempSync(`${tmpdir()}/tsrsync-hard-links-`);
const source = `${work}/source`;
const copies = `${work}/copies`;
const owners = isRoot();
const ground = new Ground("hard-links");

const copy = (from: string, to: string): void => {
  expect(runCommand("cp", ["-a", from, to]).status).toBe(0);
};

beforeAll(async () => {
  buildLinkTree(source);
  // The same items, but each name is one of its own.
  expect(runCommand("cp", ["-a", "--no-preserve=links", source, copies]).status).toBe(0);
  await ground.startDaemons({ plain: "munge symlinks = no" });
});

afterAll(async () => {
  await ground.clear();
  rmSync(work, { recursive: true, force: true });
});

const spoil = (target: string): void => {
  putFile(`${target}/y`, "changed", 1_600_000_000);
  rmSync(`${target}/b/deep/3`);
  linkSync(`${target}/x`, `${target}/extra`);
};

const CASES: readonly [string, string[], boolean][] = [
  ["new", ["-aHi"], false],
  ["new, protocol 29", ["-aHi", "--protocol=29"], false],
  ["new, one list", ["-aHi", "--no-inc-recursive"], false],
  ["new, dry run", ["-aHin"], false],
  ["over copies, with deletions", ["-aHi", "--delete"], true],
  ["over copies, dry run", ["-aHin"], true],
  ["over copies, all items", ["-aHii"], true],
  ["existing left alone", ["-aHi", "--ignore-existing"], true],
  ["existing only", ["-aHi", "--existing"], true],
  ["in place", ["-aHi", "--inplace"], true],
  ["delayed", ["-aHi", "--delay-updates"], true],
  ["by checksum", ["-aHic"], true],
];

test.each(CASES)("%s: %j is told and done as by rsync", async (name, words, over) => {
  const turn = CASES.findIndex(([other]) => other === name);
  await expectAsRsync({
    work,
    source: `${source}/`,
    words,
    ...(over && { before: copies, prepare: spoil }),
    look: (target) => [readNames(target), readTree(target, { owners, directoryTimes: false })],
    ways: waysInTurn(turn).slice(turn % 2, 2 + (turn % 2)),
  });
});

test("alternate directories and hard links go together", async () => {
  const base = `${work}/base`;
  copy(source, base);
  rmSync(`${base}/y`);
  for (const kind of ["link", "copy"]) {
    await expectAsRsync({
      work,
      source: `${source}/`,
      words: ["-aHii", `--${kind}-dest=${base}`],
      look: (target) => readNames(target, base),
      ways: OUR_WAYS.slice(0, 1),
    });
  }
});

describe.each(PAIRINGS)("$client $direction over a daemon of $server", (pairing) => {
  test("many names in many directories, list by list", async () => {
    const route = ground.route(pairing, { module: "plain" });
    const ours = (pairing.direction === "push" ? pairing.server : pairing.client) === "tsrsync";
    const script = `
      for d in $(seq 0 40); do mkdir -p $0/$d; done
      for i in $(seq 0 150); do
        echo $i > $0/0/$i
        ln $0/0/$i $0/$((i % 40 + 1))/$i
        ln $0/0/$i $0/$(((i * 7) % 40 + 1))/again-$i
      done`;
    expect(runCommand("sh", ["-c", script, route.source]).status).toBe(0);
    expect(outcomeOf(await route.sync(["-aH"]))).toBe("(exit 0)");
    expect(readNames(route.target)).toEqual(readNames(route.source));
    appendFileSync(`${route.source}/0/7`, "more");
    expect(outcomeOf(await route.sync(["-aH"]))).toBe("(exit 0)");
    // rsync itself leaves directories the time of links that it made late.
    const options = { owners, directoryTimes: ours };
    expect(readTree(route.target, options)).toEqual(readTree(route.source, options));
    expect(readNames(route.target)).toEqual(readNames(route.source));
  });
});
