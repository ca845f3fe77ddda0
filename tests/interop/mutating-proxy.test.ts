/**
 * Real programs with a faulty line between them (see tests/fuzz/faulty-line.ts). Whatever the line does: our side ends in time,
 * with an exit code of rsync's and without a stack trace; nothing outside the destination is touched; files there are whole and
 * none is left over; and the daemon serves the next client from the memory that it always needs.
 *
 * `TSRSYNC_FUZZ_SEED` starts elsewhere, `TSRSYNC_FUZZ_SESSIONS` makes more runs of each kind.
 */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { pull } from "tsrsync";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FaultyLine } from "../fuzz/faulty-line.js";
import { Random } from "../fuzz/random.js";
import { type Implementation, startDaemon, type TestDaemon } from "../support/daemon.js";
import { type Listening, listenWith } from "../support/hostile.js";
import { peakMegabytes } from "../support/memory.js";
import { runProgram } from "../support/program.js";
import { isRoot } from "../support/rsync.js";
import { noise } from "../support/tree.js";

const SEED = Number(process.env["TSRSYNC_FUZZ_SEED"] ?? 1);
const SESSIONS = Number(process.env["TSRSYNC_FUZZ_SESSIONS"] ?? 4);
/** A session that has stalled is cut off after this time, and has to be over soon after. */
const STALL_MS = 4000;
const END_MS = 25_000;
const MAX_MEGABYTES = 400;

const work = mkdtempSync(`${tmpdir()}/tsrsync-faulty-`);
chmodSync(work, 0o755);
const modules = `${work}/modules`;
const locals = `${work}/locals`;
const canaries = `${work}/canaries`;
const daemons = new Map<Implementation, TestDaemon>();

beforeAll(async () => {
  for (const directory of [modules, locals, canaries]) mkdirSync(directory);
  writeFileSync(`${canaries}/bird`, "alive\n");
  for (const daemon of ["tsrsync", "rsync"] as const) {
    const identity = isRoot() ? "uid = 0\ngid = 0\n" : "";
    const config = `use chroot = no\n${identity}[m]\npath = ${modules}\nread only = no\ntimeout = 5\n`;
    daemons.set(daemon, await startDaemon(daemon, `${work}/${daemon}`, config));
  }
});

afterAll(async () => {
  for (const daemon of daemons.values()) await daemon.stop();
  rmSync(work, { recursive: true, force: true });
});

/** A proxy to a daemon over a line with faults. */
function faultyProxy(port: number, random: Random): Promise<Listening> {
  return listenWith((client) => {
    const daemon = connect(port, "127.0.0.1");
    const end = () => {
      client.destroy();
      daemon.destroy();
    };
    const stall = setTimeout(end, STALL_MS);
    for (const socket of [client, daemon]) {
      socket.on("error", end);
      socket.on("close", () => {
        clearTimeout(stall);
        socket === client ? daemon.destroySoon() : client.destroySoon();
      });
    }
    const forward = (from: Socket, to: Socket) => {
      // Early faults hit the handshake, late ones the data.
      const line = new FaultyLine(random, 1 << (8 + random.below(10)), random.below(3));
      from.on("data", (chunk: Buffer) => {
        const bytes = line.pass(chunk);
        if (bytes !== null && bytes.length > 0 && !to.destroyed) to.write(bytes);
        if (line.isCut) setImmediate(end);
      });
      from.on("end", () => to.end());
    };
    forward(client, daemon);
    forward(daemon, client);
  });
}

const BIG = 150_000;
const fresh: Record<string, Buffer> = {
  small: Buffer.from("small\n"),
  big: noise(BIG, 5),
  "dir/one": noise(5000, 6),
  "dir/two": noise(40_000, 7),
};
const old: Record<string, Buffer> = {
  small: Buffer.from("another\n"),
  big: Buffer.concat([Buffer.from("in front"), fresh["big"]!.subarray(0, BIG - 9999)]),
  "dir/one": Buffer.from("one"),
  "dir/extra": Buffer.from("extra"),
};

function fill(directory: string, files: Record<string, Buffer>): void {
  mkdirSync(`${directory}/dir`, { recursive: true });
  for (const [name, content] of Object.entries(files))
    writeFileSync(`${directory}/${name}`, content);
}

/** All regular files and links below a directory. */
function namesIn(directory: string, prefix = ""): string[] {
  return readdirSync(`${directory}/${prefix}`, { withFileTypes: true }).flatMap((item) =>
    item.isDirectory() ? namesIn(directory, `${prefix}${item.name}/`) : [prefix + item.name],
  );
}

const temporaries = (directory: string) =>
  namesIn(directory).filter((name) => /(^|\/)\.[^/]+\.\w{6}$/.test(name));

const PAIRS = [
  ["tsrsync", "tsrsync"],
  ["tsrsync", "rsync"],
  ["rsync", "tsrsync"],
] as const;

const OPTIONS = [
  ["-rt"],
  ["-aI", "--delete", "-B700", "--no-W"],
  ["-az", "--no-W"],
  ["-aH", "--inplace", "--no-W"],
  ["-aAX", "--no-i-r"],
  ["-rtc", "--protocol=29"],
] as const;

const known = new Set(
  [...Object.values(fresh), ...Object.values(old)].map((b) => b.toString("hex")),
);
// 7 and 255: codes that the line makes up are passed on.
const codes = [0, 1, 2, 3, 4, 5, 7, 10, 11, 12, 13, 14, 20, 22, 23, 24, 25, 30, 35, 255];

interface Run {
  client: Implementation;
  daemon: Implementation;
  isPush: boolean;
  options: readonly string[];
  seed: number;
}

async function play({ client, daemon, isPush, options, seed }: Run): Promise<void> {
  const name = `${client}-${daemon}-${seed}`;
  const [local, module] = [`${locals}/${name}`, `${modules}/${name}`];
  const [source, target] = isPush ? [local, module] : [module, local];
  fill(source, fresh);
  fill(target, old);
  // A name that the list may come to have leads out.
  symlinkSync(canaries, `${target}/dis`);
  const proxy = await faultyProxy(daemons.get(daemon)!.port, new Random(seed));
  const url = `rsync://127.0.0.1:${proxy.port}/m/${name}/`;
  const words = [...options, "--timeout=5", ...(isPush ? [`${local}/`, url] : [url, `${local}/`])];
  const run = await runProgram(client, words, { timeoutMs: STALL_MS + END_MS });
  await proxy.close();
  if (client === "tsrsync") {
    expect(run.status, `${run.stderr}`).not.toBeNull();
    expect(run.stderr).not.toMatch(/TypeError|RangeError|ReferenceError|UnhandledPromise|^ +at /m);
    expect(codes).toContain(run.status);
  }
  await expect.poll(() => temporaries(target), { timeout: 8000 }).toEqual([]);
  for (const file of namesIn(target)) {
    if (options.includes("--inplace") || file === "dis") continue;
    const content = readFileSync(`${target}/${file}`);
    expect(known.has(content.toString("hex")), `${file}: ${content.length} bytes`).toBe(true);
  }
  for (const directory of [local, module]) rmSync(directory, { recursive: true });
}

test.each(PAIRS)("%s client, %s daemon", { timeout: 120_000 }, async (client, daemon) => {
  const runs: Run[] = [];
  for (let i = 0; i < SESSIONS * OPTIONS.length; i++) {
    const options = OPTIONS[i % OPTIONS.length]!;
    runs.push({
      client,
      daemon,
      isPush: (i & 1) === Math.floor(i / OPTIONS.length) % 2,
      options,
      seed: SEED + i,
    });
  }
  const worker = async () => {
    for (let run = runs.shift(); run !== undefined; run = runs.shift()) {
      const { seed, options, isPush } = run;
      await play(run).catch((cause: unknown) => {
        const what = `${isPush ? "push" : "pull"} ${options.join(" ")}`;
        throw new Error(`${what} with TSRSYNC_FUZZ_SEED=${seed}`, { cause });
      });
    }
  };
  await Promise.all(Array.from({ length: 6 }, worker));
  expect(readdirSync(canaries)).toEqual(["bird"]);
  expect(readFileSync(`${canaries}/bird`, "latin1")).toBe("alive\n");
  expect(existsSync("/etc/canary")).toBe(false);
  expect(readdirSync(work).sort()).toEqual(["canaries", "locals", "modules", "rsync", "tsrsync"]);
  if (daemon !== "tsrsync") return;
  fill(`${modules}/clean`, fresh);
  const { port, process } = daemons.get(daemon)!;
  const answer = await pull(`rsync://127.0.0.1:${port}/m/clean/`, `${locals}/clean/`);
  expect(answer).toMatchObject({ exitCode: 0, problems: [] });
  for (const directory of [`${modules}/clean`, `${locals}/clean`])
    rmSync(directory, { recursive: true });
  for (const peak of peakMegabytes(process.pid!)) expect(peak).toBeLessThan(MAX_MEGABYTES);
});
