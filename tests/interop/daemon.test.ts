/**
 * What daemons do besides moving files: lists, logins, identities, limits, logs, links, path forms; and what the client
 * prints. Everything is compared with what the real programs do.
 */
import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Implementation, startDaemon, type TestDaemon } from "../support/daemon.js";
import { call } from "../support/hostile.js";
import { comparable, runProgram } from "../support/program.js";
import { isRoot } from "../support/rsync.js";
import { readTree } from "../support/tree.js";

const work = mkdtempSync(`${tmpdir()}/tsrsync-daemon-`);
chmodSync(work, 0o755);
const local = `${work}/local`;
const passwords = `${work}/passwords`;
const IMPLEMENTATIONS: Implementation[] = ["tsrsync", "rsync"];
const NOBODY = 65534;
const daemons = new Map<Implementation, TestDaemon>();
const moduleOf = (daemon: Implementation) => `${work}/module-${daemon}`;
const urlOf = (daemon: Implementation) => `rsync://127.0.0.1:${daemons.get(daemon)!.port}`;

function configOf(daemon: Implementation): string {
  return `use chroot = no
${isRoot() ? "uid = 0\ngid = 0" : ""}
motd file = ${work}/motd
path = ${moduleOf(daemon)}
[m]
comment = all that there is
read only = no
munge symlinks = no
transfer logging = yes
[secret-hidden]
list = no
[munged]
read only = no
[users]
comment = with users
auth users = ann:rw bob:ro carl:deny
secrets file = ${passwords}/secrets
[by-user]
auth users = ann
secrets file = ${passwords}/secrets
path = ${moduleOf(daemon)}/home-%RSYNC_USER_NAME%
[single]
max connections = 1
lock file = ${work}/lock-${daemon}
[nobody]
read only = no
uid = nobody
gid = nogroup
[private]
uid = nobody
gid = nogroup
path = ${work}/private-${daemon}/inner
`;
}

beforeAll(async () => {
  mkdirSync(passwords);
  writeFileSync(`${work}/motd`, "welcome\nto all\n");
  writeFileSync(`${passwords}/secrets`, "ann:a\nbob:b\ncarl:c\n", { mode: 0o600 });
  writeFileSync(`${passwords}/ann`, "a\n", { mode: 0o600 });
  for (const daemon of IMPLEMENTATIONS) {
    mkdirSync(moduleOf(daemon));
    mkdirSync(`${work}/private-${daemon}/inner`, { recursive: true });
    writeFileSync(`${work}/private-${daemon}/inner/file`, "inner\n");
    chmodSync(`${work}/private-${daemon}`, 0o700);
    daemons.set(daemon, await startDaemon(daemon, `${work}/${daemon}`, configOf(daemon)));
  }
});

afterAll(async () => {
  for (const daemon of daemons.values()) await daemon.stop();
  rmSync(work, { recursive: true, force: true });
});

const OLD = 1_500_000_000;

function seed(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(`${directory}/dir/sub`, { recursive: true });
  mkdirSync(`${directory}/home-ann`);
  chmodSync(directory, 0o777);
  const files = ["a.txt", "b.txt", "c.dat", "dir/inside", "dir/sub/deep", "home-ann/mine"];
  for (const name of files) {
    writeFileSync(`${directory}/${name}`, `${name}\n`);
    utimesSync(`${directory}/${name}`, OLD, OLD);
  }
  symlinkSync("../a.txt", `${directory}/dir/link`);
  lutimesSync(`${directory}/dir/link`, OLD, OLD);
  for (const name of ["dir/sub", "dir", "home-ann", "."])
    utimesSync(`${directory}/${name}`, OLD, OLD);
}

beforeEach(() => {
  for (const daemon of IMPLEMENTATIONS) seed(moduleOf(daemon));
  rmSync(local, { recursive: true, force: true });
});

/** The pairs in which one side is ours and the other is real, and both ours. */
const PAIRS = [
  { client: "tsrsync", daemon: "rsync" },
  { client: "rsync", daemon: "tsrsync" },
  { client: "tsrsync", daemon: "tsrsync" },
] as const;

/** rsync leaves times alone that are equal up to the second. */
const SECONDS = { times: "s" } as const;

const ok = { status: 0, stderr: "" };

describe.each(PAIRS)("$client client, $daemon daemon", ({ client, daemon }) => {
  const url = () => urlOf(daemon);
  const run = (...words: string[]) => runProgram(client, words);

  test("the list of modules, with the message of the day", async () => {
    const expected = await runProgram("rsync", [`${urlOf("rsync")}/`]);
    expect(expected.stdout).toContain("welcome\nto all\n");
    expect(expected.stdout).not.toContain("hidden");
    expect(await run(`${url()}/`)).toEqual(expected);
    expect(await run(`127.0.0.1::`, `--port=${daemons.get(daemon)!.port}`)).toEqual(expected);
    expect(await run("--no-motd", `${url()}/`)).toEqual(
      await runProgram("rsync", ["--no-motd", `${urlOf("rsync")}/`]),
    );
  });

  test.each([[], ["--protocol=29"], ["--protocol=30"]])("logins %s", async (...options) => {
    const as = (user: string) => `${url().replace("//", `//${user}@`)}/users/`;
    const env = (password: string) => ({ env: { RSYNC_PASSWORD: password } });
    const words = [...options, "-r"];
    expect(await runProgram(client, [...words, as("bob"), `${local}/`], env("b"))).toMatchObject(
      ok,
    );
    const file = `--password-file=${passwords}/ann`;
    expect(await runProgram(client, [...words, file, as("ann"), `${local}/`])).toMatchObject(ok);
    // ann may write, bob may not, carl may nothing.
    const push = [...words, "-I", `${local}/dir`];
    expect(await runProgram(client, [...push, as("ann")], env("a"))).toMatchObject(ok);
    // Before protocol 31 there is no way to tell the code.
    const refused = await runProgram(client, [...push, as("bob")], env("b"));
    expect(options.length === 0 ? [1] : [1, 10, 12]).toContain(refused.status);
    expect((await runProgram(client, [...push, as("carl")], env("c"))).status).toBe(5);
  });

  test("a path with the name of the user", async () => {
    const from = `${url().replace("//", "//ann@")}/by-user/`;
    const env = { RSYNC_PASSWORD: "a" };
    expect(await runProgram(client, ["-r", from, `${local}/`], { env })).toMatchObject(ok);
    expect(readdirSync(local)).toEqual(["mine"]);
  });

  test("links are stored munged and come back as they were", async () => {
    mkdirSync(`${work}/links`, { recursive: true });
    rmSync(`${work}/links/link`, { force: true });
    symlinkSync("/etc/passwd", `${work}/links/link`);
    expect(await run("-a", `${work}/links/`, `${url()}/munged/links/`)).toMatchObject(ok);
    expect(readlinkSync(`${moduleOf(daemon)}/links/link`)).toBe("/rsyncd-munged//etc/passwd");
    expect(await run("-a", `${url()}/munged/links/`, `${local}/`)).toMatchObject(ok);
    expect(readlinkSync(`${local}/link`)).toBe("/etc/passwd");
  });

  test("two clients at once", async () => {
    const runs = ["one", "two", "three"].map((name) =>
      run("-a", `${url()}/m/`, `${local}/${name}/`),
    );
    mkdirSync(local);
    for (const result of await Promise.all(runs)) expect(result).toMatchObject(ok);
    expect(readTree(`${local}/one`, SECONDS)).toEqual(readTree(moduleOf(daemon), SECONDS));
    expect(readTree(`${local}/three`, SECONDS)).toEqual(readTree(`${local}/two`, SECONDS));
  });

  const port = () => `--port=${daemons.get(daemon)!.port}`;
  test.each<[string, () => string[], string[]]>([
    ["wildcards", () => [`${url()}/m/*.txt`], ["a.txt", "b.txt"]],
    ["brackets", () => [`${url()}/m/[bc].*`], ["b.txt", "c.dat"]],
    ["a wildcard for a directory", () => [`${url()}/m/d*/in*`], ["inside"]],
    ["several sources", () => [`${url()}/m/a.txt`, `${url()}/m/dir/sub`], ["a.txt", "sub"]],
    ["host::module", () => [port(), "127.0.0.1::m/a.txt"], ["a.txt"]],
    [
      "host::module and ::module",
      () => [port(), "127.0.0.1::m/a.txt", "::m/c.dat"],
      ["a.txt", "c.dat"],
    ],
    ["a directory with a slash", () => [`${url()}/m/dir/`], ["inside", "link", "sub"]],
    ["a directory without a slash", () => [`${url()}/m/dir`], ["dir"]],
    ["dots that stay inside", () => [`${url()}/m/../m/dir/../a.txt`], []],
  ])("a pull with %s", async (_, sources, names) => {
    mkdirSync(local);
    const result = await run("-rl", ...sources(), `${local}/`);
    if (names.length > 0) expect(result).toMatchObject(ok);
    expect(readdirSync(local).sort()).toEqual(names);
  });

  test.each([[[]], [["-r"]], [["-rl"]], [["-r", "--no-h"]], [["-d"]]])(
    "a listing with %s",
    async (options) => {
      const expected = await runProgram("rsync", ["--no-motd", ...options, `${urlOf("rsync")}/m/`]);
      expect(expected.stdout).toContain("a.txt");
      expect(await run("--no-motd", ...options, `${url()}/m/`)).toEqual(expected);
    },
  );
});

/** What a run prints, without what depends on the wire and the clock. */
function printed({
  status,
  stdout,
  stderr,
}: {
  status: number | null;
  stdout: string;
  stderr: string;
}) {
  const text = stdout
    .replace(/^sent .* bytes\/sec$/m, "sent")
    .replace(/speedup is .*/, "speedup")
    .replace(
      /^(File list (size|generation time|transfer time)|Total bytes (sent|received)): .*/gm,
      "$1",
    )
    .replaceAll(work, "WORK")
    .replace(/(?<=^opening tcp connection to \S+ port )\d+/m, "PORT");
  // The processes of a real rsync tell of what they do side by side, in no fixed order.
  return { status, lines: text.split("\n").sort(), errors: comparable(stderr) };
}

describe.each(PAIRS)(
  "the output of a $client client with a $daemon daemon",
  ({ client, daemon }) => {
    /** Three states of the target: nothing, the same, and changed with extra items. */
    function prepare(target: string, state: string): void {
      seed(target);
      if (state === "new") rmSync(target, { recursive: true });
      if (state !== "changed") return;
      writeFileSync(`${target}/a.txt`, "changed");
      chmodSync(`${target}/b.txt`, 0o600);
      writeFileSync(`${target}/extra`, "");
      mkdirSync(`${target}/extra-dir/deep`, { recursive: true });
      rmSync(`${target}/dir/link`);
      symlinkSync("elsewhere", `${target}/dir/link`);
      rmSync(`${target}/dir/sub`, { recursive: true });
    }

    async function outputOf(
      one: Implementation,
      other: Implementation,
      state: string,
      direction: string,
      options: string[],
    ) {
      seed(local);
      prepare(direction === "pull" ? local : `${moduleOf(other)}/target`, state);
      const [from, to] =
        direction === "pull"
          ? [`${urlOf(other)}/m/`, `${local}/`]
          : [`${local}/`, `${urlOf(other)}/m/target/`];
      if (direction === "pull")
        rmSync(`${moduleOf(other)}/target`, { recursive: true, force: true });
      return printed(
        await runProgram(one, ["--no-motd", "--no-inc-recursive", ...options, from, to]),
      );
    }

    describe.each(["push", "pull"])("%s", (direction) => {
      test.each(["new", "same", "changed"])("to a target that is %s", async (state) => {
        const flags = [
          ["-av"],
          ["-avv"],
          ["-ai"],
          ["-aii"],
          ["-a", "--stats"],
          ["-avn"],
          ["-aivc"],
        ];
        for (const options of flags) {
          const all = [...options, "--delete"];
          const expected = await outputOf("rsync", "rsync", state, direction, all);
          const actual = await outputOf(client, daemon, state, direction, all);
          expect({ options, ...actual }).toEqual({ options, ...expected });
        }
      });
    });
  },
);

describe.each(IMPLEMENTATIONS)("%s daemon", (daemon) => {
  test.each(["sha512", "sha256", "sha1", "md5"])("a login by %s", async (digest) => {
    const talk = await call(daemons.get(daemon)!.port);
    talk.write(`@RSYNCD: 31.0 ${digest}\nusers\n`);
    const text = await talk.readThrough("@RSYNCD: AUTHREQD ");
    expect(text).not.toBeNull();
    const challenge = (await talk.readThrough("\n"))!.trim();
    const response = createHash(digest).update(`a${challenge}`).digest("base64");
    talk.write(`ann ${response.replace(/=+$/, "")}\n`);
    expect(await talk.readThrough("\n")).toBe("@RSYNCD: OK\n");
    talk.socket.destroy();
  });

  test("no more connections than the module allows", async () => {
    const first = await call(daemons.get(daemon)!.port);
    first.write("@RSYNCD: 31.0\nsingle\n");
    await first.readThrough("@RSYNCD: OK\n");
    const refused = await runProgram("tsrsync", ["-r", `${urlOf(daemon)}/single/`, `${local}/`]);
    expect(refused.status).toBe(5);
    expect(refused.stderr).toContain("@ERROR: max connections (1) reached -- try again later\n");
    first.socket.destroy();
    await expect
      .poll(
        async () =>
          (await runProgram("tsrsync", ["-r", `${urlOf(daemon)}/single/`, `${local}/`])).status,
        { timeout: 10_000, interval: 200 },
      )
      .toBe(0);
  });

  test.runIf(isRoot())("files of a module belong to its user", async () => {
    seed(local);
    chownSync(`${local}/a.txt`, 1, 1);
    const result = await runProgram("rsync", [
      "-rlpt",
      `${local}/`,
      `${urlOf(daemon)}/nobody/new/`,
    ]);
    expect(result).toMatchObject(ok);
    const { uid, gid } = statSync(`${moduleOf(daemon)}/new/a.txt`);
    expect([uid, gid]).toEqual([NOBODY, NOBODY]);
  });

  test.runIf(isRoot())("a module below a directory that its user may not enter", async () => {
    const result = await runProgram("rsync", ["-r", `${urlOf(daemon)}/private/`, `${local}/`]);
    expect(result).toMatchObject(ok);
    expect(readdirSync(local)).toEqual(["file"]);
  });
});

test("both daemons log the same", async () => {
  const logs: string[] = [];
  for (const daemon of IMPLEMENTATIONS) {
    const before = daemons.get(daemon)!.log().length;
    const url = urlOf(daemon);
    seed(local);
    await runProgram("rsync", [`${url}/`]);
    await runProgram("rsync", ["-r", `${url}/none/`, `${local}/`]);
    await runProgram("rsync", ["-r", `${local}/dir`, `${url}/single/`]);
    await runProgram("rsync", ["-r", `${url}/m/dir/`, `${local}/pulled/`]);
    writeFileSync(`${moduleOf(daemon)}/dir/extra`, "");
    await runProgram("rsync", [
      "-rI",
      "--delete",
      "--exclude=none",
      `${local}/dir/`,
      `${url}/m/dir/`,
    ]);
    const env = { RSYNC_PASSWORD: "wrong" };
    await runProgram("rsync", [`${url.replace("//", "//ann@")}/users/`], { env });
    const lines = () => daemons.get(daemon)!.log().slice(before);
    await expect.poll(lines, { timeout: 5000 }).toContain("password mismatch");
    logs.push(
      comparable(lines())
        .replace(/^\S+ \S+ \[\d+\] /gm, "")
        .replace(/^sent \d+ bytes {2}received \d+ bytes/gm, "sent"),
    );
  }
  // Several processes write, so lines may change places; and the last one of a real session is now and then lost.
  const kinds = (log: string) => [...new Set(log.split("\n"))].sort();
  expect(kinds(logs[0]!)).toEqual(kinds(logs[1]!));
});
