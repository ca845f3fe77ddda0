/**
 * Times, devices, FIFOs and sockets by every pair of programs.
 */
import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildAttributeTrees, OLD } from "../support/attribute-trees.js";
import { attributes } from "../support/attributes.js";
import { expectAsRsync, type PairedTransfer, waysInTurn } from "../support/pairs.js";
import { runProgram } from "../support/program.js";
import { isRoot, runCommand } from "../support/rsync.js";
import { noise } from "../support/tree.js";

const work = mkdtempSync(`${tmpdir()}/tsrsync-times-`);
chmodSync(work, 0o755);
const source = `${work}/source/`;
const before = `${work}/before`;

beforeAll(() => {
  process.umask(0o022);
  buildAttributeTrees(source, before);
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

let turn = 0;
const check = (words: string[], changes: Partial<PairedTransfer> = {}): Promise<void> =>
  expectAsRsync({ work, source, words, look: attributes, ways: waysInTurn(turn++), ...changes });

describe("times", () => {
  const look = (target: string) => attributes(target, { atimes: true });
  test.each([[["-rtiUU"]], [["-riU", "--open-noatime"]], [["-rtUUi", "-O"]]])(
    "%j",
    async (words) => {
      for (const path of [`${source}/plain`, `${source}/run`])
        utimesSync(path, OLD + 1000, OLD + 1);
      // Making the target was an access to what it was made from.
      const prepare = (target: string) => {
        for (const name of ["plain", "run", "setuid", "dir/secret"])
          utimesSync(`${target}/${name}`, OLD + 100, OLD);
      };
      await check(words, { before, look, prepare });
    },
  );

  test.each([[["-rltJi"]], [["-rti", "--modify-window=2"]], [["-rti", "--modify-window=-1"]]])(
    "%j",
    (words) => check(words, { before }),
  );

  test.each([28, 29, 30, 31])("far from now, protocol %d", async (protocol) => {
    const far = `${work}/far`;
    rmSync(far, { recursive: true, force: true });
    mkdirSync(far);
    // 1955, 2155, and just before and after what 32 bits can hold.
    for (const time of [-465_000_000, 5_838_048_061, 2 ** 32 - 2, 2 ** 32 + 2]) {
      writeFileSync(`${far}/${time}`, "x");
      runCommand("touch", ["-d", `@${time}`, `${far}/${time}`]);
    }
    const times = (target: string) =>
      readdirSync(target).map((name) => [name, lstatSync(`${target}/${name}`).mtime.getTime()]);
    await check(["-rt", `--protocol=${protocol}`], { source: `${far}/`, look: times });
  });

  test("creation times can not be set here", async () => {
    const results = [];
    for (const program of ["rsync", "tsrsync"] as const) {
      const run = await runProgram(program, ["-aN", source, `${work}/no/`]);
      results.push([run.status, run.stderr.split("\n")[0]]);
    }
    expect(results[1]).toEqual(results[0]);
  });
});

describe.runIf(isRoot())("devices and special files", () => {
  const devices = `${work}/devices/`;
  beforeAll(() => {
    mkdirSync(devices);
    runCommand("mknod", [`${devices}/null`, "c", "1", "3"]);
    runCommand("mknod", [`${devices}/wide`, "b", "259", "70000"]);
    runCommand("mknod", [`${devices}/disk`, "b", "259", "200"]);
    runCommand("mkfifo", [`${devices}/pipe`]);
    for (const name of readdirSync(devices)) utimesSync(`${devices}/${name}`, OLD, OLD);
    utimesSync(devices, OLD, OLD);
  });

  test.each([28, 29, 30, 31, 32])("all kinds, protocol %d", (protocol) =>
    check(["-aD", `--protocol=${protocol}`], { source: devices }),
  );

  test.each([[["-ai", "--no-D"]], [["-ai", "--no-specials"]], [["-ai", "--no-devices"]]])(
    "%j",
    (words) => check(words, { source: devices }),
  );

  test("--drop-D makes none", () => check(["-ai", "--drop-D", "-M--drop-D"], { source: devices }));

  test("an ordinary user gets no devices", () => {
    chownSync(work, 1, 1);
    return check(["-ai"], { source: devices, uid: 1 });
  });
});

const canLoop = isRoot() && runCommand("losetup", ["-f"]).status === 0;

describe.runIf(canLoop)("what is on a device", () => {
  const backing = `${work}/backing`;
  const input = `${work}/input`;
  const BYTES = 65_536;
  let loop = "";

  beforeAll(() => {
    writeFileSync(backing, Buffer.alloc(BYTES));
    mkdirSync(input);
    writeFileSync(`${input}/disk`, noise(BYTES, 5));
    utimesSync(`${input}/disk`, OLD, OLD);
    loop = runCommand("losetup", ["-f", "--show", backing]).stdout.trim();
  });
  afterAll(() => runCommand("losetup", ["-d", loop]));

  const numbers = () => runCommand("stat", ["-c", "%Hr %Lr", loop]).stdout.trim().split(" ");

  test.each([
    ["whole", [], BYTES],
    ["changed", ["--no-W"], BYTES],
    ["shorter", [], 1000],
  ] as const)("is written to with --write-devices (%s)", (_, more, length) => {
    const content = noise(BYTES, 5).subarray(0, length);
    content.write("changed", Math.min(5000, length - 10));
    writeFileSync(`${input}/disk`, content);
    for (const path of [`${input}/disk`, input]) utimesSync(path, OLD, OLD);
    return check(["-rtpi", "--write-devices", ...more], {
      source: `${input}/`,
      prepare(target) {
        runCommand("mknod", [`${target}/disk`, "b", ...numbers()]);
        writeFileSync(loop, noise(BYTES, 7));
      },
      look(target) {
        runCommand("blockdev", ["--flushbufs", loop]);
        const written = createHash("sha1").update(readFileSync(loop)).digest("hex");
        return [attributes(target), written];
      },
    });
  });

  test("is sent as a file with --copy-devices", async () => {
    const nodes = `${work}/nodes/`;
    mkdirSync(nodes);
    runCommand("mknod", [`${nodes}/disk`, "b", ...numbers()]);
    runCommand("mkfifo", [`${nodes}/pipe`]);
    writeFileSync(loop, noise(BYTES, 9));
    await check(["-ri", "--copy-devices", "--specials"], {
      source: nodes,
      look: (target) => readFileSync(`${target}/disk`).equals(noise(BYTES, 9)),
    });
  });
});
