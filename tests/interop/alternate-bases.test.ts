/**
 * --compare-dest, --copy-dest, --link-dest and --fuzzy: our client and server with rsync's. What is printed, what is made, and
 * what is linked with what are compared with what two rsyncs do.
 */
import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { putFile, readNames } from "../support/link-tree.js";
import { Ground, outcomeOf, PAIRINGS } from "../support/pairing.js";
import { expectAsRsync, waysInTurn } from "../support/pairs.js";
import { isRoot, runCommand } from "../support/rsync.js";
import { noise, readTree } from "../support/tree.js";

const work = mkdtempSync(`${tmpdir()}/tsrsync-bases-`);
const source = `${work}/source`;
const older = `${work}/older`;
const oldest = `${work}/oldest`;
const owners = isRoot();
const ground = new Ground("bases");
const KINDS = ["compare", "copy", "link"] as const;

beforeAll(async () => {
  for (const root of [source, older, oldest]) {
    mkdirSync(`${root}/d`, { recursive: true });
    putFile(`${root}/same`, "the same everywhere");
  }
  for (const root of [source, older]) {
    putFile(`${root}/mode`, "other mode");
    putFile(`${root}/time`, "other time", root === source ? 1_500_000_000 : 1_400_000_000);
    symlinkSync("target", `${root}/link`);
    symlinkSync(root === source ? "new" : "old", `${root}/changed-link`);
    putFile(`${root}/d/big`, noise(40_000, 3), root === source ? 1_500_000_000 : 1_400_000_000);
    const links = [`${root}/link`, `${root}/changed-link`];
    expect(runCommand("touch", ["-h", "-d", "@1500000000", ...links]).status).toBe(0);
  }
  appendFileSync(`${source}/d/big`, "more");
  chmodSync(`${older}/mode`, 0o600);
  for (const root of [source, oldest]) putFile(`${root}/d/old`, "only in the oldest");
  putFile(`${source}/new`, "nowhere else");
  for (const root of [source, older, oldest]) {
    for (const directory of [`${root}/d`, root]) {
      expect(runCommand("touch", ["-d", "@1500000000", directory]).status).toBe(0);
    }
  }
  await ground.startDaemons({ plain: "munge symlinks = no", hiding: "exclude = /secret" });
});

afterAll(async () => {
  await ground.clear();
  rmSync(work, { recursive: true, force: true });
});

const look = (target: string): unknown => [
  readNames(target, older, oldest),
  readTree(target, { owners, directoryTimes: false }),
];

const stale = (target: string): void => {
  putFile(`${target}/same`, "something else");
  putFile(`${target}/new`, "nowhere else");
  symlinkSync("elsewhere", `${target}/link`);
};

const CASES = KINDS.flatMap((kind) =>
  (
    [
      [["-aii"], false],
      [["-aiin"], false],
      [["-aci"], false],
      [["-ai"], true],
      [["-ai", "--no-whole-file", "--protocol=29"], false],
    ] as const
  ).map(([words, over]) => [kind, words, over] as const),
);

test.each(CASES)("--%s-dest with %j (over others: %s)", async (kind, words, over) => {
  const turn = CASES.findIndex((other) => other[0] === kind && other[1] === words);
  await expectAsRsync({
    work,
    source: `${source}/`,
    words: [...words, `--${kind}-dest=../older`, `--${kind}-dest=${oldest}`],
    ...(over && { prepare: stale }),
    look,
    ways: waysInTurn(turn).slice(turn % 2, 2 + (turn % 2)),
  });
});

test("an alternate directory that is not there is told, and the next one counts", async () => {
  await expectAsRsync({
    work,
    source: `${source}/`,
    words: ["-ai", "--link-dest=../nothing", "--link-dest=../older/same", "--link-dest=../older"],
    look,
    ways: waysInTurn(0).slice(0, 1),
  });
});

describe("--fuzzy", () => {
  const archives = `${work}/archives`;
  const before = `${work}/archives-before`;

  beforeAll(() => {
    for (const root of [archives, before]) mkdirSync(root);
    putFile(`${before}/archive-1.0.tar`, noise(50_000, 5), 1_400_000_000);
    putFile(`${before}/unlike`, noise(50_000, 6), 1_400_000_000);
    putFile(`${archives}/archive-1.1.tar`, Buffer.concat([noise(50_000, 5), Buffer.from("x")]));
    putFile(`${archives}/renamed`, noise(30_000, 7));
    putFile(`${before}/before it was renamed`, noise(30_000, 7));
  });

  test.each([
    [["-ai", "--fuzzy", "--no-whole-file", "--stats"]],
    [["-ai", "--fuzzy", "--no-whole-file", "--stats", "--delete-delay"]],
  ])("%j saves what rsync saves", async (words) => {
    const matched: (string | undefined)[] = [];
    for (const pairing of [undefined, ...PAIRINGS]) {
      const route = ground.route(
        pairing ?? { client: "rsync", server: "rsync", direction: "push" },
        "shell",
      );
      expect(runCommand("cp", ["-a", `${archives}/.`, route.source]).status).toBe(0);
      expect(runCommand("cp", ["-a", `${before}/.`, route.target]).status).toBe(0);
      const { stdout, status } = await route.sync(words);
      expect(status).toBe(0);
      matched.push(/Matched data: ([\d,]+)/.exec(stdout)?.[1]);
      expect(readFileSync(`${route.target}/renamed`).equals(noise(30_000, 7))).toBe(true);
      expect(existsSync(`${route.target}/unlike`)).toBe(!words.includes("--delete-delay"));
    }
    expect(new Set(matched).size).toBe(1);
  });
});

describe.each(PAIRINGS)("$client $direction over a daemon of $server", (pairing) => {
  const fill = (route: { source: string; target: string }): string => {
    expect(runCommand("cp", ["-a", `${source}/.`, route.source]).status).toBe(0);
    const base = `${route.target}/base`;
    expect(runCommand("cp", ["-a", older, base]).status).toBe(0);
    return base;
  };

  test("alternate directories are found from the destination and from the root", async () => {
    const route = ground.route(pairing, { module: "plain" });
    const base = fill(route);
    const name = route.target.slice(route.target.lastIndexOf("/"));
    const absolute = pairing.direction === "push" ? `${name}/base` : base;
    for (const directory of ["base", absolute]) {
      rmSync(`${route.target}/same`, { force: true });
      expect(outcomeOf(await route.sync(["-a", `--link-dest=${directory}`]))).toBe("(exit 0)");
      expect(readNames(route.target)["0/same"]).toBe("0/base/same");
    }
  });
});

test.each(["-i", "-in", "-vv", "-ivv"])(
  "names that the alternate directory has linked alike are no news: %s",
  async (more) => {
    const linked = `${work}/linked`;
    rmSync(linked, { recursive: true, force: true });
    mkdirSync(linked);
    putFile(`${linked}/a`, "one file");
    linkSync(`${linked}/a`, `${linked}/b`);
    putFile(`${linked}/c`, "another");
    const alike = `${work}/alike`;
    rmSync(alike, { recursive: true, force: true });
    expect(runCommand("cp", ["-a", linked, alike]).status).toBe(0);
    const words = ["-aOH", more, "--info=stats0,flist0", "--debug=none", `--link-dest=${alike}`];
    await expectAsRsync({ work, source: `${linked}/`, words, look: (target) => readNames(target) });
  },
);

describe("our daemon", () => {
  const push = { client: "rsync", server: "tsrsync", direction: "push" } as const;

  test("lets no alternate directory lie outside the module", async () => {
    const route = ground.route(push, { module: "plain" });
    expect(runCommand("cp", ["-a", `${source}/.`, route.source]).status).toBe(0);
    const outside = `${ground.directory}/outside`;
    expect(runCommand("cp", ["-a", source, outside]).status).toBe(0);
    symlinkSync(outside, `${route.target}/way`);
    for (const directory of ["../../outside", outside, "way", "/way"]) {
      await route.sync(["-a", `--link-dest=${directory}`]);
      expect(readNames(outside, route.target)["1/same"]).toBe("1/same");
      rmSync(`${route.target}/same`);
    }
  });

  test("takes none that it hides", async () => {
    const route = ground.route(push, { module: "hiding" });
    writeFileSync(`${route.source}/file`, "x");
    const { stderr, status } = await route.sync(["-a", "--link-dest=/secret"]);
    expect(stderr).toContain("Your options have been rejected by the server.");
    expect(status).toBe(1);
  });
});
