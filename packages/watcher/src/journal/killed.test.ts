import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openJournal } from "./journal.js";

const packages = fileURLToPath(new URL("../../../", import.meta.url));
let directory: string;
let program: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "tsrsync-killed-"));
  mkdirSync(join(directory, "root"));
  // Where the libraries are found that are not bundled.
  program = join(packages, "watcher", "dist", `killed-child-${process.pid}.mjs`);
  await build({
    entryPoints: [fileURLToPath(new URL("./testing-killed-child.ts", import.meta.url))],
    outfile: program,
    bundle: true,
    format: "esm",
    platform: "node",
    external: ["classic-level", "koffi", "hash-wasm", "iconv-lite"],
    plugins: [
      {
        name: "sources",
        setup: ({ onResolve }) => {
          onResolve({ filter: /^@tsrsync\// }, ({ path }) => {
            const [, name = "", ...inside] = path.split("/");
            return { path: join(packages, name, "src", ...inside, "index.ts") };
          });
        },
      },
    ],
    logLevel: "error",
  });
}, 60_000);

afterAll(() => {
  rmSync(program, { force: true });
  rmSync(directory, { recursive: true, force: true });
});

/** Runs the program for a while; what it told until it was killed. */
async function runAndKill(state: string, ms: number): Promise<string[]> {
  const child: ChildProcess = spawn(process.execPath, [program, state, join(directory, "root")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let told = "";
  const begun = new Promise<void>((resolve) => {
    child.stdout?.on("data", (bytes: Buffer) => {
      told += bytes.toString();
      if (told.includes("c ")) resolve();
    });
  });
  const closed = new Promise((resolve) => child.once("close", resolve));
  await Promise.race([begun, closed]);
  await new Promise((resolve) => setTimeout(resolve, ms));
  child.kill("SIGKILL");
  await closed;
  return told.split("\n").slice(0, -1);
}

/** The paths that were dirty, or were marked in lines that are known to be written, and not settled since. */
function mustBeDirty(before: ReadonlySet<string>, lines: readonly string[]): Set<string> {
  const commits = lines.filter((line) => line.startsWith("c "));
  const written = Math.max(0, ...commits.map((line) => Number(line.slice(2))));
  const paths = new Set(before);
  for (const [index, line] of lines.entries()) {
    if (line.startsWith("m ") && index < written) paths.add(line.slice(2));
    if (line.startsWith("s ")) paths.delete(line.slice(2));
  }
  return paths;
}

test("a process that is killed leaves everything that it had written", async () => {
  const state = join(directory, "state");
  let before = new Set<string>();
  let checked = 0;
  for (const ms of [50, 200, 20, 350, 120]) {
    const lines = await runAndKill(state, ms);
    const journal = await openJournal(state);
    expect(journal.lastStop).toBe("killed");
    const stored = await journal.root("r", join(directory, "root"), ["one"]);
    const dirty = new Set([...stored.dirtyMap("one").list()].map(({ path }) => path));
    const needed = mustBeDirty(before, lines);
    checked += needed.size;
    expect([...needed].filter((path) => !dirty.has(path))).toEqual([]);
    before = dirty;
    await journal.close();
  }
  expect(checked).toBeGreaterThan(100);
}, 60_000);
