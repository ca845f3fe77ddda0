/**
 * Bursts of renames, with some writing in between, at daemons that take hard links and at such that do not (spec 6, 3.5): after
 * each burst both trees are equal.
 *
 * Another seed, or many: `TSRSYNC_RENAMES_SEED=7 TSRSYNC_RENAMES_RUNS=20 npx vitest run --project interop tests/interop/live-renames-random.test.ts`
 */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { createMirror } from "@tsrsync/watcher";
import { afterAll, expect, test } from "vitest";
import { type Implementation, startDaemon } from "../support/daemon.js";
import { randomNumbers } from "../support/live/random-operations.js";
import { isRoot } from "../support/rsync.js";
import { noise, readTree } from "../support/tree.js";

const work = mkdtempSync(`${tmpdir()}/tsrsync-renames-random-`);
afterAll(() => rmSync(work, { recursive: true, force: true }));

const FIRST_SEED = Number(process.env["TSRSYNC_RENAMES_SEED"] ?? 1);
const RUNS = Number(process.env["TSRSYNC_RENAMES_RUNS"] ?? 1);
const SEEDS = Array.from({ length: RUNS }, (_, index) => FIRST_SEED + index);
const IDS = isRoot() ? "uid = 0\ngid = 0\n" : "";
const ROUNDS = 8;
const FILES = 5;
const FILE_BYTES = 300_000;
/** Few names, so that they are taken again and again. */
const NAMES = ["a", "b", "c", "d", "e f", "\xe4\xf6"];

/** A tree of large files that is turned over, and a target that is meddled with. */
class Shuffler {
  readonly source: string;
  readonly target: string;
  readonly #random: (below: number) => number;
  #time = 0;

  constructor(place: string, seed: number) {
    this.source = `${place}/source`;
    this.target = `${place}/target`;
    this.#random = randomNumbers(seed);
    for (const path of [this.source, this.target]) mkdirSync(path, { recursive: true });
    for (const name of NAMES.slice(0, 4)) this.fill(name);
  }

  burst(): string[] {
    return Array.from({ length: 1 + this.#random(5) }, () => this.#step());
  }

  #step(): string {
    const from = this.#name();
    let to = this.#name();
    while (to === from) to = this.#name();
    const steps: (() => void)[] = [
      () => renameSync(`${this.source}/${from}`, `${this.source}/${to}`),
      () => renameSync(`${this.source}/${from}`, `${this.source}/${to}/${from}`),
      () => this.#meddle(from, () => renameSync(`${this.source}/${from}`, `${this.source}/${to}`)),
      () => renameSync(`${this.source}/${from}/0`, `${this.source}/${to}/${this.#random(6)}`),
      () => renameSync(`${this.source}/${from}/1`, `${this.source}/${from}/x${this.#random(9)}`),
      () => appendFileSync(`${this.source}/${from}/2`, "more"),
      () => truncateSync(`${this.source}/${from}/3`, this.#random(FILE_BYTES)),
      () => writeFileSync(`${this.source}/${from}/2`, noise(FILE_BYTES, this.#random(1000))),
      () => rmSync(`${this.source}/${from}/${this.#random(4)}`),
      () => this.fill(to),
    ];
    const step = this.#random(2) === 0 ? this.#random(3) : this.#random(steps.length);
    try {
      steps[step]!();
    } catch {
      return `${step} ${from} ${to}: not possible`;
    }
    return `${step} ${from} ${to}`;
  }

  /** Changes, or takes away, what the target has of a directory that is renamed at once. */
  #meddle(name: string, rename: () => void): void {
    const file = `${this.target}/${name}/${this.#random(4)}`;
    const isThere = existsSync(file) && statSync(file).isFile();
    rename();
    if (!isThere) return;
    if (this.#random(2) === 0) rmSync(file, { force: true });
    else if (existsSync(file)) appendFileSync(file, "meddled with");
  }

  /** No two files have the same time: what is renamed over one that looks the same, long after both were written, is not told from it. */
  fill(name: string): void {
    mkdirSync(`${this.source}/${name}`, { recursive: true });
    for (let i = 0; i < FILES; i++) {
      const path = `${this.source}/${name}/${i}`;
      writeFileSync(path, noise(FILE_BYTES, this.#random(1000)));
      utimesSync(path, 1_500_000_000, 1_500_000_000 + this.#time++);
    }
  }

  #name(): string {
    return Buffer.from(NAMES[this.#random(NAMES.length)]!, "latin1").toString("utf8");
  }
}

interface Given {
  implementation: Implementation;
  refused: string;
}

const DAEMONS: readonly Given[] = [
  { implementation: "rsync", refused: "none" },
  { implementation: "rsync", refused: "hard-links" },
  { implementation: "rsync", refused: "hard-links link-dest" },
  { implementation: "tsrsync", refused: "hard-links" },
];

test.concurrent.each(DAEMONS.flatMap((given) => SEEDS.map((seed) => ({ ...given, seed }))))(
  "$implementation refusing $refused, seed $seed",
  { timeout: 60_000 },
  async ({ implementation, refused, seed }) => {
    const place = mkdtempSync(`${work}/`);
    const tree = new Shuffler(place, seed);
    const daemon = await startDaemon(
      implementation,
      `${place}/daemon`,
      `socket options = TCP_NODELAY\n${IDS}use chroot = no\nmunge symlinks = no\n[m]\npath = ${tree.target}\nread only = no\nrefuse options = ${refused}\n`,
    );
    const url = `rsync://127.0.0.1:${daemon.port}/m`;
    const mirror = await createMirror({
      defaults: { retry: { first: "0s", min: "100ms", max: "200ms" }, delete: { maxPercent: 100 } },
      roots: [{ name: "r", path: tree.source, targets: [{ name: "t", url }] }],
    });
    let links = 0;
    mirror.on("pushed", ({ plan }) => {
      links += plan.links.length;
    });
    try {
      await mirror.flush();
      const history: string[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        history.push(...tree.burst(), "flush");
        if (round % 3 === 0) await delay(20);
        await mirror.flush();
        expect(readTree(tree.target), history.join("\n")).toEqual(readTree(tree.source));
      }
      tree.fill("whole");
      await mirror.flush();
      const before = links;
      renameSync(`${tree.source}/whole`, `${tree.source}/moved`);
      await mirror.flush();
      expect(links).toBe(before + FILES);
      expect(readTree(tree.target)).toEqual(readTree(tree.source));
    } finally {
      await mirror.close();
      await daemon.stop();
    }
  },
);
