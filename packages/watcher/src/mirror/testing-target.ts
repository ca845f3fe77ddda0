/**
 * A target for tests of the engine: a local directory, and failures on demand.
 * @module
 */
import {
  chmodSync,
  copyFileSync,
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
} from "node:fs";
import type { ByteString } from "@tsrsync/protocol/wire";
import type {
  Target,
  TargetComparison,
  TargetDifference,
  TargetEntry,
  VerifyOptions,
} from "../target/target.js";
import type { Capabilities, PushOutcome, PushPlan } from "../target/types.js";

const CAPABLE: Capabilities = {
  missingArguments: true,
  deletes: true,
  hardLinks: true,
  renameOptions: [],
  nanoseconds: true,
};

/** Mirrors into a directory. */
export class DirectoryTarget implements Target {
  readonly plans: PushPlan[] = [];
  readonly #source: string;
  readonly #directory: string;
  /** Called before each push: throws to fail it, returns the paths that do not arrive. */
  beforePush: () => Promise<readonly ByteString[]> = () => Promise.resolve([]);
  capabilities: Capabilities = CAPABLE;

  constructor(source: string, directory: string) {
    this.#source = source;
    this.#directory = directory;
  }

  probe(): Promise<Capabilities> {
    return Promise.resolve(this.capabilities);
  }

  async push(plan: PushPlan): Promise<PushOutcome> {
    const refused = new Set(await this.beforePush());
    this.plans.push(plan);
    const items = plan.items.filter((path) => !refused.has(path)).toSorted();
    for (const path of plan.deletes) rmSync(this.#there(path), { recursive: true, force: true });
    for (const path of items) this.#bring(path);
    for (const path of plan.trees) cpSync(this.#here(path), this.#there(path), { recursive: true });
    for (const path of items.toReversed()) this.#finish(path);
    return {
      failed: new Map([...refused].map((path) => [path, "Permission denied"])),
      problems: [],
      files: items.length,
      bytes: 0,
      sentBytes: 0,
      matchedBytes: 0,
      deleted: plan.deletes.length,
    };
  }

  list(paths: readonly ByteString[]): Promise<TargetEntry[]> {
    const entries: TargetEntry[] = [];
    const visit = (below: string) => {
      if (!lstatSync(this.#there(below), { throwIfNoEntry: false })?.isDirectory()) return;
      for (const name of readdirSync(this.#there(below))) {
        const at = below === "" ? name : `${below}/${name}`;
        const { mode, size, mtimeMs } = lstatSync(this.#there(at));
        entries.push({ path: at, mode, size, mtime: Math.floor(mtimeMs / 1000) });
        if ((mode & 0o170000) === 0o040000) visit(at);
      }
    };
    for (const path of paths) visit(path);
    return Promise.resolve(entries);
  }

  /** What a comparison finds among the paths asked for. */
  differences: readonly TargetDifference[] = [];

  async verify({ paths }: VerifyOptions = {}): Promise<TargetComparison> {
    const entries = paths?.length ?? (await this.list([""])).length;
    const isAsked = ({ path }: TargetDifference) => paths === undefined || paths.includes(path);
    return { entries, differences: this.differences.filter(isAsked) };
  }

  /** How often it was asked whether the target is there. */
  reached = 0;

  reach(): Promise<void> {
    this.reached++;
    return Promise.resolve();
  }

  warm(): void {
    // There are no connections.
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #here(path: string): string {
    return `${this.#source}/${path}`;
  }

  #there(path: string): string {
    return `${this.#directory}/${path}`;
  }

  #bring(path: string): void {
    const stat = lstatSync(this.#here(path));
    const there = this.#there(path);
    if (stat.isDirectory()) {
      if (!lstatSync(there, { throwIfNoEntry: false })?.isDirectory()) {
        rmSync(there, { force: true });
        mkdirSync(there);
      }
      return;
    }
    rmSync(there, { recursive: true, force: true });
    if (stat.isSymbolicLink()) symlinkSync(readlinkSync(this.#here(path)), there);
    else copyFileSync(this.#here(path), there);
  }

  #finish(path: string): void {
    const stat = lstatSync(this.#here(path));
    if (stat.isSymbolicLink()) return;
    chmodSync(this.#there(path), stat.mode & 0o7777);
    utimesSync(this.#there(path), stat.atimeMs / 1000, stat.mtimeMs / 1000);
  }
}
