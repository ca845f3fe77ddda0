/**
 * Side-by-side benchmarks: our client and daemon against rsync's, in turn, on one machine, over the loopback interface.
 *
 *     node dist/main.js [--rows=TEXT] [--runs=N] [--check]
 *
 * `--check` runs every row once on small data: it shows that the benchmarks work, not how fast anything is.
 */
import { mkdirSync, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { type Contestant, startContestants } from "./contestants.js";
import { type Measurement, measure, median } from "./measure.js";
import { makeRows, type Row } from "./rows.js";

const NEEDED_BYTES = 6 << 30;

function scratchDirectory(): string {
  const memory = "/dev/shm";
  try {
    const { bavail, bsize } = statfsSync(memory);
    if (bavail * bsize > NEEDED_BYTES) return memory;
  } catch {
    // not a Linux machine
  }
  return tmpdir();
}

async function runRow(row: Row, contestants: Contestant[], work: string, runs: number) {
  const local = `${work}/local`;
  const results = new Map<string, Measurement[]>();
  for (const contestant of contestants) results.set(contestant.name, []);
  for (const { moduleDirectory } of contestants) {
    rmSync(moduleDirectory, { recursive: true, force: true });
    mkdirSync(moduleDirectory, { recursive: true });
  }
  rmSync(local, { recursive: true, force: true });
  mkdirSync(local, { recursive: true });
  const sourceOf = (contestant: Contestant) =>
    row.direction === "push" ? `${local}/source` : `${contestant.moduleDirectory}/source`;
  const targetOf = (contestant: Contestant) =>
    row.direction === "push"
      ? `${contestant.moduleDirectory}/target`
      : `${local}/target-${contestant.name}`;
  const sources = new Set(contestants.map(sourceOf));
  for (const source of sources) {
    mkdirSync(source, { recursive: true });
    row.prepare(source);
  }
  // The first of several runs warms up and does not count.
  for (let run = runs > 1 ? -1 : 0; run < runs; run++) {
    for (const contestant of contestants) {
      const source = sourceOf(contestant);
      const target = targetOf(contestant);
      mkdirSync(target, { recursive: true });
      row.reset(source, target);
      const remote = `rsync://127.0.0.1:${contestant.port}/m/`;
      const [from, to] =
        row.direction === "push"
          ? [`${source}/`, `${remote}target/`]
          : [`${remote}source/`, `${target}/`];
      const args = [...contestant.prefix, ...row.options, from, to];
      const result = await measure(contestant.command, args);
      if (run >= 0) results.get(contestant.name)!.push(result);
    }
  }
  return results;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rows: { type: "string", default: "" },
      runs: { type: "string", default: "5" },
      check: { type: "boolean", default: false },
    },
  });
  const runs = values.check ? 1 : Number(values.runs);
  const work = mkdtempSync(`${scratchDirectory()}/tsrsync-bench-`);
  const contestants = await startContestants(work);
  try {
    console.log("| row | tsrsync s | rsync s | ratio | limit | client peak MB |");
    console.log("| --- | --- | --- | --- | --- | --- |");
    for (const row of makeRows(values.check ? 200 : 1)) {
      if (!row.name.includes(values.rows)) continue;
      const results = await runRow(row, contestants, work, runs);
      const ours = results.get("tsrsync")!;
      const theirs = results.get("rsync")!;
      const seconds = median(ours.map((m) => m.seconds));
      const reference = median(theirs.map((m) => m.seconds));
      const peak = Math.max(...ours.map((m) => m.peakMegabytes));
      console.log(
        `| ${row.name} | ${seconds.toFixed(2)} | ${reference.toFixed(2)} | ${(seconds / reference).toFixed(2)} | ${row.limit} | ${peak.toFixed(0)} |`,
      );
    }
  } finally {
    for (const contestant of contestants) await contestant.stop();
    rmSync(work, { recursive: true, force: true });
  }
}

await main();
