/**
 * The small parts of a target: addresses, bandwidths, patterns, rules, and what we leave there ourselves.
 */
import { MemoryTree } from "@tsrsync/transfer";
import { describe, expect, it } from "vitest";
import { targetSettings } from "../../../../tests/support/watch-target.js";
import { addressOf, isNear } from "./address.js";
import { bandwidthAt } from "./bandwidth.js";
import { deletionRules } from "./deletion-rules.js";
import { GrownFiles } from "./grown-files.js";
import { compilePatterns } from "./name-patterns.js";
import { OwnPaths } from "./own-paths.js";
import { attributeWords, hardLinkWords, writingWords } from "./session-words.js";
import { HABIT, SMALL_BYTES, SmallFiles } from "./small-files.js";

describe("addresses", () => {
  it("of daemons and of remote shells", () => {
    expect(addressOf(targetSettings("rsync://bob@[::1]:874/m/a/b/"))).toEqual({
      remote: "rsync://bob@[::1]:874/m/a/b/",
      words: ["--contimeout=10"],
      directory: "/a/b",
      host: "::1",
    });
    expect(addressOf(targetSettings("rsync://h/m")).directory).toBe("");
    const auth = { password: null, identity: "/my keys/id" };
    expect(addressOf(targetSettings("ssh://bob@h:2222/srv/x/", { auth }))).toEqual({
      remote: "bob@h:/srv/x/",
      words: ['--rsh=ssh -oBatchMode=yes -oConnectTimeout=10 -p2222 "-i/my keys/id"'],
      directory: "/srv/x",
      host: "h",
    });
  });

  it.each(["rsync://h", "http://h/m", "h::m", "/local"])("%s is none", (url) => {
    expect(() => addressOf(targetSettings(url))).toThrow("expected rsync://host/module");
  });

  it("are near on private networks", () => {
    const near = [
      "127.0.0.1",
      "::1",
      "::ffff:10.1.2.3",
      "192.168.7.1",
      "172.31.0.1",
      "fd00::1",
      "fe80::1",
      "localhost",
    ];
    expect(near.filter((address) => !isNear(address))).toEqual([]);
    expect(["8.8.8.8", "172.32.0.1", "2001:db8::1", "example.com"].filter(isNear)).toEqual([]);
  });
});

it("the bandwidth is that of the time of day, in KiB per second", () => {
  const at = [
    { window: "08:00-20:00", limit: 5 << 20 },
    { window: "23:00-01:00", limit: 0 },
  ];
  const limit = (hour: number) =>
    bandwidthAt({ limit: 20 << 20, at }, new Date(2026, 0, 1, hour, 30));
  expect([7, 8, 19, 20, 23, 0, 1].map(limit)).toEqual([20480, 5120, 5120, 20480, 0, 0, 20480]);
});

it("patterns are for names, or for paths when they have a slash", () => {
  const fits = compilePatterns(["*.log", "/var/*.db", "exact"])!;
  const paths = ["a/b.log", "x.log", "var/x.db", "a/var/x.db", "d/exact", "d/exactly"];
  expect(paths.filter(fits)).toEqual(["a/b.log", "x.log", "var/x.db", "d/exact"]);
  expect(compilePatterns([])).toBe(null);
});

it("rules for deletions show nothing but the names and the way to them", () => {
  expect(deletionRules(["a/b", "a/c*", "back\\slash"])).toEqual([
    "+ /a/",
    "+ /a/b",
    "+ /a/b/***",
    "+ /a/c\\*",
    "+ /a/c\\*/***",
    "+ /back\\slash",
    "+ /back\\\\slash/***",
    "- *",
  ]);
});

describe("what is ours at a target", () => {
  const own = (dir: string | null, directory: string) =>
    new OwnPaths(targetSettings("rsync://h/m", { history: { dir, keep: 1 } }), directory);

  it.each([
    ["/history", "", "history/2026-01-01/f", true],
    ["/history", "", "history2", false],
    ["/copy/old", "/copy", "old", true],
    ["/old", "/copy", "old", false],
    ["old", "/copy", "old/x", true],
    [null, "", "a/.tsrsync-partial/f", true],
  ])("history %s of %j: %s", (dir, directory, path, isOurs) => {
    expect(own(dir, directory).has(path)).toBe(isOurs);
  });
});

describe("words of a session", () => {
  const needs = {
    kind: "usual",
    capabilities: { nanoseconds: true, hardLinks: true },
    atomic: false,
    wholeFiles: false,
    compress: false,
    now: new Date(2026, 6, 9),
  } as const;

  it("say what the settings say", () => {
    const rsync = {
      options: ["-lpt"],
      hardLinks: true,
      acls: true,
      xattrs: true,
      chmod: "u+w",
      chown: "a:b",
    };
    const settings = targetSettings("rsync://h/m", {
      rsync,
      timeout: 1500,
      history: { dir: "/h", keep: 1 },
    });
    const expected = "-lpt --acls --xattrs --chmod=u+w --chown=a:b --numeric-ids --timeout=2";
    expect(attributeWords(settings).join(" ")).toBe(expected);
    const usual = writingWords(settings, {
      ...needs,
      atomic: true,
      wholeFiles: true,
      compress: true,
    });
    expect(usual.join(" ")).toBe(
      "--hard-links --partial-dir=.tsrsync-partial --delay-updates --backup --backup-dir=/h/2026-07-09 --whole-file --modify-window=-1 --compress",
    );
  });

  it("keep small messages back when asked to, besides other options of sockets", () => {
    const connect = { timeout: 0, keepAlive: 0, nodelay: false };
    const last = (options: string[]) =>
      attributeWords(targetSettings("rsync://h/m", { connect, rsync: { options } })).at(-1);
    expect(last(["-a"])).toBe("--sockopts=TCP_NODELAY=0");
    expect(last(["-a", "--sockopts", "SO_SNDBUF=8192"])).toBe(
      "--sockopts=SO_SNDBUF=8192,TCP_NODELAY=0",
    );
  });

  it("never mix what does not go together", () => {
    const settings = targetSettings("rsync://h/m");
    const all = { ...needs, atomic: true, wholeFiles: true };
    expect(writingWords(settings, { ...all, kind: "inplace" })).not.toContain("--delay-updates");
    expect(writingWords(settings, { ...all, kind: "append" })).not.toContain("--whole-file");
    expect(writingWords(settings, { ...all, kind: "forced" })).toContain("--ignore-times");
    const chosen = targetSettings("rsync://h/m", {
      rsync: { options: ["-a", "--modify-window=2"] },
    });
    expect(writingWords(chosen, needs)).not.toContain("--modify-window=-1");
    const old = { ...needs, capabilities: { nanoseconds: false, hardLinks: false } };
    expect(writingWords(settings, old)).not.toContain("--modify-window=-1");
    const keeping = targetSettings("rsync://h/m", { rsync: { hardLinks: true } });
    expect(hardLinkWords(keeping, { hardLinks: true })).toEqual(["--hard-links"]);
    expect(hardLinkWords(keeping, { hardLinks: false })).toEqual([]);
    expect(hardLinkWords(settings, { hardLinks: true })).toEqual([]);
  });
});

/** Makes a file of that length, or makes it so long. */
function write(tree: MemoryTree, path: string, length: number): void {
  const file = tree.openForUpdate(path, 0o644);
  file.writeAt(new Uint8Array(length), 0);
  file.truncate(length);
  file.close();
}

it("files that only grow are appended to once we have sent them, as long as they are the same", () => {
  const tree = new MemoryTree();
  const grown = new GrownFiles(compilePatterns(["*.log"]));
  const push = (length: number, hasFailed = false) => {
    write(tree, "x.log", length);
    const canAppend = grown.canAppend(tree, "x.log");
    grown.settle(() => hasFailed);
    return canAppend;
  };
  expect([push(10), push(10), push(20), push(5), push(6)]).toEqual([
    false,
    false,
    true,
    false,
    true,
  ]);
  expect([push(7, true), push(8), push(9)]).toEqual([true, false, true]);
  tree.removeFile("x.log");
  expect(push(100)).toBe(false);
  grown.canAppend(tree, "x.log");
  grown.forget();
  expect(push(200)).toBe(false);
  expect(grown.canAppend(tree, "other")).toBe(false);
});

describe("files are sent whole", () => {
  const tree = new MemoryTree();
  write(tree, "small", SMALL_BYTES - 1);
  write(tree, "large", SMALL_BYTES);
  tree.makeDirectory("d", 0o755);
  const SMALL = ["d", "gone", "small"];

  it("once small ones have become a habit, until others come", () => {
    const files = new SmallFiles();
    const areUsual = (paths: readonly string[]) => files.areUsual(tree, paths);
    const untilHabit = () => Array.from({ length: HABIT }, () => areUsual(SMALL));
    const never = new Array(HABIT).fill(false);
    expect(untilHabit()).toEqual(never);
    expect([areUsual(SMALL), areUsual(SMALL)]).toEqual([true, true]);
    expect(areUsual(["small", "large"])).toBe(false);
    expect(untilHabit()).toEqual(never);
    expect(areUsual(SMALL)).toBe(true);
  });

  it.each([
    ["one that is large", ["large"]],
    ["too many to look at", new Array(65).fill("small")],
  ])("no more after %s", (_, others) => {
    const files = new SmallFiles();
    for (let i = 0; i <= HABIT; i++) files.areUsual(tree, SMALL);
    expect(files.areUsual(tree, others)).toBe(false);
    expect(files.areUsual(tree, SMALL)).toBe(false);
  });
});
