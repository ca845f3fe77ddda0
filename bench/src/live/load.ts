/**
 * The load of the live benchmark, a process of its own: writes files at a steady rate and watches them arrive.
 *
 *     node load.js SOURCE TARGET RATE SECONDS [FIRST]
 *
 * FIRST is the number of the first file; loads that follow each other have other files. Prints one JSON object. A delay runs from the close of a whole new file in the source to the moment its name appears in the
 * target, where a receiver renames it into place.
 */
import { randomFillSync } from "node:crypto";
import {
  closeSync,
  existsSync,
  type FSWatcher,
  mkdirSync,
  openSync,
  readFileSync,
  watch,
  writeSync,
} from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** What came of one load. Times in milliseconds. */
export interface LoadResult {
  files: number;
  arrived: number;
  /** Arrived with other bytes than were written. */
  wrong: number;
  p50: number;
  p99: number;
  max: number;
  /** From the end of the load to the last arrival. */
  drain: number;
}

const DIRECTORIES = 10;
const SMALLEST = 10_000;
const LARGEST = 50_000;
/** How long the last files may take. */
const PATIENCE_MS = 60_000;
/** Who hears of no file for so long looks for them. */
const SILENCE_MS = 2000;

const [source = "", target = "", rateText = "", secondsText = "", firstText = "0"] =
  process.argv.slice(2);
const total = Number(rateText) * Number(secondsText);
const numbers = Array.from({ length: total }, (_, index) => Number(firstText) + index);
const closed = new Map<string, number>();
const arrivedAt = new Map<string, number>();
const noise = randomFillSync(Buffer.alloc(LARGEST * 4));

function watchDirectory(directory: number): FSWatcher {
  return watch(`${target}/d${directory}`, (_, name) => {
    if (name !== null && /^f\d+$/.test(name)) noteArrival(`d${directory}/${name}`);
  });
}

function noteArrival(path: string): void {
  if (!arrivedAt.has(path)) arrivedAt.set(path, performance.now());
}

const pathOf = (number: number): string => `d${number % DIRECTORIES}/f${number}`;

/** The bytes of file `number`: which, and how many, so that they can be compared later. */
function contentOf(number: number): Buffer {
  const size = SMALLEST + ((number * 7919) % (LARGEST - SMALLEST));
  const start = (number * 104_729) % (noise.length - size);
  return noise.subarray(start, start + size);
}

function writeOne(number: number): void {
  const path = pathOf(number);
  const file = openSync(`${source}/${path}`, "wx");
  writeSync(file, contentOf(number));
  closeSync(file);
  closed.set(path, performance.now());
}

/** Keeps the rate by the clock: what is late is written at once. */
async function writeAll(): Promise<void> {
  const started = performance.now();
  const interval = (Number(secondsText) * 1000) / total;
  for (const [index, number] of numbers.entries()) {
    const ahead = started + index * interval - performance.now();
    if (ahead > 1) await delay(ahead);
    else if (index % 20 === 0) await new Promise(setImmediate);
    writeOne(number);
  }
}

async function waitForAll(): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  let looked = performance.now();
  while (arrivedAt.size < total && performance.now() < deadline) {
    await delay(5);
    if (performance.now() - looked < SILENCE_MS) continue;
    // Events of fs.watch have been missing now and then: such a file counts as one that took until now.
    looked = performance.now();
    for (const path of numbers.map(pathOf)) if (existsSync(`${target}/${path}`)) noteArrival(path);
  }
}

function isRight(number: number): boolean {
  try {
    return readFileSync(`${target}/${pathOf(number)}`).equals(contentOf(number));
  } catch {
    return false;
  }
}

function figures(ended: number): LoadResult {
  const delays = [...arrivedAt]
    .map(([path, at]) => at - (closed.get(path) ?? at))
    .sort((a, b) => a - b);
  const quantile = (part: number) =>
    delays[Math.min(delays.length - 1, Math.floor(delays.length * part))] ?? Number.NaN;
  let wrong = 0;
  for (const number of numbers) if (arrivedAt.has(pathOf(number)) && !isRight(number)) wrong++;
  return {
    files: total,
    arrived: arrivedAt.size,
    wrong,
    p50: quantile(0.5),
    p99: quantile(0.99),
    max: delays.at(-1) ?? Number.NaN,
    drain: Math.max(0, Math.max(...arrivedAt.values()) - ended),
  };
}

for (let directory = 0; directory < DIRECTORIES; directory++) {
  mkdirSync(`${source}/d${directory}`, { recursive: true });
  mkdirSync(`${target}/d${directory}`, { recursive: true });
}
const watchers = Array.from({ length: DIRECTORIES }, (_, directory) => watchDirectory(directory));
await delay(500); // directories that are new have been seen by the mirror as well
await writeAll();
const ended = performance.now();
await waitForAll();
for (const watcher of watchers) watcher.close();
console.log(JSON.stringify(figures(ended)));
