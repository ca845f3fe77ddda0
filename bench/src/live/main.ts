/**
 * The live benchmark: `tsrsync-watch` and lsyncd (delay 0) mirror the same load into the same real rsyncd, one after the other.
 *
 *     node dist/live/main.js [--rates=10,100,1000] [--seconds=10] [--mirrors=tsrsync-watch,lsyncd] [--directories=100000] [--check]
 *
 * `--check` runs everything once on a small load: it shows that the benchmark works, not how fast anything is.
 */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { LoadResult } from "./load.js";
import { type MirrorName, startMirror, startTarget } from "./mirrors.js";
import { childCount, cpuSeconds, residentMegabytes } from "./process-cost.js";

const LOAD = fileURLToPath(new URL("load.js", import.meta.url));
/** Long enough to tell an idle loop from none. */
const IDLE_SECONDS = 5;

interface Place {
  work: string;
  source: string;
  target: string;
  port: number;
}

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

function runLoad({ source, target }: Place, rate: number, seconds: number): Promise<LoadResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [LOAD, source, target, String(rate), String(seconds)], {
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

async function rateRow(
  name: MirrorName,
  rate: number,
  seconds: number,
  port: number,
): Promise<void> {
  await withPlace(port, async (place) => {
    const mirror = await startMirror(name, { ...place, work: `${place.work}/mirror`, module: "m" });
    await delay(1000);
    const before = cpuSeconds(mirror.pid);
    const result = await runLoad(place, rate, seconds);
    const after = cpuSeconds(mirror.pid);
    const cpu = after.own + after.children - before.own - before.children;
    const hasChildren = after.children > 0 || childCount(mirror.pid) > 0;
    await mirror.stop();
    const cells = [name, rate, result.p50.toFixed(1), result.p99.toFixed(1), result.max.toFixed(1)];
    const lost = result.files - result.arrived + result.wrong;
    console.log(
      `| ${[...cells, result.drain.toFixed(0), cpu.toFixed(2), hasChildren ? "yes" : "no", lost].join(" | ")} |`,
    );
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
    await delay(5000);
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
      mirrors: { type: "string", default: "tsrsync-watch,lsyncd" },
      directories: { type: "string", default: "100000" },
      check: { type: "boolean", default: false },
    },
  });
  const mirrors = values.mirrors.split(",") as MirrorName[];
  const rates = values.check ? [20] : values.rates.split(",").filter(Boolean).map(Number);
  const seconds = values.check ? 1 : Number(values.seconds);
  const directories = values.check ? 200 : Number(values.directories);
  let port = 20_000 + (process.pid % 20_000);
  console.log(
    "| mirror | files/s | p50 ms | p99 ms | max ms | drain ms | CPU s | children | lost or wrong |",
  );
  console.log("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
  for (const rate of rates) {
    for (const name of mirrors) await rateRow(name, rate, seconds, port++);
  }
  if (directories === 0) return;
  console.log("\n| mirror | directories | live s | MB | peak MB | CPU s of 5 s idle |");
  console.log("| --- | --- | --- | --- | --- | --- |");
  for (const name of mirrors) await directoriesRow(name, directories, port++);
}

await main();
