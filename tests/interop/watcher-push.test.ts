/**
 * A mirror's target: pushes of chosen paths to the real daemon, to ours, and to those of other generations.
 */
import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { dayOf } from "../../packages/watcher/src/target/session-words.js";
import type { Implementation } from "../support/daemon.js";
import { findGenerations } from "../support/generations.js";
import { ALL, PushWorld, plan } from "../support/push-world.js";
import { noise, readTree } from "../support/tree.js";

const found = new Set<string>(findGenerations().map(({ name }) => name));
const OLD = (["rsync-3.0.0", "rsync-3.1.3", "rsync-3.2.7", "rsync-3.4.1"] as const).filter((name) =>
  found.has(name),
);
const CURRENT = ["rsync", "tsrsync"] as const;

const world = new PushWorld();
const { source, target } = world;
beforeAll(() => world.start([...CURRENT, ...OLD], "[sub]\npath = %T\nread only = no\n"));
afterAll(() => world.stop());
beforeEach(() => world.clean());

/** A tree as a daemon can make it: 3.0.0 knows whole seconds only, 3.1.3 as built here sets no times of links. */
function look(root: string, implementation: Implementation): ReturnType<typeof readTree> {
  const items = readTree(root, { times: implementation === "rsync-3.0.0" ? "s" : "ns" });
  if (implementation !== "rsync-3.1.3") return items;
  for (const item of Object.values(items)) if (item.type === "link") item.mtime = "";
  return items;
}

function expectEqual(implementation: Implementation = "rsync"): void {
  expect(look(target, implementation)).toEqual(look(source, implementation));
}

const BEFORE = {
  "a/f": "a/f",
  "a/b/c/g": "g",
  "gone/x": "x",
  "gone/deep/er/y": "y",
  "dir-file/in": "in",
  "dir-link/in": "in",
  "file-dir": "file",
  "file-link": "file",
  deleted: "d",
  "od*d[n]a\\me": "odd",
  "a/b*": "star",
  "a/bc": "not to be matched by the star",
};

/** Changes of every kind to the source. */
function changeSource(): void {
  const change = (name: string, how: (path: string) => void) => {
    rmSync(`${source}/${name}`, { recursive: true });
    how(`${source}/${name}`);
  };
  writeFileSync(`${source}/a/f`, "a-f"); // as long as before
  world.write({ "new/nested/file": "new" });
  change("a/link", (path) => symlinkSync("elsewhere", path));
  for (const name of ["gone", "deleted", "od*d[n]a\\me", "a/b*"]) change(name, () => {});
  change("dir-file", (path) => writeFileSync(path, "now a file"));
  change("dir-link", (path) => symlinkSync("x", path));
  change("file-dir", (path) => mkdirSync(path));
  world.write({ "file-dir/in": "1" });
  change("file-link", (path) => symlinkSync("y", path));
  chmodSync(`${source}/a/b/c/g`, 0o600);
}

describe.each([...CURRENT, ...OLD])("a mixed batch to %s", (implementation) => {
  it("makes both sides equal", async () => {
    world.write(BEFORE);
    symlinkSync("f", `${source}/a/link`);
    const client = world.client(implementation);
    const capabilities = await client.probe();
    const isOld = implementation === "rsync-3.0.0";
    // Debian's 3.2.7 has the fix that refuses entries without a mode, others of that version have not.
    const missingArguments = implementation === "rsync-3.2.7" ? expect.any(Boolean) : !isOld;
    expect(capabilities).toEqual({ ...ALL, missingArguments, nanoseconds: !isOld });
    const first = await client.push(plan({ trees: [""] }), capabilities);
    expect([...first.failed]).toEqual([]);
    expectEqual(implementation);

    changeSource();
    const outcome = await client.push(
      plan({
        items: [
          "",
          "a",
          "a/f",
          "a/link",
          "a/b/c/g",
          "new",
          "new/nested",
          "new/nested/file",
          "dir-file",
          "dir-link",
          "file-dir",
          "file-dir/in",
          "file-link",
        ],
        deletes: ["gone", "deleted", "od*d[n]a\\me", "a/b*", "never/there"],
      }),
      capabilities,
    );
    expect([...outcome.failed]).toEqual([]);
    expect(outcome.problems).toEqual([]);
    expect(outcome.files).toBeGreaterThanOrEqual(4);
    expectEqual(implementation);
    const { differences } = await client.verify();
    const isKnown = (change: string) =>
      implementation === "rsync-3.1.3" && change === ".L..t......";
    expect(differences.filter(({ change }) => !isKnown(change))).toEqual([]);
  });
});

describe.each([...CURRENT, ...OLD])("deletions at %s", (implementation) => {
  it("reach into directories that are gone in the source, and leave what is not named", async () => {
    const client = world.client(implementation);
    const capabilities = await client.probe();
    for (const name of ["d/e/deep/g", "d/e/f", "d/e/own", "d/other"]) {
      mkdirSync(`${target}/${name.slice(0, name.lastIndexOf("/"))}`, { recursive: true });
      writeFileSync(`${target}/${name}`, "x");
    }
    const outcome = await client.push(
      plan({ items: [""], deletes: ["d/e/f", "d/e/deep"] }),
      capabilities,
    );
    expect([...outcome.failed]).toEqual([]);
    expect(outcome.problems).toEqual([]);
    expect(Object.keys(readTree(target)).sort()).toEqual([".", "d", "d/e", "d/e/own", "d/other"]);
  });
});

describe.each([...CURRENT, ...OLD])(
  "a target at %s whose directory is not there yet",
  (implementation) => {
    it("has nothing", async () => {
      const client = world.client(implementation, "m/not-yet");
      expect(await client.list(["d", "f"])).toEqual([]);
      expect(await client.list([""])).toEqual([]);
    });
  },
);

describe.each(CURRENT)("a push to %s", (implementation) => {
  it("of a second write within the same second is seen", async () => {
    const client = world.client(implementation);
    for (const content of ["one", "two", "six"]) {
      world.write({ file: content });
      const outcome = await client.push(plan({ items: ["file"] }), ALL);
      expect(outcome.failed.size).toBe(0);
      expect(readFileSync(`${target}/file`, "latin1")).toBe(content);
    }
  });

  it("sends by force what looks the same", async () => {
    const client = world.client(implementation);
    world.write({ "d/file": "old" });
    const { atime, mtime } = statSync(`${source}/d/file`);
    utimesSync(`${source}/d/file`, atime, 1_500_000_000);
    await client.push(plan({ items: ["d", "d/file"] }), ALL);
    writeFileSync(`${source}/d/file`, "new");
    utimesSync(`${source}/d/file`, mtime, 1_500_000_000);
    await client.push(plan({ items: ["d/file"] }), ALL);
    expect(readFileSync(`${target}/d/file`, "latin1")).toBe("old");
    await client.push(plan({ items: ["d/file"], forced: new Set(["d/file"]) }), ALL);
    expect(readFileSync(`${target}/d/file`, "latin1")).toBe("new");
    expect(readTree(`${target}/d`)).toEqual(readTree(`${source}/d`));
  });

  it("follows whatever is in the root: odd names, a directory of the module, and items that are gone again", async () => {
    const odd = [
      "with space",
      "new\nline",
      "\xff\xfe",
      "-dash",
      "#hash",
      ";semi",
      "*",
      'we"ird',
      "back\\slash",
      "x".repeat(255),
    ];
    mkdirSync(`${target}/deeper`);
    for (const name of odd)
      writeFileSync(Buffer.from(`${source}/${name}`, "latin1"), name, "latin1");
    for (const name of odd.slice(0, 5)) {
      mkdirSync(Buffer.from(`${source}/d${name}`, "latin1"));
      writeFileSync(Buffer.from(`${source}/d${name}/in`, "latin1"), "1");
    }
    const client = world.client(implementation, "m/deeper/");
    const trees = odd.slice(0, 5).map((name) => `d${name}`);
    const outcome = await client.push(
      plan({ items: ["", ...odd, "gone", "gone/too", `${odd[0]}/below`], trees }),
      ALL,
    );
    expect(outcome).toMatchObject({ failed: new Map(), problems: [] });
    expect(readTree(`${target}/deeper`)).toEqual(readTree(source));
    const listed = (await client.list([""])).map(({ path }) => path).sort();
    expect(listed).toEqual([...odd, ...trees, ...trees.map((name) => `${name}/in`)].sort());
    const below = await client.list(["d#hash"]);
    expect(below).toMatchObject([{ path: "d#hash/in", size: 1, mode: 0o100644 }]);
    expect(await client.list(["no/such"])).toEqual([]);
  });

  it("deletes nothing because an item vanished meanwhile, and follows no links", async () => {
    const client = world.client(implementation);
    world.write({ "d/f": "1", "e/f": "1" });
    await client.push(plan({ trees: [""] }), ALL);
    rmSync(`${source}/d`, { recursive: true });
    renameSync(`${source}/e`, `${source}/elsewhere`);
    symlinkSync("elsewhere", `${source}/e`);
    writeFileSync(`${source}/elsewhere/f`, "not e's");
    const items = ["d", "d/f", "e/f"];
    const outcome = await client.push(plan({ items, deletes: ["d/g/h"] }), ALL);
    expect(outcome.failed.size).toBe(0);
    expect(readFileSync(`${target}/d/f`, "latin1")).toBe("1");
    expect(readlinkSync(`${target}/e`)).toBe("elsewhere");
    expect(existsSync(`${target}/elsewhere`)).toBe(false);
  });

  it("links renamed files to what the target has", async () => {
    const client = world.client(implementation);
    world.write({
      "old/big": noise(20_000_000, 1),
      "old/changed there": noise(300_000, 2),
      other: noise(100_000, 3),
    });
    await client.push(plan({ trees: [""] }), ALL);
    renameSync(`${source}/old`, `${source}/new`);
    renameSync(`${source}/other`, `${source}/an earlier name`);
    writeFileSync(`${target}/old/changed there`, noise(300_000, 9));
    const links = [
      { from: "old/big", to: "new/big" },
      { from: "old/changed there", to: "new/changed there" },
      { from: "other", to: "an earlier name" },
    ];
    const items = ["", "new", ...links.map(({ to }) => to)];
    const outcome = await client.push(plan({ items, links }), ALL);
    expect([...outcome.failed]).toEqual([]);
    expect(outcome.sentBytes).toBeLessThan(301_000);
    const second = await client.push(plan({ items: [""], deletes: ["old", "other"] }), ALL);
    expect([...second.failed]).toEqual([]);
    expectEqual();
  });

  it("leaves out what is hidden, and tells what differs", async () => {
    const client = world.client(implementation);
    world.write({ "t/a": "1", "t/b.tmp": "2", "t/hid/x": "3", "t/c": "4" });
    const isHidden = (path: string) => path.endsWith(".tmp") || path === "t/hid";
    await client.push(plan({ trees: ["t"] }), ALL, { isHidden });
    expect(readdirSync(`${target}/t`).sort()).toEqual(["a", "c"]);
    utimesSync(source, 1_500_000_000, 1_500_000_000);
    utimesSync(target, 1_500_000_000, 1_500_000_000);
    expect(await client.verify({ isHidden })).toEqual({ entries: 4, differences: [] });
    writeFileSync(`${target}/t/extra`, "");
    writeFileSync(`${target}/t/x.tmp`, "");
    writeFileSync(`${target}/t/a`, "9");
    const { atime, mtime } = statSync(`${source}/t/a`);
    utimesSync(`${target}/t/a`, atime, mtime);
    chmodSync(`${target}/t/c`, 0o600);
    world.write({ "t/missing": "" });
    const { differences } = await client.verify({ isHidden });
    expect(
      differences.filter(({ path }) => path !== "t").sort((a, b) => (a.path < b.path ? -1 : 1)),
    ).toMatchObject([
      { path: "t/a", kind: "contents" },
      { path: "t/c", kind: "attributes" },
      { path: "t/extra", kind: "extra", change: "*deleting" },
      { path: "t/missing", kind: "missing", change: "<f+++++++++" },
    ]);
    const { differences: some } = await client.verify({
      paths: ["t/c", "t/missing", "t/b.tmp", "t/gone"],
    });
    expect(some.filter(({ path }) => path !== "t").map(({ path, kind }) => [path, kind])).toEqual([
      ["t/b.tmp", "missing"],
      ["t/c", "attributes"],
      ["t/missing", "missing"],
    ]);
    expect((await client.verify({ paths: ["t/a"] })).differences).toContainEqual(
      expect.objectContaining({ path: "t/a", kind: "contents" }),
    );
    expect((await client.verify({ path: "nothing", isHidden })).differences).toEqual([]);
    expect(existsSync(`${target}/t/extra`)).toBe(true);
  });

  it("keeps hard links when they are wanted, and only then", async () => {
    world.write({ "h/one": "1" });
    linkSync(`${source}/h/one`, `${source}/h/two`);
    await world.client(implementation).push(plan({ items: ["h", "h/one", "h/two"] }), ALL);
    expect(statSync(`${target}/h/one`).nlink).toBe(1);
    await world
      .client(implementation, "m", { rsync: { hardLinks: true } })
      .push(plan({ items: ["h", "h/one", "h/two"] }), ALL);
    expect(statSync(`${target}/h/one`).ino).toBe(statSync(`${target}/h/two`).ino);
  });

  it("writes in place and appends as patterns say", async () => {
    const client = world.client(implementation, "m", {
      rsync: { inplace: ["*.img"], append: ["*.log"] },
    });
    world.write({ "d.img": noise(100_000, 1), "x.log": noise(100_000, 2) });
    const items = ["d.img", "x.log"];
    await client.push(plan({ items }), ALL);
    const inode = statSync(`${target}/d.img`).ino;
    writeFileSync(`${source}/d.img`, noise(100_000, 3));
    appendFileSync(`${source}/x.log`, "one line more\n");
    const grown = await client.push(plan({ items }), ALL);
    expect(statSync(`${target}/d.img`).ino).toBe(inode);
    expect(grown.sentBytes).toBeLessThan(100_100);
    expectEqual();
    truncateSync(`${source}/x.log`, 0);
    appendFileSync(`${source}/x.log`, noise(200_000, 4)); // longer than before, and something else
    expect((await client.push(plan({ items }), ALL)).failed.size).toBe(0);
    truncateSync(`${source}/x.log`, 10);
    utimesSync(source, 1, 1);
    expect((await client.push(plan({ items: ["", ...items] }), ALL)).failed.size).toBe(0);
    expectEqual();
  });

  it("keeps what is overwritten or deleted in the history of the day, which is none of the source's", async () => {
    const client = world.client(implementation, "m", { history: { dir: "/history", keep: 1 } });
    world.write({ "a/f": "1", "a/g": "1" });
    for (const day of ["2020-01-01", dayOf(new Date()), "2020-not-ours"]) {
      mkdirSync(`${target}/history/${day}/x`, { recursive: true });
    }
    await client.push(plan({ trees: [""] }), ALL, { atomic: true });
    expect(readdirSync(`${target}/history`).sort()).toEqual(["2020-not-ours", dayOf(new Date())]);
    writeFileSync(`${source}/a/f`, "22");
    rmSync(`${source}/a/g`);
    await client.push(plan({ items: ["", "a", "a/f"], deletes: ["a/g"] }), ALL, { atomic: true });
    const day = dayOf(new Date());
    expect(readdirSync(`${target}/history/${day}/a`).sort()).toEqual(["f", "g"]);
    expect((await client.list([""])).map(({ path }) => path)).toEqual(["a", "a/f"]);
    expect((await client.verify()).differences.filter(({ path }) => path !== "")).toEqual([]);
  });

  it("goes on when a connection that was opened ahead is of no use any more", async () => {
    const client = world.client(implementation);
    world.write({ f: "1" });
    for (let i = 0; i < 3; i++) {
      client.warm();
      client.warm();
      writeFileSync(`${source}/f`, `${i}`);
      await client.push(plan({ items: ["", "f"] }), ALL);
      expectEqual();
    }
  });
});

describe("a target behind a remote shell", () => {
  it("is probed, pushed to and compared like any other", async () => {
    const path = process.env["PATH"];
    mkdirSync(`${world.work}/bin`, { recursive: true });
    const shell = new URL("../support/fake-shell", import.meta.url).pathname;
    rmSync(`${world.work}/bin/ssh`, { force: true });
    symlinkSync(shell, `${world.work}/bin/ssh`);
    process.env["PATH"] = `${world.work}/bin:${path}`;
    try {
      const client = world.client(`ssh://me@localhost:22${target}/`, "", {
        auth: { password: null, identity: "/dev/null" },
      });
      expect(await client.probe()).toEqual(ALL);
      client.warm(); // there is nothing to be opened ahead
      world.write({ "a/f": "1", g: "2" });
      lutimesSync(`${source}/g`, 1, 1);
      await client.push(plan({ items: ["", "a", "a/f", "g"] }), ALL);
      rmSync(`${source}/g`);
      await client.push(plan({ items: [""], deletes: ["g"] }), ALL);
      expectEqual();
      expect((await client.verify()).differences).toEqual([]);
      expect((await client.list(["a"])).map(({ path: name }) => name)).toEqual(["a/f"]);
    } finally {
      process.env["PATH"] = path;
    }
  });
});
