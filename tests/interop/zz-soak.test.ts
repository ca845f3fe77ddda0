import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { createMirror } from "@tsrsync/watcher";
import { expect, test } from "vitest";
import { startDaemon } from "../support/daemon.js";
import { RandomOperations, randomNumbers } from "../support/live/random-operations.js";
import { readTree } from "../support/tree.js";
const FIRST = Number(process.env["S"] ?? 1), N = Number(process.env["N"] ?? 20), STEPS = Number(process.env["STEPS"] ?? 150);
test.each(Array.from({ length: N }, (_, i) => FIRST + i))("seed %d", { timeout: 120000 }, async (seed) => {
  const work = mkdtempSync(`${tmpdir()}/zz-soak-`);
  for (const d of ["s", "t", "o"]) mkdirSync(`${work}/${d}`);
  const daemon = await startDaemon((process.env["D"] ?? "rsync") as "rsync", `${work}/d`, `uid=0\ngid=0\nuse chroot=no\nmunge symlinks=no\n[m]\npath=${work}/t\nread only=no\n`);
  const log: string[] = [];
  const mirror = await createMirror({ roots: [{ path: `${work}/s`, targets: [`rsync://127.0.0.1:${daemon.port}/m/`] }], defaults: { delete: { maxFiles: 1000000, maxPercent: 100 } } });
  mirror.on("change", (e) => log.push(`MARK ${e.sequence} ${JSON.stringify(e.marks.map((m) => [m.path, m.reach, m.force]))}`));
  mirror.on("batch", (e) => log.push(`BATCH ${e.batch} seq ${e.sequence} items ${JSON.stringify(e.plan.items)} forced ${JSON.stringify([...e.plan.forced])} del ${JSON.stringify(e.plan.deletes)} links ${JSON.stringify(e.plan.links)} trees ${JSON.stringify(e.plan.trees)}`));
  mirror.on("pushed", (e) => log.push(`PUSHED ${e.batch} failed ${JSON.stringify([...e.outcome.failed])} problems ${JSON.stringify(e.outcome.problems)}`));
  mirror.on("failed", (e) => log.push(`FAILED ${e.batch} ${e.failure} ${e.message}`));
  mirror.on("warning", (e) => log.push(`WARN ${e.text}`));
  const random = randomNumbers(seed * 1000);
  const writers = [0, 1, 2].map((i) => new RandomOperations(`${work}/s`, seed * 100 + i, { isRoot: true, outside: `${work}/o` }));
  try {
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < STEPS; i++) {
        const w = random(3);
        log.push(`OP ${w} ${writers[w]!.step()}`);
        if (random(4) === 0) await delay(random(12));
      }
      for (const w of writers) w.end();
      const flushed = await mirror.flush({ timeoutMs: 20000 });
      const source = readTree(`${work}/s`), target = readTree(`${work}/t`);
      const bad: string[] = [];
      for (const name of new Set([...Object.keys(source), ...Object.keys(target)])) if (JSON.stringify(source[name]) !== JSON.stringify(target[name])) bad.push(`${JSON.stringify(name)}\n  src ${JSON.stringify(source[name])}\n  dst ${JSON.stringify(target[name])}`);
      if (bad.length > 0 || !flushed.reached) {
        const about = bad[0]?.split("\n")[0]?.slice(1, -1) ?? "";
        const last = about.split("/").at(-1)!;
        throw new Error(`seed ${seed} round ${round} ${JSON.stringify(flushed)}\n${bad.slice(0, 3).join("\n")}\n${log.filter((l) => !l.startsWith("OP") && (about !== "." ? l.includes(last) : true) || l.startsWith("WARN") || l.startsWith("FAILED")).slice(-14).map((l) => l.slice(0, 1500)).join("\n")}`);
      }
    }
  } finally { await mirror.close(); await daemon.stop(); rmSync(work, { recursive: true, force: true }); }
  expect(1).toBe(1);
});
