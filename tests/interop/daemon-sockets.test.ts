/**
 * How daemons listen and clients connect: addresses and families, socket options, limits of time and speed. What is told is
 * compared with the real programs.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { commandOf, freePort, type Implementation } from "../support/daemon.js";
import { comparable, runProgram } from "../support/program.js";
import { isRoot } from "../support/rsync.js";

const work = mkdtempSync(`${tmpdir()}/tsrsync-daemon-sockets-`);
const PROGRAMS: Implementation[] = ["rsync", "tsrsync"];
const LIMITED_BYTES = 40_000;

/** The daemons of one test, and those of more than one. */
const running: ChildProcess[] = [];
const longRunning: ChildProcess[] = [];

/** A daemon and what it logs. */
interface Started {
  port: number;
  log(): string[];
}

let count = 0;

/** Starts a daemon with options and global parameters, and waits until it has said that it listens. */
async function start(program: Implementation, options: string[], globals = ""): Promise<Started> {
  const port = await freePort();
  const logFile = `${work}/log-${++count}`;
  const configFile = `${work}/conf-${count}`;
  const owner = isRoot() ? "uid = 0\ngid = 0\n" : "";
  const module = `[m]\npath = ${work}/module\nuse chroot = no\n${owner}`;
  writeFileSync(configFile, `log file = ${logFile}\nreverse lookup = no\n${globals}\n${module}`);
  const { command, prefix } = commandOf(program);
  const words = ["--daemon", "--no-detach", `--config=${configFile}`, `--port=${port}`, ...options];
  const child = spawn(command, [...prefix, ...words], { stdio: "ignore" });
  running.push(child);
  const log = () => {
    const lines = readFileSync(logFile, { encoding: "latin1", flag: "a+" }).split("\n");
    return lines.map((line) => line.replace(/^\S+ \S+ \[\d+\] /, ""));
  };
  for (let tries = 0; !log().some((line) => line.includes("starting, listening")); tries++) {
    if (tries > 200) throw new Error(`${program} daemon did not start: ${log().join("\n")}`);
    await delay(25);
  }
  await delay(100); // what the reference has to say of its sockets comes after that line
  return { port, log };
}

const listing = async (client: Implementation, words: string[]) => {
  const { status, stdout, stderr } = await runProgram(client, words, { cwd: work });
  return { status, hasListed: stdout.includes("limited"), stderr: comparable(stderr) };
};

beforeAll(() => {
  mkdirSync(`${work}/module`);
  writeFileSync(`${work}/module/limited`, "y".repeat(LIMITED_BYTES));
});

async function stop(children: ChildProcess[]): Promise<void> {
  for (const child of children.splice(0)) {
    child.kill("SIGTERM");
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  }
}

afterEach(() => stop(running));

afterAll(async () => {
  await stop(longRunning);
  rmSync(work, { recursive: true, force: true });
});

describe("socket options", () => {
  test("of a client are set, and what is wrong with them does no harm", async () => {
    const { port } = await start("rsync", []);
    for (const list of [
      "SO_KEEPALIVE,SO_SNDBUF=8192",
      "FOO,TCP_NODELAY,BAR=1",
      "IPTOS_LOWDELAY=3 SO_RCVBUF=x",
      "SO_SNDLOWAT=1",
      "tcp_nodelay",
      "",
    ]) {
      const words = [`--sockopts=${list}`, `rsync://127.0.0.1:${port}/m/`];
      const [theirs, ours] = await Promise.all(PROGRAMS.map((client) => listing(client, words)));
      expect(ours, list).toEqual(theirs);
      expect(ours).toMatchObject({ status: 0, hasListed: true });
    }
  });

  test("mean nothing without a connection", async () => {
    for (const client of PROGRAMS) {
      const outcome = await listing(client, ["--sockopts=FOO", "module/"]);
      expect(outcome).toEqual({ status: 0, hasListed: true, stderr: "" });
    }
  });

  test.each([
    ["from the configuration", []],
    ["from the command line, which replaces them", ["--sockopts=SO_RCVBUF=5000 BAR"]],
  ])("of a daemon are set: %s", async (_, options) => {
    const globals = "socket options = TCP_NODELAY,FOO SO_SNDBUF=16384 IPTOS_LOWDELAY=2";
    const told: string[][] = [];
    for (const program of PROGRAMS) {
      const { port, log } = await start(program, options, globals);
      const outcome = await listing("rsync", [`rsync://127.0.0.1:${port}/m/`]);
      expect(outcome).toEqual({ status: 0, hasListed: true, stderr: "" });
      told.push([...new Set(log().filter((line) => /socket option|syntax/.test(line)))]);
    }
    expect(told[1]).toEqual(told[0]);
    expect(told[1]).toContain(`Unknown socket option ${options.length > 0 ? "BAR" : "FOO"}`);
  });
});

describe("addresses and families", () => {
  // Whether a client reaches 127.0.0.1 and ::1.
  test.each([
    [["--address=127.0.0.1"], [true, false]],
    [["--address=::1"], [false, true]],
    [["-4"], [true, false]],
    [["-6"], [false, true]],
    [
      ["-4", "--address=localhost"],
      [true, false],
    ],
  ])("a daemon with %j listens there only", async (options, reached) => {
    for (const program of PROGRAMS) {
      const { port } = await start(program, options);
      const outcomes = await Promise.all(
        ["127.0.0.1", "[::1]"].map((host) => listing("tsrsync", [`rsync://${host}:${port}/m/`])),
      );
      expect(
        outcomes.map(({ hasListed }) => hasListed),
        program,
      ).toEqual(reached);
    }
  });

  test.each([
    [["-4", "--address=::1"]],
    [["--address=no-such-host.invalid"]],
    [["--address=192.0.2.1"]],
  ])("a daemon with %j can not start", async (options) => {
    const outcomes = PROGRAMS.map(async (program) => {
      const logFile = `${work}/failed-${++count}`;
      writeFileSync(`${work}/conf-failed`, "reverse lookup = no\n");
      const words = ["--daemon", "--no-detach", `--config=${work}/conf-failed`, "--port=8730"];
      const run = await runProgram(program, [...words, `--log-file=${logFile}`, ...options]);
      const log = comparable(readFileSync(logFile, "latin1")).replace(/^\S+ \S+ \[\d+\] /gm, "");
      return { status: run.status, log: log.split("\n").slice(1).join("\n") };
    });
    const [theirs, ours] = await Promise.all(outcomes);
    expect(ours).toEqual(theirs);
    expect(ours!.status).toBe(10);
  });

  test("an address in the configuration counts, and one on the command line more", async () => {
    for (const program of PROGRAMS) {
      const { port } = await start(program, ["--address=127.0.0.1"], "address = ::1");
      const outcome = await listing("tsrsync", [`rsync://127.0.0.1:${port}/m/`]);
      expect(outcome, program).toMatchObject({ status: 0, hasListed: true });
    }
  });
});

describe("a daemon of both families", () => {
  const started = new Map<Implementation, Started>();

  beforeAll(async () => {
    for (const program of PROGRAMS) started.set(program, await start(program, []));
    longRunning.push(...running.splice(0));
  });

  test.each(PROGRAMS)("of %s", async (program) => {
    const { port, log } = started.get(program)!;
    for (const host of ["127.0.0.1", "[::1]"]) {
      const outcome = await listing("tsrsync", [`rsync://${host}:${port}/m/`]);
      expect(outcome, host).toMatchObject({ status: 0, hasListed: true });
    }
    expect(log()).toContain("connect from UNDETERMINED (127.0.0.1)");
    expect(log()).toContain("connect from UNDETERMINED (::1)");
  });

  test.each([
    [["-4"], "127.0.0.1", 0],
    [["-6"], "::1", 0],
    [["-4"], "::1", 10],
    [["-6"], "127.0.0.1", 10],
    [["--address=127.0.0.1"], "127.0.0.1", 0],
    [["--address=::1"], "::1", 0],
    [["--ipv4"], "localhost", 0],
  ])("a client with %j to %s", async (options, host, status) => {
    const { port } = started.get("tsrsync")!;
    const url = `rsync://${host.includes(":") ? `[${host}]` : host}:${port}/m/`;
    const [theirs, ours] = await Promise.all(
      PROGRAMS.map((client) => listing(client, [...options, url])),
    );
    expect(ours).toEqual(theirs);
    expect(ours!.status).toBe(status);
  });
});

/** Listens, and accepts nothing: once its queue is full, a client waits for the connection itself. */
const DEAF = `
require("node:net").createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, function () {
  console.log(this.address().port);
});
`;

test("--contimeout ends the wait for a connection", async () => {
  const deaf = spawn(process.execPath, ["-e", DEAF], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(deaf.stdout, "data")) as [Buffer];
  deaf.kill("SIGSTOP");
  const port = Number(line.toString());
  const queued = Array.from({ length: 4 }, () => connect(port, "127.0.0.1").on("error", () => {}));
  await delay(100);
  const words = ["--contimeout=1", `rsync://127.0.0.1:${port}/m/`];
  const [theirs, ours] = await Promise.all(PROGRAMS.map((client) => listing(client, words)));
  for (const socket of queued) socket.destroy();
  deaf.kill("SIGKILL");
  expect(ours).toEqual(theirs);
  expect(ours!.status).toBe(35);
});

describe("--bwlimit of a daemon", () => {
  test.each([
    [["--bwlimit=20"], []],
    [["--bwlimit=20"], ["--bwlimit=2000"]],
    [[], ["--bwlimit=20"]],
  ])("%j is a ceiling for a client with %j", async (options, limit) => {
    for (const program of PROGRAMS) {
      const { port } = await start(program, options);
      const words = ["-W", "-I", ...limit, `rsync://127.0.0.1:${port}/m/limited`, "copy"];
      const startedMs = performance.now();
      const run = await runProgram("rsync", words, { cwd: work });
      expect(run.status, run.stderr).toBe(0);
      // 40,000 bytes at 20,480 a second.
      expect(performance.now() - startedMs, program).toBeGreaterThan(1000);
    }
  });
});
