/**
 * The command `tsrsync-watch` as people use it, against real daemons: sersync's file and options, the background, what goes wrong.
 */
import { execFile } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startDaemon, type TestDaemon } from "../support/daemon.js";

const COMMAND = new URL("../../packages/watcher/bin/tsrsync-watch.js", import.meta.url).pathname;

interface Ran {
  code: number;
  out: string;
  error: string;
}

function run(directory: string, ...words: string[]): Promise<Ran> {
  return new Promise((resolve) => {
    const options = { cwd: directory, timeout: 40_000, env: { ...process.env, HOME: directory } };
    const child = execFile(process.execPath, [COMMAND, ...words], options, (error, out, text) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ code, out, error: text });
    });
    child.stdin?.end();
  });
}

const base = mkdtempSync(join(tmpdir(), "watch-command-"));
const target = join(base, "target");
const readOnly = join(base, "read-only");
let daemon: TestDaemon;

beforeAll(async () => {
  for (const path of [target, readOnly]) mkdirSync(path);
  const secrets = join(base, "secrets");
  writeFileSync(secrets, "backup:right\n", { mode: 0o600 });
  const module = (name: string, path: string, more: string) =>
    `[${name}]\n path = ${path}\n uid = ${process.getuid!()}\n gid = ${process.getgid!()}\n${more}\n`;
  daemon = await startDaemon(
    "rsync",
    join(base, "daemon"),
    [
      "use chroot = no",
      module("www", target, " read only = no"),
      module("fixed", readOnly, " read only = yes"),
      module("locked", target, ` read only = no\n auth users = backup\n secrets file = ${secrets}`),
    ].join("\n"),
  );
});

afterAll(async () => {
  await daemon.stop();
  rmSync(base, { recursive: true, force: true });
});

/** A directory to run in, with a root and sersync's file. */
function place(
  name: string,
  remote: string,
  more = "",
): { directory: string; root: string; state: string } {
  const directory = join(base, name);
  const root = join(directory, "root");
  mkdirSync(root, { recursive: true });
  const state = join(directory, "state");
  writeFileSync(
    join(directory, "confxml.xml"),
    `<?xml version="1.0" encoding="ISO-8859-1"?>
<head version="2.5"> ## remark & more
  <inotify><delete start="true"/><createFolder start="true"/><createFile start="false"/><closeWrite start="true"/>
    <moveFrom start="true"/><moveTo start="true"/><attrib start="true"/><modify start="false"/></inotify>
  <sersync>
    <localpath watch="${root}"><remote ip="127.0.0.1" name="${remote}"/></localpath>
    <rsync><commonParams params="-artuz"/><userDefinedPort start="true" port="${daemon.port}"/>${more}</rsync>
    <failLog path="${directory}/fail.sh" timeToExecute="60"/>
    <plugin start="false" name="command"/>
  </sersync>
  <plugin name="command"><param prefix="/bin/sh ${directory}/plugin.sh" suffix="" ignoreError="false"/></plugin>
</head>
`,
  );
  return { directory, root, state };
}

test("sersync's file and options: the background, flush, status, verify, reload, a second one, the end", async () => {
  const { directory, root, state } = place("usual", "www");
  writeFileSync(join(root, "before"), "here before");
  expect(await run(directory, "check")).toMatchObject({
    code: 0,
    out: expect.stringContaining(": ok\n"),
  });
  const started = await run(directory, "-rdn5", "--state-dir", state);
  expect(started).toMatchObject({ code: 0, error: "" });
  const pid = Number(readFileSync(join(state, "watch.pid"), "utf8"));
  try {
    writeFileSync(join(root, "a`touch x`;name"), "live");
    expect(await run(directory, "flush", "--timeout=20s", "--state-dir", state)).toMatchObject({
      code: 0,
    });
    expect(readFileSync(join(target, "before"), "utf8")).toBe("here before");
    expect(readFileSync(join(target, "a`touch x`;name"), "utf8")).toBe("live");
    expect(await run(directory, "status", "--state-dir", state)).toMatchObject({
      code: 0,
      out: expect.stringContaining(": live"),
    });
    expect(await run(directory, "verify", "--state-dir", state)).toMatchObject({ code: 0 });
    expect(await run(directory, "reload", "--state-dir", state)).toMatchObject({ code: 0 });
    expect(await run(directory, "resume", "nobody", "--state-dir", state)).toMatchObject({
      code: 1,
    });
    const second = await run(directory, "-d", "--state-dir", state);
    expect(second).toMatchObject({
      code: 4,
      error: expect.stringContaining("another process uses the state directory"),
    });
    expect(statSync(state).mode & 0o077).toBe(0);
  } finally {
    process.kill(pid);
  }
  for (let i = 0; i < 100 && existsSync(join(state, "watch.pid")); i++)
    await new Promise((next) => setTimeout(next, 50));
  expect(await run(directory, "status", "--state-dir", state)).toMatchObject({ code: 3 });
});

test("what is converted mirrors as the original does", async () => {
  const { directory, root, state } = place("converted", "www");
  const converted = await run(directory, "convert", "confxml.xml");
  expect(converted.code).toBe(0);
  writeFileSync(join(directory, "new.yaml"), converted.out, { mode: 0o600 });
  writeFileSync(join(root, "converted"), "yes");
  expect(await run(directory, "-d", "-o", "new.yaml", "--state-dir", state)).toMatchObject({
    code: 0,
  });
  const pid = Number(readFileSync(join(state, "watch.pid"), "utf8"));
  try {
    expect(await run(directory, "flush", "--timeout", "20", "--state-dir", state)).toMatchObject({
      code: 0,
    });
    expect(readFileSync(join(target, "converted"), "utf8")).toBe("yes");
  } finally {
    process.kill(pid);
  }
});

test("-m runs a plugin alone, with names as arguments and nothing mirrored", async () => {
  const { directory, root, state } = place("plugin", "www");
  writeFileSync(join(directory, "plugin.sh"), `echo "$#:$1" >> ${directory}/told\n`);
  expect(await run(directory, "-dm", "command", "--state-dir", state)).toMatchObject({ code: 0 });
  const pid = Number(readFileSync(join(state, "watch.pid"), "utf8"));
  try {
    writeFileSync(join(root, "two words"), "x");
    const told = join(directory, "told");
    for (let i = 0; i < 200 && !existsSync(told); i++)
      await new Promise((next) => setTimeout(next, 50));
    expect(readFileSync(told, "utf8")).toContain(`1:${root}/two words\n`);
    expect(existsSync(join(target, "two words"))).toBe(false);
  } finally {
    process.kill(pid);
  }
});

test.each([
  ["missing", /unknown module/i],
  ["fixed", /read.?only/i],
  ["locked", /auth|password/i],
])("check tells what is wrong with the module %s", async (module, message) => {
  const { directory } = place(`check-${module}`, module);
  const checked = await run(directory, "check");
  expect(checked.code).toBe(1);
  expect(checked.error).toMatch(message);
});

test("a wrong password, and a right one", async () => {
  const auth = (file: string) => `<auth start="true" users="backup" passwordfile="${file}"/>`;
  const right = join(base, "right");
  const wrong = join(base, "wrong");
  writeFileSync(right, "right\n", { mode: 0o600 });
  writeFileSync(wrong, "wrong\n", { mode: 0o600 });
  expect(
    await run(place("right-password", "locked", auth(right)).directory, "check"),
  ).toMatchObject({ code: 0 });
  const refused = await run(place("wrong-password", "locked", auth(wrong)).directory, "check");
  expect(refused).toMatchObject({ code: 1, error: expect.stringMatching(/auth failed/i) });
  expect(existsSync(join(target, "before"))).toBe(true);
});

test("configurations that can not be used end at once, in the background, too", async () => {
  const { directory } = place("broken", "www");
  writeFileSync(join(directory, "bad.yaml"), "version: 1\nrots: []\n");
  const bad = await run(directory, "-d", "-o", "bad.yaml");
  expect(bad).toMatchObject({
    code: 1,
    error: expect.stringContaining('bad.yaml:2:1: unknown key "rots"'),
  });
  expect(await run(directory, "-o", "none.xml")).toMatchObject({
    code: 1,
    error: expect.stringContaining("no such file"),
  });
  expect(await run(directory, "-q")).toMatchObject({ code: 1 });
});
