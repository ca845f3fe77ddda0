/**
 * A running mirror: any number of roots and targets in one process.
 * @module
 */
import { EventEmitter } from "node:events";
import { VERSION } from "tsrsync";
import { compareSettings, isUnchanged } from "../config/compare.js";
import type { RootSettings, WatchSettings } from "../config/settings.js";
import {
  ControlError,
  type FlushRequest,
  type FlushResult,
  type MirrorControl,
  type MirrorStatus,
  type ReloadResult,
  type Scope,
  type VerifyReport,
  type VerifyRequest,
} from "../control/types.js";
import type { MirrorEvents } from "../events/mirror-events.js";
import type { Journal } from "../journal/types.js";
import { flushedTarget } from "./flushed-target.js";
import { FullSyncSlots } from "./full-sync-slots.js";
import { reloadResult } from "./reload-result.js";
import type { RootRun } from "./root-run.js";
import { rootStatus } from "./status.js";
import type { TargetRunner } from "./target-runner.js";
import { verifyTarget } from "./verify-target.js";
import { WorkerPool } from "./worker-pool.js";

/** What the roots of a mirror share. */
export interface SharedByRoots {
  pool: WorkerPool;
  fullSyncSlots: FullSyncSlots;
  events: EventEmitter<MirrorEvents>;
  /** Numbers pushes. */
  nextBatch: () => number;
}

/** Opens a root; it does nothing before it is started. */
export type OpenRoot = (settings: RootSettings, mirror: SharedByRoots) => Promise<RootRun>;

/** What a mirror is made of. */
export interface MirrorParts {
  journal: Journal;
  openRoot: OpenRoot;
  /** Reads the settings again, for `reload`. */
  loadSettings: () => Promise<WatchSettings>;
  /** These settings hold from now on: at the start, and after each reload that brought others. */
  configured?: (settings: WatchSettings) => Promise<void>;
  /** All roots are closed. */
  closed?: () => Promise<void>;
}

/** Mirrors its roots until it is closed. Its events are those of {@link MirrorEvents}. */
export class Mirror extends EventEmitter<MirrorEvents> implements MirrorControl {
  readonly #parts: MirrorParts;
  readonly #runs = new Map<string, RootRun>();
  readonly #pool: WorkerPool;
  readonly #fullSyncSlots: FullSyncSlots = new FullSyncSlots();
  readonly #started = new Date().toISOString();
  #settings: WatchSettings;
  #batches = 0;
  #isClosed = false;
  /** Roots are opened and closed by one at a time. */
  #changing: Promise<unknown> = Promise.resolve();

  constructor(settings: WatchSettings, parts: MirrorParts) {
    super();
    this.#settings = settings;
    this.#parts = parts;
    this.#pool = new WorkerPool(settings.daemon.workers);
  }

  /** Starts all roots. Resolves when each is live or halted by a guard; rejects when one cannot be opened at all. */
  async start(): Promise<void> {
    const opened = await this.#inTurn(async () => {
      await this.#parts.configured?.(this.#settings);
      await this.#parts.journal.keepOnly(this.#settings.roots.map(({ name }) => name));
      return this.#openAll(this.#settings.roots);
    });
    await startAll(opened);
  }

  status(): MirrorStatus {
    return {
      version: VERSION,
      pid: process.pid,
      started: this.#started,
      roots: [...this.#runs.values()].map(rootStatus),
      journalBytes: this.#parts.journal.size(),
    };
  }

  /** Resolves when the targets have everything that was done before the call, or when that cannot be within the time. */
  async flush(request: FlushRequest = {}): Promise<FlushResult> {
    const chosen = this.#choose(request);
    const roots = new Set(chosen.map(({ run }) => run));
    const signal =
      request.timeoutMs === undefined ? undefined : AbortSignal.timeout(request.timeoutMs);
    await Promise.all([...roots].map((run) => run.watcher.drain()));
    const targets = await Promise.all(
      chosen.map(async ({ run, runner }) => {
        const { sequence } = run;
        await runner.settled(sequence, signal);
        return flushedTarget(run, runner, sequence);
      }),
    );
    return { reached: targets.every(({ reached }) => reached), targets };
  }

  async verify(request: VerifyRequest = {}): Promise<VerifyReport> {
    const targets = await Promise.all(
      this.#choose(request).map(({ run, runner }) =>
        verifyTarget(run, runner, { repair: request.repair }),
      ),
    );
    const equal = targets.every(
      ({ differenceCount, error }) => differenceCount === 0 && error === null,
    );
    return { equal, targets };
  }

  retry(scope: Scope = {}): Promise<number> {
    const waiting = this.#choose(scope).filter(({ runner }) => runner.retry());
    return Promise.resolve(waiting.length);
  }

  async resume(root: string): Promise<void> {
    await this.#find(root).resume();
  }

  release(scope: Scope = {}): Promise<number> {
    const counts = this.#choose(scope).map(({ runner }) => runner.release());
    return Promise.resolve(counts.reduce((sum, count) => sum + count, 0));
  }

  fullSync(scope: Scope = {}): Promise<number> {
    const chosen = this.#choose(scope);
    for (const { runner } of chosen) runner.work.fullSyncs.want();
    return Promise.resolve(chosen.length);
  }

  /** Takes new settings over: roots and targets that did not change go on undisturbed. */
  async reload(): Promise<ReloadResult> {
    const { result, opened } = await this.#inTurn(() => this.#takeOver());
    await startAll(opened);
    return result;
  }

  async #takeOver(): Promise<{ result: ReloadResult; opened: readonly RootRun[] }> {
    const settings = await this.#parts.loadSettings();
    const change = compareSettings(this.#settings, settings);
    const result = reloadResult(settings, change);
    const isOpen = settings.roots.every(({ name }) => this.#runs.has(name));
    if (isOpen && isUnchanged(change)) return { result, opened: [] };
    const anew = change.changes.filter((each) => each.watch || each.filter);
    for (const name of [...change.roots.removed, ...anew.map((each) => each.name)]) {
      const run = this.#runs.get(name);
      this.#runs.delete(name);
      await run?.close();
    }
    this.#pool.resize(settings.daemon.workers - this.#settings.daemon.workers);
    this.#settings = settings;
    await this.#parts.configured?.(settings);
    await this.#parts.journal.keepOnly(settings.roots.map(({ name }) => name));
    const changes = new Map(change.changes.map((each) => [each.name, each]));
    for (const root of settings.roots) {
      const own = changes.get(root.name);
      if (own !== undefined) await this.#runs.get(root.name)?.change(root, own);
    }
    const missing = settings.roots.filter(({ name }) => !this.#runs.has(name));
    return { result, opened: await this.#openAll(missing) };
  }

  /** Stops everything; what did not arrive yet is in the journal. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await Promise.all([...this.#runs.values()].map((run) => run.close()));
    await this.#changing; // what is just being opened closes itself
    await this.#parts.closed?.();
    await this.#parts.journal.close();
  }

  /** Runs `change` after those that were asked for before. */
  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const changed = this.#changing.then(() => {
      if (this.#isClosed) throw new ControlError("failed", "the mirror was closed");
      return change();
    });
    this.#changing = changed.catch(() => {}); // told to whoever asked for it
    return changed;
  }

  /** Opens roots, which do nothing yet. Rejects with the first error when all the others are open. */
  async #openAll(roots: readonly RootSettings[]): Promise<RootRun[]> {
    const opening = await Promise.allSettled(roots.map((root) => this.#open(root)));
    return opening.map((one) => {
      if (one.status === "rejected") throw one.reason;
      return one.value;
    });
  }

  async #open(settings: RootSettings): Promise<RootRun> {
    const nextBatch = () => ++this.#batches;
    const run = await this.#parts.openRoot(settings, {
      pool: this.#pool,
      fullSyncSlots: this.#fullSyncSlots,
      events: this,
      nextBatch,
    });
    if (this.#isClosed) await run.close();
    this.#runs.set(settings.name, run);
    return run;
  }

  #find(root: string): RootRun {
    const run = this.#runs.get(root);
    if (run === undefined) throw new ControlError("unknown", `there is no root named ${root}`);
    return run;
  }

  #choose({ root, target }: Scope): { run: RootRun; runner: TargetRunner }[] {
    const runs = root === undefined ? [...this.#runs.values()] : [this.#find(root)];
    const chosen = runs.flatMap((run) =>
      [...run.runners.values()]
        .filter(({ context }) => target === undefined || context.settings.name === target)
        .map((runner) => ({ run, runner })),
    );
    if (chosen.length === 0 && target !== undefined) {
      throw new ControlError("unknown", `there is no target named ${target}`);
    }
    return chosen;
  }
}

async function startAll(runs: readonly RootRun[]): Promise<void> {
  await Promise.all(runs.map((run) => run.start()));
}
