/**
 * The live benchmark: `tsrsync-watch` and lsyncd (delay 0) mirror the same load into the same real rsyncd, one after the other.
 *
 *     node dist/live/main.js [--rates=10,100,1000] [--seconds=10] [--warm=30] [--mirrors=tsrsync-watch,lsyncd] [--directories=100000] [--check]
 *
 * Each rate is measured twice: by a mirror that has just been started, and by the same one after `--warm` seconds with 100 files
 * per second, since a mirror runs for months. The delays are those of the first.
 *
 * `--check` runs everything once on a small load: it shows that the benchmark works, not how fast anything is.
 */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { LoadResult } from "./load.js";
import { type Mirror, type MirrorName, startMirror, startTarget } from "./mirrors.js";
import { childCount, cpuSeconds, residentMegabytes } from "./process-cost.js";

const LOAD = fileURLToPath(new URL("load.js", import.meta.url));
/** Long enough to tell an idle loop from none. */
const IDLE_SECONDS = 5;
/** A mirror that is live compares the trees for the first time; it is idle after that. */
const COMPARISON_MS = 10_000;

interface Place {
  work: string;
  source: string;
  target: string;
  port: number;
}

/** Files per second, for so many seconds; the number of the first. */
interface Load {
  rate: number;
  seconds: number;
  first: number;
}

/** Warms a mirror up. */
const WARM_RATE = 100;

/** Runs `body` with a fresh source, target and rsyncd. */
async function withPlace(port: number, body: (place: Place) => Promise<void>): Promise<void> {
  const work = mkdtempSync("/dev/shm/tsrsync-live-");
  const place = { work, source: `${work}/source`, target: `${work}/target`, port };
  for (const directory of [place.source, place.target]) mkdirSync(directory);
  const stopTarget = await startTarget(work, place.target, port);
  try {
    await body(place);
  } finally {
    await stopTarget();
    rmSync(work, { recursive: true, force: true });
  }
}

function runLoad({ source, target }: Place, { rate, seconds, first }: Load): Promise<LoadResult> {
  return new Promise((resolve, reject) => {
    const numbers = [rate, seconds, first].map(String);
    const child = spawn(process.execPath, [LOAD, source, target, ...numbers], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(JSON.parse(text) as LoadResult);
      else reject(new Error(`the load ended with ${code}`));
    });
  });
}

/** A load, and the CPU seconds that it took the mirror and its children. */
async function measure(
  place: Place,
  mirror: Mirror,
  load: Load,
): Promise<{ result: LoadResult; cpu: number }> {
  const before = cpuSeconds(mirror.pid);
  const result = await runLoad(place, load);
  const after = cpuSeconds(mirror.pid);
  return { result, cpu: after.own + after.children - before.own - before.children };
}

async function rateRow(
  name: MirrorName,
  { rate, seconds, warm, port }: { rate: number; seconds: number; warm: number; port: number },
): Promise<void> {
  await withPlace(port, async (place) => {
    const mirror = await startMirror(name, { ...place, work: `${place.work}/mirror`, module: "m" });
    await delay(1000);
    const { result, cpu } = await measure(place, mirror, { rate, seconds, first: 0 });
    const first = rate * seconds;
    await runLoad(place, { rate: WARM_RATE, seconds: warm, first });
    const later = await measure(place, mirror, { rate, seconds, first: first + WARM_RATE * warm });
    const hasChildren = cpuSeconds(mirror.pid).children > 0 || childCount(mirror.pid) > 0;
    await mirror.stop();
    const delays = [result.p50, result.p99, result.max].map((delay) => delay.toFixed(1));
    const costs = [cpu, later.cpu].map((seconds) => seconds.toFixed(2));
    const lost = [result, later.result].reduce(
      (sum, { files, arrived, wrong }) => sum + files - arrived + wrong,
      0,
    );
    const cells = [name, rate, ...delays, result.drain.toFixed(0), ...costs];
    console.log(`| ${[...cells, hasChildren ? "yes" : "no", lost].join(" | ")} |`);
  });
}

/** Many directories, equal at both ends: how long until live, what memory, what an idle mirror costs. */
async function directoriesRow(name: MirrorName, count: number, port: number): Promise<void> {
  await withPlace(port, async (place) => {
    for (const root of [place.source, place.target]) {
      for (let number = 0; number < count; number++) {
        mkdirSync(`${root}/${number % 100}/${number}`, { recursive: true });
      }
    }
    const started = performance.now();
    const mirror = await startMirror(name, { ...place, work: `${place.work}/mirror`, module: "m" });
    const live = (performance.now() - started) / 1000;
    await delay(COMPARISON_MS);
    const memory = residentMegabytes(mirror.pid);
    const before = cpuSeconds(mirror.pid);
    await delay(IDLE_SECONDS * 1000);
    const idle = cpuSeconds(mirror.pid).own - before.own;
    await mirror.stop();
    console.log(
      `| ${[name, count, live.toFixed(2), memory.now.toFixed(0), memory.peak.toFixed(0), idle.toFixed(2)].join(" | ")} |`,
    );
  });
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rates: { type: "string", default: "10,100,1000" },
      seconds: { type: "string", default: "10" },
      warm: { type: "string", default: "30" },
      mirrors: { type: "string", default: "tsrsync-watch,lsyncd" },
      directories: { type: "string", default: "100000" },
      check: { type: "boolean", default: false },
    },
  });
  const mirrors = values.mirrors.split(",") as MirrorName[];
  const rates = values.check ? [20] : values.rates.split(",").filter(Boolean).map(Number);
  const seconds = values.check ? 1 : Number(values.seconds);
  const warm = values.check ? 1 : Number(values.warm);
  const directories = values.check ? 200 : Number(values.directories);
  let port = 20_000 + (process.pid % 20_000);
  console.log(
    "| mirror | files/s | p50 ms | p99 ms | max ms | drain ms | CPU s | CPU s later | children | lost or wrong |",
  );
  console.log("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
  for (const rate of rates) {
    for (const name of mirrors) await rateRow(name, { rate, seconds, warm, port: port++ });
  }
  if (directories === 0) return;
  console.log("\n| mirror | directories | live s | MB | peak MB | CPU s of 5 s idle |");
  console.log("| --- | --- | --- | --- | --- | --- |");
  for (const name of mirrors) await directoriesRow(name, directories, port++);
}

await main();
