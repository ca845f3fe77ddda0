/**
 * The live mirror under random load (spec 6, 3.6): several writers do all that can be done to a tree while the watcher is killed
 * and the daemon stopped, restarted and frozen; after `flush` the target is what the source is, in everything mirrored.
 *
 * `TSRSYNC_SOAK_LIMITS=1` lowers the limit of watches as well, which is the whole machine's: only when nothing else runs that watches.
 * `TSRSYNC_WATCH_SHARD=4` splits the root into shards of so many directories, as only very large ones are otherwise.
 * Another seed, or many: `TSRSYNC_SOAK_SEED=7 TSRSYNC_SOAK_RUNS=100 npx vitest run --project interop tests/interop/live-soak.test.ts`
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, describe, expect, test } from "vitest";
import {
  canLowerLimits,
  withLimit,
} from "../../packages/watcher/src/inotify/testing-kernel-limits.js";
import { type Implementation, startDaemon, type TestDaemon } from "../support/daemon.js";
import { RandomOperations, randomNumbers } from "../support/live/random-operations.js";
import { WatchProcess } from "../support/live/watch-process.js";
import { isRoot } from "../support/rsync.js";
import { readTree } from "../support/tree.js";

const work = mkdtempSync(`${tmpdir()}/tsrsync-soak-`);
const WRITERS = 3;
const ROUNDS = 8;
const STEPS = 40;
const QUEUE = 16;
const BURSTS = 3;
const WATCHES = 12;
const FIRST_SEED = Number(process.env["TSRSYNC_SOAK_SEED"] ?? 1);
const RUNS = Number(process.env["TSRSYNC_SOAK_RUNS"] ?? 2);
const IS_SPLIT = process.env["TSRSYNC_WATCH_SHARD"] !== undefined;
const SEEDS = Array.from({ length: RUNS }, (_, index) => FIRST_SEED + index);

if (process.env["TSRSYNC_SOAK_KEEP"] === undefined)
  afterAll(() => rmSync(work, { recursive: true, force: true }));

/** What is done to the mirror while the writers write. */
type Disturbance =
  | "none"
  | "kill the watcher"
  | "stop the daemon"
  | "freeze the daemon"
  | "stop the watcher"
  | "a short queue"
  | "few watches";
const DISTURBANCES: readonly Disturbance[] = [
  "kill the watcher",
  "none",
  "freeze the daemon",
  "stop the daemon",
  "a short queue",
  "kill the watcher",
  "stop the watcher",
  ...(process.env["TSRSYNC_SOAK_LIMITS"] === undefined ? [] : (["few watches"] as const)),
];

class Soak {
  readonly source: string;
  readonly target: string;
  readonly outside: string;
  readonly #directory: string;
  readonly #implementation: Implementation;
  readonly #random: (below: number) => number;
  readonly #writers: RandomOperations[];
  #daemon: TestDaemon | null = null;
  #port = 0;
  readonly history: string[] = [];

  constructor(implementation: Implementation, seed: number) {
    this.#directory = `${work}/${implementation}-${seed}`;
    this.#implementation = implementation;
    this.#random = randomNumbers(seed * 1000);
    this.source = `${this.#directory}/source`;
    this.target = `${this.#directory}/target`;
    this.outside = `${this.#directory}/outside`;
    for (const path of [this.source, this.target, this.outside])
      mkdirSync(path, { recursive: true });
    this.#writers = Array.from(
      { length: WRITERS },
      (_, index) =>
        new RandomOperations(this.source, seed * 100 + index, {
          isRoot: isRoot(),
          outside: this.outside,
        }),
    );
  }

  get directory(): string {
    return this.#directory;
  }

  get port(): number {
    return this.#port;
  }

  async startDaemon(): Promise<void> {
    const identity = isRoot() ? "uid = 0\ngid = 0\n" : "";
    this.#daemon = await startDaemon(
      this.#implementation,
      `${this.#directory}/daemon`,
      `${identity}use chroot = no\nmunge symlinks = no\n[m]\npath = ${this.target}\nread only = no\n`,
      this.#port,
    );
    this.#port = this.#daemon.port;
  }

  async stopDaemon(): Promise<void> {
    await this.#daemon?.stop();
    this.#daemon = null;
  }

  /** All writers, in turns that chance decides. */
  async write(steps: number): Promise<void> {
    for (let step = 0; step < steps * WRITERS; step++) {
      const writer = this.#random(WRITERS);
      this.history.push(`${writer}: ${this.#writers[writer]!.step()}`);
      if (this.#random(4) === 0) await delay(this.#random(12));
    }
  }

  /** All writers at once, without a turn of the loop. */
  burst(): void {
    for (let step = 0; step < STEPS; step++) this.#writers[step % WRITERS]!.step();
  }

  end(): void {
    for (const writer of this.#writers) writer.end();
  }

  async disturb(kind: Disturbance, watcher: WatchProcess): Promise<void> {
    this.history.push(kind);
    switch (kind) {
      case "none":
        return this.write(STEPS);
      case "kill the watcher":
      case "stop the watcher":
        await this.write(STEPS / 2);
        await watcher.stop(kind === "kill the watcher" ? "SIGKILL" : "SIGTERM");
        await this.write(STEPS / 2);
        return watcher.start();
      case "a short queue":
        // A burst of writes without a pause is more than it holds: the kernel drops events.
        await watcher.stop();
        if (canLowerLimits()) await withLimit("max_queued_events", QUEUE, () => watcher.start());
        else await watcher.start();
        for (let burst = 0; burst < BURSTS; burst++) this.burst();
        return this.write(STEPS);
      case "few watches":
        await watcher.stop();
        await withLimit("max_user_watches", WATCHES, async () => {
          await watcher.start();
          await this.write(STEPS);
        });
        return;
      case "stop the daemon":
        await this.write(STEPS / 2);
        await this.stopDaemon();
        await this.write(STEPS / 2);
        return this.startDaemon();
      case "freeze the daemon":
        this.#daemon?.process.kill("SIGSTOP");
        await this.write(STEPS);
        this.#daemon?.process.kill("SIGCONT");
    }
  }
}

describe.each<Implementation>(["rsync", "tsrsync"])("%s daemon", (implementation) => {
  test.each(SEEDS)("seed %d: nothing is lost", { timeout: 180_000 }, async (seed) => {
    const soak = new Soak(implementation, seed);
    await soak.startDaemon();
    const watcher = new WatchProcess(
      `${soak.directory}/watcher`,
      `defaults: { live: { pollInterval: 1s }, retry: { max: 1s }, timeout: 20s, delete: { maxFiles: 1000000, maxPercent: 100 } }
roots:
  - name: soak
    path: ${soak.source}
    targets: [{ name: there, url: "rsync://127.0.0.1:${soak.port}/m/" }]
`,
    );
    try {
      await soak.write(STEPS);
      await watcher.start();
      for (let round = 0; round < ROUNDS; round++) {
        await soak.disturb(DISTURBANCES[round % DISTURBANCES.length]!, watcher);
        if (round % 2 === 0) continue;
        // What is still being written is not sent; so nothing is, when trees are compared.
        soak.end();
        const flushed = await watcher.command("flush", "--timeout", "60s");
        const said = `${flushed.stdout}${flushed.stderr}(exit ${flushed.status})`;
        expect(said, soak.history.slice(-20).join("\n")).toMatch(/\(exit 0\)$/);
        expect(
          readTree(soak.target, { owners: isRoot() }),
          watcher.lines().slice(-40).join("\n"),
        ).toEqual(readTree(soak.source, { owners: isRoot() }));
      }
      if (IS_SPLIT) expect((await watcher.command("status")).stdout).toMatch(/in \d+ shards/);
      const verified = await watcher.command("verify");
      expect(`${verified.stdout}${verified.stderr}(exit ${verified.status})`).toMatch(
        /\(exit 0\)$/,
      );
    } finally {
      await watcher.stop();
      await soak.stopDaemon();
    }
  });
});
