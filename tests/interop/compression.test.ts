/**
 * Compression: {our client, rsync} x {our daemon or server, rsync's} x {push, pull}, with new files and deltas, with and
 * without the history of zlib.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { SUPPORTED_COMPRESSIONS } from "@tsrsync/transfer";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { noise, text } from "../support/data.js";
import { Ground, outcomeOf, PAIRINGS, type Pairing } from "../support/pairing.js";
import { comparable, type ProgramRun } from "../support/program.js";
import { readTree } from "../support/tree.js";

const ground = new Ground("compression");

beforeAll(() =>
  ground.startDaemons({
    m: "",
    stored: "dont compress = *",
    refusing: "refuse options = compress",
  }),
);

afterAll(() => ground.clear());

/** The tree that is sent, in its first state or changed. */
function fill(directory: string, changed: boolean): void {
  mkdirSync(`${directory}/sub`, { recursive: true });
  const words = text(12_000, 1);
  const random = noise(300_000, 2);
  const mixed = Buffer.concat([text(3000, 3), noise(90_000, 4), text(3000, 5)]);
  const edit = (bytes: Buffer) =>
    changed
      ? Buffer.concat([
          text(20, 9),
          bytes.subarray(0, 70_000),
          Buffer.from("!"),
          bytes.subarray(70_000, 150_000),
          bytes.subarray(40_000, 40_300),
          bytes.subarray(151_000),
          noise(70_000, 7),
        ])
      : bytes;
  for (const [name, bytes] of Object.entries({ words, random, mixed, "sub/packed.gz": random })) {
    writeFileSync(`${directory}/${name}`, edit(bytes));
  }
  writeFileSync(`${directory}/empty`, changed ? "no more" : "");
  writeFileSync(`${directory}/zeros`, Buffer.alloc(500_000));
  for (let i = 0; i < 20; i++) writeFileSync(`${directory}/sub/${i}`, edit(text(i * 3, i)));
}

const treeOf = (directory: string) => readTree(directory, { times: "s", directoryTimes: false });

/** A tree into nothing, then the changed tree over it; answers with the first run. */
async function carry(pairing: Pairing, by: { module: string } | "shell", words: string[]) {
  const { source, target, sync } = ground.route(pairing, by);
  fill(source, false);
  const first = await sync(["-rt", ...words, "--stats"]);
  expect(outcomeOf(first)).toBe("(exit 0)");
  expect(treeOf(target)).toEqual(treeOf(source));
  fill(source, true);
  const second = await sync(["-rtI", ...words, "--no-W", "--stats"]);
  expect(outcomeOf(second)).toBe("(exit 0)");
  expect(treeOf(target)).toEqual(treeOf(source));
  return first;
}

const totalBytes = ({ stdout }: ProgramRun): number =>
  [...stdout.matchAll(/Total bytes \w+: ([\d,]+)/g)]
    .map(([, digits]) => Number(digits!.replaceAll(",", "")))
    .reduce((sum, count) => sum + count);

const REFUSAL = "The server is configured to refuse --compress (-z)";

describe.each(PAIRINGS)("$client client, $server server, $direction", (pairing) => {
  const names = SUPPORTED_COMPRESSIONS.filter((name) => name !== "none");

  test.each(names)("%s carries new files and deltas", async (name) => {
    const first = await carry(pairing, { module: "m" }, [`--compress-choice=${name}`]);
    // Of 2.5 MB 700 KB are noise; the rest becomes small.
    expect(totalBytes(first)).toBeLessThan(1_500_000);
  });

  test("plain -z over a remote shell", async () => {
    expect(totalBytes(await carry(pairing, "shell", ["-z"]))).toBeLessThan(1_500_000);
  });

  test("the old rules of zlib with blocks of 66000 bytes", async () => {
    await carry(pairing, { module: "m" }, ["-z", "--protocol=30", "-B66000"]);
    await carry(pairing, { module: "m" }, ["-z", "--protocol=29", "-B66000"]);
  });

  test("a module that compresses nothing", async () => {
    const stored = await carry(pairing, { module: "stored" }, [
      "-zz",
      "--skip-compress=gz",
      "--zt=4",
    ]);
    // The daemon is told not to compress; its clients do.
    if (pairing.direction === "pull") expect(totalBytes(stored)).toBeGreaterThan(2_000_000);
  });

  test("a level that turns compression off", async () => {
    const off = await carry(pairing, { module: "m" }, ["--old-compress", "--zl=0"]);
    expect(totalBytes(off)).toBeGreaterThan(2_000_000);
  });

  test("a module that refuses compression says so", async () => {
    const { source, target, sync } = ground.route(pairing, { module: "refusing" });
    fill(source, false);
    for (const words of [["-z"], ["--zc=lz4"], ["--zl=3"]]) {
      const refused = await sync(["-rt", ...words]);
      expect(comparable(refused.stderr)).toContain(REFUSAL);
      expect(refused.status).not.toBe(0);
      expect(existsSync(`${target}/words`)).toBe(false);
    }
    expect(outcomeOf(await sync(["-rt"]))).toBe("(exit 0)");
  });
});
