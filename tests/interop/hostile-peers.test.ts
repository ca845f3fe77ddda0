/**
 * Connections that break and peers that lie: a cut or garbled line, no daemon at all, and hand-made clients and daemons that
 * send what must be refused. Each time there is a clear end in time, nothing is left half-written, and our daemon goes on.
 */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { type Writer, writeByte, writeInt } from "@tsrsync/protocol/wire";
import { pull } from "tsrsync";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Implementation, startDaemon, type TestDaemon } from "../support/daemon.js";
import {
  call,
  cutAfter,
  type Direction,
  fakeDaemon,
  flipAt,
  frame,
  type Listening,
  listenWith,
  openSession,
  proxyTo,
  type Talk,
  type Tamper,
  writeEntry,
  writeRequest,
} from "../support/hostile.js";
import { peakMegabytes } from "../support/memory.js";
import { comparable, firstErrorLine, type ProgramRun, runProgram } from "../support/program.js";
import { isRoot } from "../support/rsync.js";

const work = mkdtempSync(`${tmpdir()}/tsrsync-hostile-`);
chmodSync(work, 0o755);
const module = `${work}/module`;
const local = `${work}/local`;
const IMPLEMENTATIONS: Implementation[] = ["tsrsync", "rsync"];
const daemons = new Map<Implementation, TestDaemon>();
const listening: Listening[] = [];

const BIG = 3_000_000;
const old = Buffer.alloc(BIG, "the old content\n");
const fresh = Buffer.alloc(BIG);
for (let i = 0; i < BIG; i++) fresh[i] = (i * 2654435761) >>> 13;

const TIMEOUT_SECONDS = 2;
/** No process of a daemon needs more, whatever it is asked for. */
const MAX_MEGABYTES = 400;

beforeAll(async () => {
  mkdirSync(module);
  for (const daemon of IMPLEMENTATIONS) {
    const identity = isRoot() ? "uid = 0\ngid = 0\n" : "";
    const config = `use chroot = no\n${identity}[m]\npath = ${module}\nread only = no\n[impatient]\npath = ${module}\nread only = no\ntimeout = ${TIMEOUT_SECONDS}\n`;
    daemons.set(daemon, await startDaemon(daemon, `${work}/${daemon}`, config));
  }
});

afterAll(async () => {
  for (const daemon of daemons.values()) await daemon.stop();
  rmSync(work, { recursive: true, force: true });
});

beforeEach(() => {
  for (const directory of [module, local]) {
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory);
    writeFileSync(`${directory}/small`, "small\n");
  }
});

/** Whatever happened, the next client is served, and there are no temporary files. */
afterEach(async () => {
  for (const one of listening.splice(0)) await one.close();
  const target = `${work}/afterwards`;
  rmSync(target, { recursive: true, force: true });
  const url = `rsync://127.0.0.1:${portOf("tsrsync")}/m/small`;
  expect(await pull(url, `${target}/`)).toMatchObject({ exitCode: 0, problems: [] });
  for (const directory of [module, local]) await settled(directory);
});

const portOf = (daemon: Implementation): number => daemons.get(daemon)!.port;

function remember<T extends Listening>(one: T): T {
  listening.push(one);
  return one;
}

async function proxied(target: number, direction: Direction, tamper: Tamper): Promise<string> {
  const proxy = remember(await proxyTo(target, direction, tamper));
  return `rsync://127.0.0.1:${proxy.port}/m/`;
}

async function urlOf(peer: Promise<Listening>): Promise<string> {
  return `rsync://127.0.0.1:${remember(await peer).port}/m/`;
}

/** Waits until the daemon's session has tidied up. */
async function settled(directory: string): Promise<void> {
  await expect
    .poll(() => readdirSync(directory).filter((name) => /^\..*\.\w{6}$/.test(name)), {
      timeout: 5000,
    })
    .toEqual([]);
}

const outcome = (run: ProgramRun) => `${run.status}: ${firstErrorLine(run)}`;

describe.each([
  { client: "tsrsync", daemon: "rsync" },
  { client: "rsync", daemon: "tsrsync" },
  { client: "tsrsync", daemon: "tsrsync" },
] as const)("$client client, $daemon daemon", ({ client, daemon }) => {
  test("a line that is cut in the middle of a pulled file", async () => {
    writeFileSync(`${module}/big`, fresh);
    writeFileSync(`${local}/big`, old);
    const url = await proxied(portOf(daemon), "to-client", cutAfter(1_000_000));
    const run = await runProgram(client, ["-rWI", url, `${local}/`]);
    expect(run.status).toBe(12);
    expect(run.stderr).toContain("connection unexpectedly closed (");
    expect(readFileSync(`${local}/big`).equals(old)).toBe(true);
    expect(readdirSync(local).sort()).toEqual(["big", "small"]);
  });

  test("a line that is cut in the middle of a pushed file", async () => {
    writeFileSync(`${local}/big`, fresh);
    writeFileSync(`${module}/big`, old);
    const url = await proxied(portOf(daemon), "to-daemon", cutAfter(1_000_000));
    const run = await runProgram(client, ["-rWI", `${local}/`, url]);
    expect([10, 12]).toContain(run.status);
    await settled(module);
    expect(readFileSync(`${module}/big`).equals(old)).toBe(true);
    // The client may be gone before the daemon has even begun to write.
    await expect
      .poll(() => readdirSync(module).sort(), { timeout: 5000 })
      .toEqual(["big", "small"]);
  });

  test.each([50, 90, 130])("a line that is cut after %d bytes", async (count) => {
    const url = await proxied(portOf(daemon), "to-client", cutAfter(count));
    const run = await runProgram(client, ["-r", url, `${local}/new/`]);
    expect([5, 10, 12]).toContain(run.status);
    expect(existsSync(`${local}/new/small`)).toBe(false);
  });

  test.each([
    ["to-client", "pull"],
    ["to-daemon", "push"],
    ["to-client", "push"],
    ["to-daemon", "pull"],
  ] as const)("bytes that are changed on their way %s in a %s", async (direction, kind) => {
    const [source, target] = kind === "pull" ? [module, local] : [local, module];
    writeFileSync(`${source}/big`, fresh);
    writeFileSync(`${target}/big`, old);
    for (let i = 0; i < 30; i++) writeFileSync(`${source}/name-${i}`, `content ${i}`);
    // The line speaks plain text up to about here; all that comes after is binary.
    for (const offset of [260, 333, 600]) {
      const url = await proxied(portOf(daemon), direction, flipAt(offset, offset + 7));
      const words = kind === "pull" ? [url, `${local}/`] : [`${local}/`, url];
      const run = await runProgram(client, ["-rWI", "--timeout=4", ...words], {
        timeoutMs: 20_000,
      });
      // A garbled list can make both sides wait, and their keepalives keep them from ending: with two rsyncs as well.
      if (client === daemon) expect(run.status).not.toBeNull();
      await settled(target);
      if ((kind === "pull" ? client : daemon) !== "tsrsync") continue;
      // Each file is whole, whatever became of the run: old, or new, or under a name that the garbled list gave.
      const now = readFileSync(`${target}/big`);
      expect(now.equals(old) || now.equals(fresh)).toBe(true);
    }
  });
});

describe.each(IMPLEMENTATIONS)("%s client", (client) => {
  const pullFrom = (url: string, ...options: string[]) =>
    runProgram(client, ["-r", "--timeout=5", ...options, url, `${local}/new/`]);

  test("a server that speaks something else", async () => {
    const url = await urlOf(listenWith((socket) => socket.write("SSH-2.0-OpenSSH_9.6\r\n")));
    expect(outcome(await pullFrom(url))).toBe(
      '5: rsync: server sent "SSH-2.0-OpenSSH_9.6" rather than greeting',
    );
  });

  test("a server that says nothing and closes", async () => {
    const url = await urlOf(listenWith((socket) => socket.end()));
    expect(outcome(await pullFrom(url))).toBe("5: rsync: did not see server greeting");
  });

  test("a server that closes after its greeting", async () => {
    const url = await urlOf(listenWith((socket) => socket.end("@RSYNCD: 31.0\n")));
    expect(outcome(await pullFrom(url))).toBe("5: rsync: didn't get server startup line");
  });

  test("a greeting without its sub-protocol", async () => {
    const url = await urlOf(listenWith((socket) => socket.write("@RSYNCD: 31\n")));
    expect(outcome(await pullFrom(url))).toBe(
      "5: rsync: the server omitted the subprotocol value: @RSYNCD: 31",
    );
  });

  test("a line that never ends", async () => {
    const url = await urlOf(listenWith((socket) => socket.write("x".repeat(100_000))));
    expect((await pullFrom(url)).status).toBe(5);
  });

  const S_IFREG = 0o100644;

  /** A daemon whose file list is `list`, and which then sends `answer`. */
  const listing = (list: (writer: Writer) => void, answer?: (talk: Talk) => void) =>
    urlOf(
      fakeDaemon((talk) => {
        talk.write(
          frame((writer) => {
            list(writer);
            writeByte(writer, 0);
          }),
        );
        answer?.(talk);
      }),
    );

  test.each([
    ["../escaped", 4],
    ["/tmp/tsrsync-absolute", 4],
    ["dir/../../escaped", 4],
    ["..", 4],
  ])("a list with the name %s", async (name, code) => {
    const url = await listing((writer) => writeEntry(writer, { name, mode: S_IFREG, size: 5 }));
    const run = await pullFrom(url);
    expect(run.status).toBe(code);
    expect(run.stderr).toContain("ABORTING due to unsafe pathname from sender: ");
    expect(readdirSync(local)).toEqual(["small"]);
    expect(existsSync(`${work}/escaped`)).toBe(false);
  });

  test("a name that is longer than any path", async () => {
    const url = await listing((writer) =>
      writeEntry(writer, { name: "n".repeat(5000), mode: S_IFREG, nameLength: 5000 }),
    );
    expect((await pullFrom(url)).status).not.toBe(0);
    expect(readdirSync(local)).toEqual(["small"]);
  });

  test("a name of two billion bytes", async () => {
    const url = await urlOf(
      fakeDaemon((talk) =>
        talk.write(
          frame((writer) => {
            writeByte(writer, 0x41);
            for (const byte of [0xf0, 0xff, 0xff, 0xff, 0x7f]) writeByte(writer, byte);
          }),
        ),
      ),
    );
    expect((await pullFrom(url)).status).not.toBe(0);
    expect(readdirSync(local)).toEqual(["small"]);
  });

  test("an entry of no known type", async () => {
    const url = await listing((writer) => writeEntry(writer, { name: "odd", mode: 0o170644 }));
    expect((await pullFrom(url)).status).toBe(2);
    expect(readdirSync(local)).toEqual(["small"]);
  });

  test.each([
    { count: 2 ** 31 - 1, blockLength: 700, s2length: 16, remainder: 0 },
    { count: -1, blockLength: 700, s2length: 16, remainder: 0 },
    { count: 1, blockLength: 2 ** 30, s2length: 16, remainder: 0 },
    { count: 1, blockLength: 700, s2length: 200, remainder: 0 },
    { count: 1, blockLength: 700, s2length: 16, remainder: 701 },
  ])(
    "a daemon that asks a push for blocks with $count, $blockLength, $s2length, $remainder",
    async (head) => {
      const url = await urlOf(
        fakeDaemon((talk) => talk.write(frame((writer) => writeRequest(writer, 0, head)))),
      );
      const run = await runProgram(client, ["--timeout=5", `${local}/small`, url], {
        timeoutMs: 20_000,
      });
      // The reference believes a count of any size and waits for the sums.
      const waits = head.count === 2 ** 31 - 1;
      expect(waits ? [2, 12, 22, 30] : [2]).toContain(run.status);
    },
  );

  test("a daemon that asks a push for a file that is not there", async () => {
    const none = { count: 0, blockLength: 0, s2length: 0, remainder: 0 };
    const url = await urlOf(
      fakeDaemon((talk) => talk.write(frame((writer) => writeRequest(writer, 4711, none)))),
    );
    const run = await runProgram(client, ["--timeout=5", `${local}/small`, url]);
    expect(run.status).toBe(2);
  });

  test("a daemon that sends data that nobody asked for", async () => {
    const none = { count: 0, blockLength: 0, s2length: 0, remainder: 0 };
    const url = await listing(
      (writer) => writeEntry(writer, { name: "small", mode: S_IFREG, size: 5 }),
      (talk) => talk.write(frame((writer) => writeRequest(writer, 99, none))),
    );
    expect((await pullFrom(url)).status).toBe(2);
  });

  test("a message of a kind that does not exist", async () => {
    const url = await urlOf(
      fakeDaemon((talk) => talk.write(frame((writer) => writeInt(writer, 1), 77 as never))),
    );
    expect((await pullFrom(url)).status).toBe(12);
  });

  test("a daemon that stops talking is left after the timeout", async () => {
    const url = await urlOf(fakeDaemon(() => {}));
    const run = await runProgram(client, ["-r", "--timeout=1", url, `${local}/new/`]);
    expect(outcome(run)).toBe("30: [Receiver] io timeout after 1 seconds -- exiting");
  });
});

describe.each(IMPLEMENTATIONS)("%s daemon", (daemon) => {
  /** What a daemon answers to these first bytes, after its greeting. */
  async function answerTo(bytes: string): Promise<string> {
    const talk = await call(portOf(daemon));
    await talk.readThrough("\n");
    talk.write(bytes);
    const answer = await talk.readToEnd();
    talk.socket.destroy();
    return answer;
  }

  test.each([
    ["GET / HTTP/1.1\r\nHost: x\r\n\r\n", "@ERROR: protocol startup error\n"],
    ["@RSYNCD: 31\n", "@ERROR: your client omitted the subprotocol value: @RSYNCD: 31\n"],
    ["@RSYNCD: 32.0\n", "@ERROR: your client omitted the digest name list: @RSYNCD: 32.0\n"],
    ["@RSYNCD: 31.0\n#nonsense\n", "@ERROR: Unknown command '#nonsense'\n"],
    ["@RSYNCD: 31.0\nno such module\n", "@ERROR: Unknown module 'no such module'\n"],
    ["@RSYNCD: 31.0\n#early_input=9999999\n", "@ERROR: invalid early_input length\n"],
    [`${"x".repeat(3000)}\n`, ""],
    [`@RSYNCD: 31.0\n${"m".repeat(3000)}\n`, ""],
    ["@RSYNCD: 31.0\nm\0\n", ""],
  ])("%j is answered with %j", async (bytes, answer) => {
    expect(await answerTo(bytes)).toBe(answer);
  });

  test("a client that trickles is dropped when the handshake's time is over", async () => {
    const talk = await call(portOf(daemon));
    talk.write("@RSYNCD: 31.0\nimpatient\n");
    await talk.readThrough("@RSYNCD: OK\n");
    const started = performance.now();
    const trickle = setInterval(() => talk.write("x"), 200);
    await talk.closed();
    clearInterval(trickle);
    talk.socket.destroy();
    const seconds = (performance.now() - started) / 1000;
    expect(seconds).toBeGreaterThan(TIMEOUT_SECONDS - 1);
    expect(seconds).toBeLessThan(TIMEOUT_SECONDS + 5);
    expect(daemons.get(daemon)!.log()).toContain("[Receiver] daemon handshake timeout -- exiting");
    expect(comparable(daemons.get(daemon)!.log())).toContain(
      "rsync error: timeout in data send/receive (code 30) at FILE(LINE) [Receiver=VERSION]",
    );
  });

  test("a client that stalls is dropped after the module's timeout", async () => {
    const words = ["--server", "-re.LsfxC", ".", "impatient/"];
    const talk = await openSession(portOf(daemon), "impatient", words);
    const started = performance.now();
    await talk.closed();
    talk.socket.destroy();
    expect((performance.now() - started) / 1000).toBeLessThan(TIMEOUT_SECONDS + 5);
    await expect
      .poll(() => daemons.get(daemon)!.log(), { timeout: 5000 })
      .toContain(`[Receiver] io timeout after ${TIMEOUT_SECONDS} seconds -- exiting`);
  });

  test("too many arguments", async () => {
    const words = Array.from({ length: 20_000 }, () => "-v");
    const talk = await openSession(portOf(daemon), "m", words);
    await talk.closed();
    talk.socket.destroy();
    await expect
      .poll(() => daemons.get(daemon)!.log(), { timeout: 5000 })
      .toContain("too many daemon arguments");
  });

  const receiving = ["--server", "-re.LsfxC", ".", "m/"];

  test.each(["../escaped", "/tmp/tsrsync-absolute", "dir/../../escaped"])(
    "a pushed list with the name %s",
    async (name) => {
      const talk = await openSession(portOf(daemon), "m", receiving);
      talk.write(
        frame((writer) => {
          writeEntry(writer, { name, mode: 0o100644, size: 5 });
          writeByte(writer, 0);
        }),
      );
      expect(await talk.readToEnd()).toContain("ABORTING due to unsafe pathname from sender: ");
      talk.socket.destroy();
      expect(readdirSync(module)).toEqual(["small"]);
      expect(existsSync(`${work}/escaped`)).toBe(false);
    },
  );

  test("a pushed name that is longer than any path", async () => {
    const talk = await openSession(portOf(daemon), "m", receiving);
    talk.write(
      frame((writer) =>
        writeEntry(writer, { name: "n".repeat(5000), mode: 0o100644, nameLength: 5000 }),
      ),
    );
    await talk.closed();
    talk.socket.destroy();
    expect(readdirSync(module)).toEqual(["small"]);
  });

  test.each([
    [{ count: 2 ** 31 - 1, blockLength: 700, s2length: 16, remainder: 0 }, 22],
    [{ count: 40_000_000, blockLength: 700, s2length: 16, remainder: 0 }, 12],
    [{ count: -5, blockLength: 700, s2length: 16, remainder: 0 }, 2],
    [{ count: 1, blockLength: 2 ** 30, s2length: 16, remainder: 0 }, 2],
    [{ count: 0, blockLength: 700, s2length: 255, remainder: 0 }, 2],
  ])("a pull that asks for blocks with %o", async (head, code) => {
    const { log, process } = daemons.get(daemon)!;
    const before = log().length;
    const words = ["--server", "--sender", "-re.LsfxC", ".", "m/small"];
    const talk = await openSession(portOf(daemon), "m", words);
    talk.write(frame((writer) => writeInt(writer, 0)));
    talk.write(frame((writer) => writeRequest(writer, 0, head)));
    // One that waits for millions of sums is cut off; it must not have taken the memory for them.
    setTimeout(() => talk.socket.end(), 500);
    await talk.closed();
    talk.socket.destroy();
    // The reference believes a count of any size and waits for the sums.
    const expected = daemon === "rsync" && code === 22 ? "(12|22)" : code;
    await expect
      .poll(() => log().slice(before), { timeout: 5000 })
      .toMatch(new RegExp(`rsync error: .* \\(code ${expected}\\)`));
    for (const peak of peakMegabytes(process.pid!)) expect(peak).toBeLessThan(MAX_MEGABYTES);
  });
});
