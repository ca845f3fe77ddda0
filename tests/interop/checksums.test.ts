/**
 * Checksums: every name for the transfer and for `-c`, and what the programs negotiate, in all pairings.
 */
import { utimesSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { noise, text } from "../support/data.js";
import { Ground, outcomeOf, PAIRINGS, type Pairing } from "../support/pairing.js";
import { comparable } from "../support/program.js";
import { readTree } from "../support/tree.js";

const ground = new Ground("checksums");

beforeAll(() => ground.startDaemons({ m: "" }));
afterAll(() => ground.clear());

const NAMES = ["md4", "md5", "sha1", "xxh64", "xxh3", "xxh128"];
const PAIRS = ["xxh64,md5", "none,xxh128", "auto,sha1"];
const CHANGED = new Set(["words", "noise"]);
const TIME = 1_700_000_000;

/** Files of the same sizes and times on both sides, two of which differ. */
function fill(source: string, target: string): void {
  const files = { words: text(4000, 1), noise: noise(200_000, 2), same: text(3000, 3), empty: "" };
  for (const [name, content] of Object.entries(files)) {
    const old = Buffer.from(content);
    if (CHANGED.has(name)) old.fill("x", 100_000, 100_010);
    for (const [directory, bytes] of [
      [source, content],
      [target, old],
    ] as const) {
      writeFileSync(`${directory}/${name}`, bytes);
      utimesSync(`${directory}/${name}`, TIME, TIME);
    }
  }
}

describe.each(PAIRINGS)("$client client, $server server, $direction", (pairing) => {
  test.each([...NAMES, ...PAIRS])("-c with %s finds what differs, and mends it", async (name) => {
    const { source, target, sync } = ground.route(pairing, { module: "m" });
    fill(source, target);
    const options = [`--checksum-choice=${name}`, "--checksum-seed=77"];
    const run = await sync(["-rtcO", "--no-W", "--stats", ...options]);
    expect(outcomeOf(run)).toBe("(exit 0)");
    expect(/files transferred: (\d+)/.exec(run.stdout)?.[1]).toBe("2");
    const literal = Number(/Literal data: ([\d,]+)/.exec(run.stdout)![1]!.replaceAll(",", ""));
    // A sum is what deltas need.
    expect(literal).toBeGreaterThan(name.startsWith("none") ? 100_000 : 0);
    if (!name.startsWith("none")) expect(literal).toBeLessThan(20_000);
    const compared = { times: "s", directoryTimes: false } as const;
    expect(readTree(target, compared)).toEqual(readTree(source, compared));
  });

  test("without a sum for -c there is nothing to compare by", async () => {
    const { source, target, sync } = ground.route(pairing, "shell");
    fill(source, target);
    const run = await sync(["-rtc", "--checksum-choice=none"]);
    expect(run.stderr).toContain("Invalid checksum-choice for --checksum: none (0)");
    // A client that asks before its server is gone says 4 itself.
    expect([4, 12]).toContain(run.status);
  });
});

describe("what the environment allows, and what both have", () => {
  const COMPARED: Pairing[] = [
    { client: "tsrsync", server: "rsync", direction: "push" },
    { client: "rsync", server: "tsrsync", direction: "pull" },
  ];

  async function outcomes(pairing: Pairing, words: string[], env: Record<string, string>) {
    const { source, sync } = ground.route(pairing, "shell");
    writeFileSync(`${source}/file`, "content");
    const run = await sync(["-rt", "--debug=nstr", ...words], env);
    const told = run.stdout.split("\n").filter((line) => /checksum|compress/.test(line));
    const errors = comparable(run.stderr).split("\n");
    return {
      told,
      status: run.status,
      error: errors.find((line) => /Failed|refused|unknown/.test(line)),
    };
  }

  test.each([
    [["-z"], { RSYNC_COMPRESS_LIST: "lz4 zlib", RSYNC_CHECKSUM_LIST: "XXHASH nonsense md5" }],
    [["-z"], { RSYNC_COMPRESS_LIST: "zlibx & lz4 zlibx", RSYNC_CHECKSUM_LIST: "sha1&md4 sha1" }],
    [["--zc=lz4", "--cc=xxh3"], {}],
    [["--zc=zlib", "--zl=0"], {}],
    [["--zc=none", "--zl=4"], {}],
    [["-zz", "--cc=md5,sha1"], {}],
    [["-z", "--protocol=29"], { RSYNC_COMPRESS_LIST: "zlib" }],
    [["-z", "--protocol=29"], { RSYNC_COMPRESS_LIST: "lz4" }],
    [[], { RSYNC_CHECKSUM_LIST: "md4 & md5" }],
    [["-z"], { RSYNC_COMPRESS_LIST: "lz4 & zlib" }],
    [["-z"], { RSYNC_COMPRESS_LIST: "nonsense" }],
    [["--zc=lz4"], { RSYNC_COMPRESS_LIST: "zlib" }],
    [["--cc=md5"], { RSYNC_CHECKSUM_LIST: "xxh64" }],
    [["--zc=nonsense"], {}],
  ] as [string[], Record<string, string>][])(
    "%j with %j is as between two rsyncs",
    async (words, env) => {
      for (const pairing of COMPARED) {
        const expected = await outcomes(
          { ...pairing, client: "rsync", server: "rsync" },
          words,
          env,
        );
        expect(await outcomes(pairing, words, env), JSON.stringify(pairing)).toEqual(expected);
      }
    },
  );
});
