import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { loadSettings } from "../../config/index.js";
import { memoryWorld } from "../../config/testing/memory-world.js";
import { type MachineFacts, machineFacts } from "../doctor-facts.js";
import { runFake } from "../testing-world.js";
import { diagnose } from "./doctor.js";

const WELL: MachineFacts = {
  ...{
    platform: "linux",
    nodeVersion: "v20.19.0",
    userId: 0,
    maxUserWatches: 1_000_000,
    maxUserInstances: 1024,
  },
  ...{ maxQueuedEvents: 1_000_000, openFiles: 65_536, hasKoffi: true },
  roots: [{ name: "www", path: "/data/www", directories: 1000, error: null }],
  stateDir: { path: "/state", exists: true, writable: true, mode: 0o700 },
};

const told = (facts: Partial<MachineFacts>, level: string) =>
  diagnose({ ...WELL, ...facts }, null).filter((finding) => finding.level === level);

test("a machine that is set up well is told so", () => {
  expect(diagnose(WELL, null).every(({ level }) => level === "ok")).toBe(true);
});

test.each([
  [
    { maxUserWatches: 8192, roots: [{ ...WELL.roots[0]!, directories: 600_000 }] },
    "wrong",
    "max_user_watches = 8192",
    "sysctl -w fs.inotify.max_user_watches=900000",
  ],
  [
    { maxUserWatches: 8192 },
    "better",
    "max_user_watches = 8192",
    "sysctl -w fs.inotify.max_user_watches=524288",
  ],
  [
    { maxUserInstances: 128 },
    "better",
    "max_user_instances = 128",
    "sysctl -w fs.inotify.max_user_instances=1024",
  ],
  [
    { maxQueuedEvents: 16_384 },
    "better",
    "max_queued_events = 16384",
    "sysctl -w fs.inotify.max_queued_events=327679",
  ],
  [{ openFiles: 1024 }, "better", "open files: at most 1024", "ulimit"],
  [{ hasKoffi: false }, "wrong", "koffi can not be loaded", "npm install koffi"],
  [{ userId: 1000 }, "better", "runs as user 1000", "CAP_DAC_READ_SEARCH"],
  [{ roots: [{ ...WELL.roots[0]!, error: "no such file" }] }, "wrong", "no such file", ""],
  [
    { stateDir: { ...WELL.stateDir, writable: false } },
    "wrong",
    "can not be written to",
    "install -d -m 700 /state",
  ],
  [
    { stateDir: { ...WELL.stateDir, mode: 0o755 } },
    "better",
    "others can look into it (mode 755)",
    "chmod 700 /state",
  ],
] as const)("%j is %s", (facts, level, text, advice) => {
  const [finding] = told(facts, level);
  expect(finding!.text).toContain(text);
  expect(finding!.advice.join("\n")).toContain(advice);
});

test("systems without inotify have no limits to speak of", () => {
  const none = {
    maxUserWatches: null,
    maxUserInstances: null,
    maxQueuedEvents: null,
    openFiles: null,
  };
  expect(told({ ...none, platform: "darwin" }, "better").map(({ text }) => text)).toEqual([
    expect.stringContaining("darwin has no inotify"),
  ]);
});

test("daemons get advice, with as many connections as are needed", () => {
  const targets = Array.from({ length: 8 }, (_, i) => `'rsync://h/m${i}'`).join(",");
  const settings = loadSettings(
    { text: `version: 1\nroots: [{path: /a, targets: [${targets}]}]` },
    { world: memoryWorld() },
  );
  const { text, advice } = diagnose(WELL, settings).at(-1)!;
  expect(text).toBe("for the rsyncd.conf of h:");
  expect(advice.join("\n")).toContain("socket options = TCP_NODELAY");
  expect(advice.join("\n")).toContain("max connections = 16 ");
});

test("the command ends with 2 when something is wrong, and works without a configuration", async () => {
  const facts = (more: Partial<MachineFacts>) => ({
    machineFacts: async () => ({ ...WELL, ...more }),
  });
  expect(await runFake(["doctor"], { services: facts({}) })).toMatchObject({
    code: 0,
    error: expect.stringContaining("without a configuration"),
  });
  expect((await runFake(["doctor"], { services: facts({ hasKoffi: false }) })).code).toBe(2);
  expect(await runFake(["doctor", "none.yaml"], { services: facts({}) })).toMatchObject({
    code: 1,
  });
});

const directory = mkdtempSync(join(tmpdir(), "tsrsync-doctor-"));
afterAll(() => rmSync(directory, { recursive: true }));

test("this machine can be looked at, and is left as it was", async () => {
  mkdirSync(join(directory, "a/b/c"), { recursive: true });
  symlinkSync(directory, join(directory, "a/loop"));
  symlinkSync("a/b", join(directory, "link"));
  const world = memoryWorld();
  const text = `version: 1\nroots: [{path: '${directory}', targets: ['rsync://h/m']}, {path: /none/at/all, targets: ['rsync://h/n']}]`;
  const { roots } = loadSettings({ text }, { world });
  const facts = await machineFacts(roots, join(directory, "state/deep"));
  const followed = loadSettings(
    { text: `${text}\ndefaults: {live: {followSymlinkDirs: true}}` },
    { world },
  );
  const again = await machineFacts(followed.roots, directory);
  expect(again.roots[0]).toMatchObject({ directories: 6 });
  expect(facts.roots[0]).toMatchObject({ directories: 4, error: null });
  expect(facts.roots[1]!.error).toContain("no such file");
  expect(facts.stateDir).toMatchObject({ exists: false, writable: true, mode: null });
  expect(facts.hasKoffi).toBe(true);
});
