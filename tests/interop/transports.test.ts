/**
 * Ways to a server: proxies, early input, limits of speed and time, quoting for remote shells; {our client, rsync's} with
 * {our server, rsync's} at the other end.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, connect as dial, type Server } from "node:net";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Implementation,
  remotePathOf,
  startDaemon,
  type TestDaemon,
} from "../support/daemon.js";
import { comparable, type ProgramRun, runProgram } from "../support/program.js";
import { isRoot } from "../support/rsync.js";

const work = mkdtempSync(`${tmpdir()}/tsrsync-transports-`);
const PROGRAMS: Implementation[] = ["tsrsync", "rsync"];
const FAKE_SHELL = new URL("../support/fake-shell", import.meta.url).pathname;
const daemons = new Map<Implementation, TestDaemon>();

const run = (
  program: Implementation,
  words: string[],
  env: Record<string, string> = {},
): Promise<ProgramRun> => runProgram(program, words, { cwd: work, env });

const outcome = ({ stderr, status }: ProgramRun): string => `${comparable(stderr)}(exit ${status})`;

beforeAll(async () => {
  mkdirSync(`${work}/module`);
  writeFileSync(`${work}/module/hello`, "hello\n");
  writeFileSync(`${work}/file`, "x".repeat(60_000));
  const identity = isRoot() ? "uid = 0\ngid = 0\n" : "";
  const config = `use chroot = no\n${identity}[m]\npath = ${work}/module\nread only = no\n`;
  for (const program of PROGRAMS) {
    daemons.set(program, await startDaemon(program, `${work}/daemon-${program}`, config));
  }
});

afterAll(async () => {
  for (const daemon of daemons.values()) await daemon.stop();
  rmSync(work, { recursive: true, force: true });
});

/** A proxy that answers `answer`, and passes on to the port asked for when that is a success. */
async function startProxy(
  answer: string,
): Promise<{ server: Server; port: number; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((client) => {
    client.on("error", () => {});
    let request = "";
    client.on("data", function onData(chunk: Buffer) {
      request += chunk.toString("latin1");
      if (!request.includes("\r\n\r\n")) return;
      asked.push(request);
      client.off("data", onData);
      client.write(answer);
      const port = Number(/:(\d+) HTTP/.exec(request)?.[1]);
      if (!answer.startsWith("HTTP/1.0 200")) client.end();
      else {
        const daemon = dial(port, "127.0.0.1").on("error", () => client.destroy());
        client.pipe(daemon).pipe(client);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return { server, asked, port: typeof address === "object" && address ? address.port : 0 };
}

describe("a proxy", () => {
  test.each(["", "user:pa@ss@"])("with the login '%s' is asked as rsync asks", async (login) => {
    const { server, port, asked } = await startProxy("HTTP/1.0 200 ok\r\nVia: x\r\n\r\n");
    const url = `rsync://127.0.0.1:${daemons.get("tsrsync")!.port}/m/hello`;
    for (const program of PROGRAMS) {
      const env = { RSYNC_PROXY: `${login}127.0.0.1:${port}` };
      expect(outcome(await run(program, [url, `from-${program}`], env))).toBe("(exit 0)");
      expect(readFileSync(`${work}/from-${program}`, "latin1")).toBe("hello\n");
    }
    server.close();
    expect(asked).toHaveLength(2);
    expect(asked[0]).toBe(asked[1]);
  });

  test.each([
    ["a refusal", "HTTP/1.0 403 no\r\n\r\n"],
    ["no HTTP", "SSH-2.0\r\n"],
    ["a line without end", "x".repeat(3000)],
    ["a header without end", `HTTP/1.1 200 ok\r\n${"y".repeat(3000)}`],
  ])("that answers with %s is an error as rsync's", async (_, answer) => {
    const { server, port } = await startProxy(answer);
    const outcomes: string[] = [];
    for (const program of PROGRAMS) {
      const env = { RSYNC_PROXY: `127.0.0.1:${port}` };
      outcomes.push(outcome(await run(program, ["rsync://127.0.0.1/m/"], env)));
    }
    server.close();
    expect(outcomes[0]).toBe(outcomes[1]);
  });

  test.each(["host", "user@host:80", "127.0.0.1:x"])("'%s' is none", async (proxy) => {
    const [ours, theirs] = await Promise.all(
      PROGRAMS.map((program) => run(program, ["rsync://127.0.0.1/m/"], { RSYNC_PROXY: proxy })),
    );
    expect(outcome(ours!)).toBe(outcome(theirs!));
  });
});

describe.each(["-c", "+x", "~root", "%self", "", "a;b"])("the host '%s'", (host) => {
  test("is no word for a connect program", async () => {
    const env = { RSYNC_CONNECT_PROG: "touch reached-%H" };
    const [ours, theirs] = await Promise.all(
      PROGRAMS.map((program) => run(program, [`rsync://${host}/m/`, "out/"], env)),
    );
    expect(outcome(ours!)).toBe(outcome(theirs!));
    expect(ours!.status).toBe(10);
  });
});

describe.each(PROGRAMS)("early input to the daemon of %s", (server) => {
  test.each(PROGRAMS)("from %s is taken before the module's name", async (program) => {
    writeFileSync(`${work}/early`, "some\0bytes\n");
    const url = `rsync://127.0.0.1:${daemons.get(server)!.port}/m/hello`;
    expect(outcome(await run(program, ["--early-input=early", url, "early-out"]))).toBe("(exit 0)");
    expect(readFileSync(`${work}/early-out`, "latin1")).toBe("hello\n");
  });
});

test("early input that is too long is refused as rsync does", async () => {
  writeFileSync(`${work}/long`, "x".repeat(5121));
  const url = `rsync://127.0.0.1:${daemons.get("rsync")!.port}/m/hello`;
  const words = ["--early-input=long", url, "early-out"];
  const [ours, theirs] = await Promise.all(PROGRAMS.map((program) => run(program, words)));
  expect(outcome(ours!)).toBe(outcome(theirs!));
});

test.each(["push", "pull"])("--bwlimit slows a %s down at both ends", async (direction) => {
  for (const server of PROGRAMS) {
    const url = `rsync://127.0.0.1:${daemons.get(server)!.port}/m/`;
    writeFileSync(`${work}/module/limited`, "y".repeat(60_000));
    const places = direction === "push" ? ["file", url] : [`${url}limited`, "limited"];
    const startedMs = performance.now();
    expect(outcome(await run("tsrsync", ["-W", "-I", "--bwlimit=40", ...places]))).toBe("(exit 0)");
    // 60,000 bytes at 40,960 a second.
    expect(performance.now() - startedMs).toBeGreaterThan(1000);
  }
});

test.each([
  ["--stop-at=2000-01-01T00:00"],
  ["--stop-at=nonsense"],
  ["--stop-after=0"],
  ["--stop-after=x"],
])("%s is refused as rsync does", async (option) => {
  const [ours, theirs] = await Promise.all(
    PROGRAMS.map((program) => run(program, [option, "file", "copy"])),
  );
  expect(outcome(ours!)).toBe(outcome(theirs!));
  expect(ours!.status).toBe(1);
});

/** Names that a shell would take for more than names. */
const NAMES = ["with space", "a'b\"c", "$(touch reached)", "`x`;y", "back\\slash", "~", "*", "-n"];

describe.each(PROGRAMS)("names at the server of %s", (server) => {
  test.each([
    ["modern", []],
    ["secluded", ["-s"]],
  ])("arrive as they are, %s arguments", async (_, options: string[]) => {
    const source = `${work}/names`;
    const target = `${work}/names-out`;
    mkdirSync(source, { recursive: true });
    for (const name of NAMES) writeFileSync(`${source}/${name}`, name);
    // A wildcard is expanded at the other end, so that one is quoted by hand.
    const asked = NAMES.map((name) => `h:${source}/${name === "*" ? "\\*" : name}`);
    const words = [...options, "-e", FAKE_SHELL, `--rsync-path=${remotePathOf(server)}`];
    for (const program of PROGRAMS) {
      rmSync(target, { recursive: true, force: true });
      expect(outcome(await run(program, [...words, ...asked, target]))).toBe("(exit 0)");
      expect(readdirSync(target).sort()).toEqual([...NAMES].sort());
      for (const name of NAMES) expect(readFileSync(`${target}/${name}`, "latin1")).toBe(name);
      const renamed = `${target}/to $(touch reached) '"`;
      const pushed = await run(program, [...words, `${source}/$(touch reached)`, `h:${renamed}`]);
      expect(outcome(pushed)).toBe("(exit 0)");
      expect(readFileSync(renamed, "latin1")).toBe("$(touch reached)");
    }
  });
});

test.each(PROGRAMS)(
  "%s at the other end of old arguments has the shell split them",
  async (server) => {
    const words = ["--old-args", "-e", FAKE_SHELL, `--rsync-path=${remotePathOf(server)}`];
    for (const program of PROGRAMS) {
      mkdirSync(`${work}/old`, { recursive: true });
      const source = `h:${work}/module/hello ${work}/file`;
      expect(outcome(await run(program, [...words, source, `${work}/old/`]))).toBe("(exit 0)");
      expect(readFileSync(`${work}/old/hello`, "latin1")).toBe("hello\n");
      expect(readFileSync(`${work}/old/file`, "latin1")).toHaveLength(60_000);
      rmSync(`${work}/old`, { recursive: true });
    }
  },
);
