import { expect, test } from "vitest";
import { FULL_CONFXML, SAMPLE_CONFXML } from "../config/testing/confxml-sample.js";
import { INOTIFY_SH, SERSYNC_SH } from "../config/testing/shell-samples.js";
import {
  ControlError,
  type FlushedTarget,
  type FlushRequest,
  type MirrorStatus,
  type Scope,
  type TargetStatus,
} from "../control/types.js";
import { type FakeWorld, fakeControl, runFake } from "./testing-world.js";
import type { MirrorRun } from "./world.js";

const YAML =
  "version: 1\ndaemon: {stateDir: /state}\nroots: [{path: /data/www, targets: ['rsync://h/www']}]\n";
const FILES = { "/etc/tsrsync/watch.yaml": YAML };

/** Runs the mirror, and shows what it was started with. */
async function started(words: string[], fake: FakeWorld): Promise<MirrorRun> {
  const runs: MirrorRun[] = [];
  const services = { runMirror: async (run: MirrorRun) => runs.push(run) - 1, ...fake.services };
  const { code, error } = await runFake(words, { ...fake, services });
  expect(error).toBe("");
  expect(code).toBe(0);
  return runs[0]!;
}

test("help and version", async () => {
  expect(await runFake(["-h"])).toMatchObject({
    code: 0,
    out: expect.stringContaining("usage: tsrsync-watch"),
  });
  expect(await runFake(["status", "--help"])).toMatchObject({ code: 0 });
  expect(await runFake(["--version"])).toEqual({ code: 0, out: "tsrsync-watch 1.2.3", error: "" });
});

test("an unknown option ends with 1, as for sersync", async () => {
  expect(await runFake(["-q"])).toEqual({
    code: 1,
    out: "",
    error: "tsrsync-watch: unknown option -q",
  });
});

test("the confxml.xml of the working directory comes first, then ours, then that of the system", async () => {
  const both = { ...FILES, "/etc/tsrsync/confxml.xml": SAMPLE_CONFXML };
  expect((await started([], { files: both })).settings.roots[0]!.path).toBe("/opt/tongbu");
  expect((await started([], { files: FILES })).settings.roots[0]!.path).toBe("/data/www");
  const other = { "/else.yaml": YAML.replace("/data/www", "/else") };
  expect(
    (await started(["-o", "/else.yaml"], { files: { ...both, ...other } })).settings.roots[0]!.path,
  ).toBe("/else");
  const named = { files: other, environment: { TSRSYNC_CONFIG: "/else.yaml" } };
  expect((await started([], named)).settings.roots[0]!.path).toBe("/else");
  const environment = { TSRSYNC_ROOTS_0_PATH: "/e", TSRSYNC_ROOTS_0_TARGETS_0_URL: "rsync://h/m" };
  expect((await started([], { environment })).settings.roots[0]!.path).toBe("/e");
  expect(await runFake([])).toMatchObject({
    code: 1,
    error: expect.stringContaining(
      "no configuration: there is no confxml.xml or watch.yaml in /etc/tsrsync",
    ),
  });
});

test("what is wrong with a configuration is told line by line", async () => {
  const files = { "/etc/tsrsync/watch.yaml": "version: 1\nrots: []\nroots: 7\n" };
  expect(await runFake([], { files })).toEqual({
    code: 1,
    out: "",
    error: [
      'tsrsync-watch: /etc/tsrsync/watch.yaml:2:1: unknown key "rots"; did you mean "roots"?',
      "tsrsync-watch: /etc/tsrsync/watch.yaml:3:8: expected a list, got number 7",
    ].join("\n"),
  });
});

test("sersync's options mean what they meant", async () => {
  const files = { "/etc/tsrsync/confxml.xml": SAMPLE_CONFXML };
  const { settings } = await started(["-r", "-n", "5", "--state-dir=st", "--log-level", "debug"], {
    files,
  });
  expect(settings).toMatchObject({
    daemon: { workers: 5, stateDir: "/etc/tsrsync/st" },
    log: { level: "debug" },
  });
  expect(settings.roots[0]!.targets[0]!.fullSync.onStart).toBe("always");
});

test("the configuration can be read again while it runs, with the same options on top", async () => {
  const files: Record<string, string> = { ...FILES };
  const run = await started(["-n3"], { files });
  files["/etc/tsrsync/watch.yaml"] = YAML.replace("/data/www", "/data/new");
  expect(await run.reload()).toMatchObject({
    roots: [{ path: "/data/new" }],
    daemon: { workers: 3 },
  });
  files["/etc/tsrsync/watch.yaml"] = "nonsense";
  await expect(run.reload()).rejects.toThrow("expected a map of keys");
});

test("-d checks the configuration, then goes to the background", async () => {
  const words: (readonly string[])[] = [];
  const startDaemon = async (_: unknown, given: readonly string[]) => words.push(given) - 1;
  expect(await runFake(["-rd"], { files: FILES, services: { startDaemon } })).toMatchObject({
    code: 0,
  });
  expect(words).toEqual([["-rd"]]);
  expect(await runFake(["-d"], { files: {}, services: { startDaemon } })).toMatchObject({
    code: 1,
  });
});

test("-m runs hooks alone, on their own roots", async () => {
  const files = { "/etc/tsrsync/confxml.xml": FULL_CONFXML, "/etc/rsync.pas": "x" };
  const socket = await started(["-m", "socket"], { files });
  expect(socket.settings.daemon.stateDir).toBe("/var/lib/tsrsync/watch/hooks-socket");
  expect(
    socket.settings.roots.map(({ path, targets, hooks }) => [
      path,
      targets.length,
      hooks.map(({ kind, when }) => `${kind} ${when}`),
    ]),
  ).toEqual([["/opt/tongbu", 0, ["socket afterEvent"]]]);
  // The command has no root of its own: it runs on those of the mirror.
  const command = await started(["-m", "command"], { files });
  expect(command.settings.roots.map(({ path }) => path)).toEqual([
    "/data0/www/www",
    "/data0/www/bbs",
  ]);
  const off = await started(["-mrefreshCDN"], {
    files: { "/etc/tsrsync/confxml.xml": SAMPLE_CONFXML },
  });
  expect(off.settings.roots.map(({ path }) => path)).toEqual(["/data0/htdocs/cms.xoyo.com/site"]);
});

test.each([
  [["-m", "refreshcdn"], "did you mean refreshCDN?"],
  [["-m", "toString"], 'there is no plugin "toString"'],
  [["-m", "http"], 'there is no <plugin name="http">'],
])("%j is refused", async (words, message) => {
  const ran = await runFake(words, { files: { "/etc/tsrsync/confxml.xml": SAMPLE_CONFXML } });
  expect(ran).toMatchObject({ code: 1, error: expect.stringContaining(message) });
});

test("-m with a watch.yaml takes its hooks", async () => {
  const hooks = YAML.replace(
    "'rsync://h/www']",
    "'rsync://h/www'], hooks: [{kind: http, url: 'http://x'}]",
  );
  const run = await started(["-m", "http"], { files: { "/etc/tsrsync/watch.yaml": hooks } });
  expect(run.settings.roots[0]).toMatchObject({
    path: "/data/www",
    targets: [],
    hooks: [{ kind: "http", when: "afterEvent" }],
  });
  expect(await runFake(["-m", "http"], { files: FILES })).toMatchObject({
    code: 1,
    error: expect.stringContaining("no hook of kind http"),
  });
});

test("--web-from-host shows figures where a confxml.xml says", async () => {
  const files = { "/etc/tsrsync/confxml.xml": SAMPLE_CONFXML };
  expect((await started(["--web-from-host"], { files })).settings.web).toMatchObject({
    host: "localhost",
    port: 8008,
  });
  expect((await started([], { files })).settings.web).toBeNull();
});

test("convert writes a watch.yaml that can be used", async () => {
  const files = { "/etc/tsrsync/confxml.xml": SAMPLE_CONFXML };
  const ran = await runFake(["convert", "confxml.xml", "-rn", "5"], { files });
  expect(ran.code).toBe(0);
  expect(ran.error).toContain("note: files whose names begin with");
  const run = await started([], { files: { "/etc/tsrsync/watch.yaml": ran.out } });
  expect(run.settings).toMatchObject({ daemon: { workers: 5 }, roots: [{ path: "/opt/tongbu" }] });
  const shell = { "/etc/tsrsync/inotify.sh": INOTIFY_SH, "/etc/tsrsync/sersync.sh": SERSYNC_SH };
  expect((await runFake(["convert", "inotify.sh", "sersync.sh"], { files: shell })).out).toContain(
    "url: rsync://192.168.1.58/file",
  );
  expect(await runFake(["convert", "none.xml"])).toMatchObject({
    code: 1,
    error: expect.stringContaining("none.xml: no such file"),
  });
});

const TARGET: TargetStatus = {
  ...{
    name: "web1",
    url: "rsync://h/www",
    state: "idle",
    reason: "",
    dirty: 0,
    lagSeconds: 0,
    sequence: 5,
  },
  ...{
    parked: [],
    parkedCount: 0,
    heldDeletes: 0,
    pushes: 3,
    failures: 0,
    retryInMs: 0,
    lastError: null,
  },
  ...{
    lastSuccess: null,
    capabilities: null,
    fullSync: null,
    files: 1,
    deleted: 0,
    bytes: 5,
    sentBytes: 9,
    matchedBytes: 0,
  },
};

function mirrorStatus(
  target: Partial<TargetStatus>,
  state: "live" | "root-gone" = "live",
): MirrorStatus {
  return {
    ...{ version: "1", pid: 7, started: "2026-01-01T00:00:00Z", journalBytes: 0 },
    roots: [
      {
        ...{
          name: "www",
          path: "/data/www",
          state,
          reason: "",
          watches: 4,
          shards: 1,
          polled: 0,
          openFiles: 0,
          events: 9,
        },
        ...{
          overflows: 0,
          sequence: 5,
          entries: 10,
          scanSeconds: 0.1,
          targets: [{ ...TARGET, ...target }],
        },
      },
    ],
  };
}

const FAILURE = {
  at: "2026-01-01T00:00:00.000Z",
  failure: "unreachable",
  message: "down",
} as const;

test.each([
  [{}, "live", [], 0],
  [{ state: "pushing", dirty: 5, lagSeconds: 59 }, "live", [], 0],
  [{ state: "pushing", lagSeconds: 61 }, "live", [], 2],
  [{ state: "pushing", lagSeconds: 61 }, "live", ["--max-lag=2m"], 0],
  [
    { state: "pushing", lastError: FAILURE, lastSuccess: "2026-01-02T00:00:00.000Z" },
    "live",
    [],
    0,
  ],
  [{ state: "pushing", lastError: FAILURE, lastSuccess: null }, "live", [], 2],
  [{ state: "refused", reason: "auth failed" }, "live", [], 2],
  [{}, "root-gone", [], 2],
] as const)(
  "status of %j in a root that is %s with %j ends with %d",
  async (target, state, words, code) => {
    const connectControl = fakeControl({ status: async () => mirrorStatus(target, state) });
    expect(
      (await runFake(["status", ...words], { files: FILES, services: { connectControl } })).code,
    ).toBe(code);
  },
);

test("status for people and for programs", async () => {
  const found = mirrorStatus({
    ...{
      state: "refused",
      reason: "login failed",
      dirty: 3,
      lagSeconds: 12.34,
      parkedCount: 1,
      heldDeletes: 2,
    },
    parked: [{ path: "a/b", reason: "permission denied", since: "" }],
    lastError: {
      at: "2026-01-01T00:00:00Z",
      failure: "refused",
      message: "auth failed on module www",
    },
  });
  const services = { connectControl: fakeControl({ status: async () => found }) };
  expect((await runFake(["status"], { files: FILES, services })).out).toMatchSnapshot();
  expect(JSON.parse((await runFake(["status", "--json"], { files: FILES, services })).out)).toEqual(
    found,
  );
});

test("flush hands on what was named, and tells who is not up to date", async () => {
  const asked: FlushRequest[] = [];
  const reached: FlushedTarget = {
    root: "www",
    target: "web1",
    reached: true,
    state: "idle",
    dirty: 0,
    reason: "",
  };
  const late: FlushedTarget = {
    ...reached,
    reached: false,
    state: "backing-off",
    dirty: 4,
    reason: "connection refused",
  };
  const flush = (result: FlushedTarget) =>
    fakeControl({
      flush: async (request) => {
        asked.push(request!);
        return { reached: result.reached, targets: [result] };
      },
    });
  const words = ["flush", "www", "--target", "web1", "--timeout=5s"];
  expect(
    await runFake(words, { files: FILES, services: { connectControl: flush(reached) } }),
  ).toEqual({
    ...{ code: 0, out: "all targets are up to date", error: "" },
  });
  expect(asked).toEqual([{ root: "www", target: "web1", timeoutMs: 5000 }]);
  expect(
    await runFake(["flush"], { files: FILES, services: { connectControl: flush(late) } }),
  ).toEqual({
    ...{
      code: 2,
      out: "",
      error: "www web1: not up to date: backing-off, 4 paths to go: connection refused",
    },
  });
});

test("verify lists differences", async () => {
  const target = {
    ...{
      root: "www",
      target: "web1",
      entries: 10,
      differenceCount: 3,
      repaired: 3,
      seconds: 0.25,
      error: null,
    },
    differences: [
      { path: "a", kind: "content" as const, itemized: ">fc........" },
      { path: "b", kind: "missing" as const, itemized: null },
    ],
  };
  const broken = { ...target, target: "web2", error: "can not be reached" };
  const connectControl = fakeControl({
    verify: async () => ({ equal: false, targets: [target, broken] }),
  });
  expect(
    await runFake(["verify", "--repair"], { files: FILES, services: { connectControl } }),
  ).toEqual({
    code: 2,
    out: [
      "www web1: >fc........ a",
      "www web1: missing b",
      "www web1: and 1 more",
      "www web1: 3 differences in 10 entries, 3 marked for repair (0.3 s)",
    ].join("\n"),
    error: "www web2: could not be compared: can not be reached",
  });
});

test("short requests", async () => {
  const asked: unknown[] = [];
  const connectControl = fakeControl({
    retry: async (scope?: Scope) => asked.push(["retry", scope]),
    release: async (scope?: Scope) => asked.push(["release", scope]),
    fullSync: async (scope?: Scope) => asked.push(["fullSync", scope]),
    resume: async (root) => void asked.push(["resume", root]),
    reload: async () => ({ added: ["new"], removed: [], changed: ["www"], warnings: ["careful"] }),
  });
  const run = (...words: string[]) =>
    runFake(words, { files: FILES, services: { connectControl } });
  expect((await run("retry")).out).toBe("1 target tried again");
  expect((await run("release", "--root=www", "--target=x")).out).toBe("2 deletions released");
  expect((await run("full-sync", "www")).out).toBe("3 full syncs started");
  expect((await run("resume", "www")).out).toBe("root www goes on as it is");
  expect(await run("reload")).toEqual({
    ...{
      code: 0,
      out: "added: new\nchanged: www\nthe configuration was read again",
      error: "warning: careful",
    },
  });
  expect(asked).toEqual([
    ["retry", {}],
    ["release", { root: "www", target: "x" }],
    ["fullSync", { root: "www" }],
    ["resume", "www"],
  ]);
});

test("the state directory says which mirror is asked", async () => {
  const asked: string[] = [];
  const services = { connectControl: fakeControl({ retry: async () => 0 }, asked) };
  await runFake(["retry"], { files: FILES, services });
  await runFake(["retry", "--state-dir", "/other"], { services });
  expect(asked).toEqual(["/state", "/other"]);
});

test.each([
  ["not-running", 3],
  ["unknown", 1],
  ["closed", 5],
  ["failed", 5],
] as const)("an answer that is %s ends with %d", async (code, expected) => {
  const connectControl = fakeControl({
    retry: () => Promise.reject(new ControlError(code, "told so")),
  });
  expect(await runFake(["retry"], { files: FILES, services: { connectControl } })).toEqual({
    code: expected,
    out: "",
    error: "tsrsync-watch: told so",
  });
});

test("a bug is shown with its place", async () => {
  const services = { connectControl: () => Promise.reject(new TypeError("oops")) };
  expect(await runFake(["retry"], { files: FILES, services })).toMatchObject({
    code: 5,
    error: expect.stringContaining("TypeError: oops\n    at "),
  });
});
