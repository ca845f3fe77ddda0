/**
 * One root at work: what its watcher sees is entered in the books, and its targets' loops are woken.
 * @module
 */
import type { EventEmitter } from "node:events";
import type { RootChange } from "../config/compare.js";
import type { RootSettings, TargetSettings } from "../config/settings.js";
import type { MirrorEvents } from "../events/mirror-events.js";
import type { PathFilter } from "../filter/path-filter.js";
import type { Snapshot } from "../journal/snapshot.js";
import type { RootJournal } from "../journal/types.js";
import { Ledger } from "../state/ledger.js";
import type { Mark, Rename } from "../state/mark.js";
import type { Target } from "../target/target.js";
import type { RootListener, RootState, RootWatcher } from "../watch/root-watcher.js";
import { BackgroundVerify } from "./background-verify.js";
import type { CurrentTree } from "./current-tree.js";
import type { FullSyncSlots } from "./full-sync-slots.js";
import { samplePath } from "./sample-path.js";
import type { MirrorEmitter, TargetContext } from "./target-context.js";
import { targetFilter } from "./target-filter.js";
import { TargetRunner } from "./target-runner.js";
import { verifyTarget } from "./verify-target.js";
import type { WorkerPool } from "./worker-pool.js";

/** What a root is made of. */
export interface RootParts {
  journal: RootJournal;
  tree: CurrentTree;
  filter: PathFilter;
  /** What the full syncs of a target leave out besides. */
  fullSyncFilter(target: TargetSettings): PathFilter;
  createWatcher(snapshot: Snapshot, filter: PathFilter, listener: RootListener): RootWatcher;
  createTarget(settings: TargetSettings): Target;
  beforeFullSync(target: string, signal: AbortSignal): Promise<void>;
  pool: WorkerPool;
  fullSyncSlots: FullSyncSlots;
  events: MirrorEmitter;
  nextBatch(): number;
}

/** States in which a guard stands before the targets. */
const HALTED: ReadonlySet<RootState> = new Set(["root-gone", "unmounted", "guarded"]);

/** From the reading of events to the marks that they give. */
const MARKING_MS = 2;

/** Watches one root and pushes to its targets until it is closed. */
export class RootRun {
  readonly watcher: RootWatcher;
  readonly #parts: RootParts;
  readonly #ledger: Ledger;
  #settings: RootSettings;
  #runners: ReadonlyMap<string, TargetRunner>;
  #isStarted = false;
  #isClosed = false;
  /** By target. */
  readonly #verifications = new Map<string, BackgroundVerify>();
  #state: RootState = "scanning";
  #reason = "";
  #linksUpTo = 0;

  constructor(settings: RootSettings, parts: RootParts) {
    this.#settings = settings;
    this.#parts = parts;
    const { journal, filter } = parts;
    this.#ledger = new Ledger(
      journal,
      settings.targets.map(({ name }) => name),
    );
    this.#runners = new Map(
      settings.targets.map((target) => [target.name, new TargetRunner(this.#contextOf(target))]),
    );
    this.watcher = parts.createWatcher(journal.snapshot, filter, {
      marked: (marks, since) => this.#marked(marks, since),
      renamed: (rename) => this.#renamed(rename),
      state: (state, reason) => this.#changeState(state, reason),
      overflowed: () => this.#overflowed(),
      warned: (text) => this.#warn(text),
      watchLimit: (figures) => this.#emit("watchLimit", { root: settings.name, ...figures }),
    });
  }

  get settings(): RootSettings {
    return this.#settings;
  }

  /** By target. */
  get runners(): ReadonlyMap<string, TargetRunner> {
    return this.#runners;
  }

  get state(): RootState {
    return this.#state;
  }

  /** Why, for people. */
  get reason(): string {
    return this.#reason;
  }

  /** The number of the last mark. */
  get sequence(): number {
    return this.#ledger.sequence;
  }

  /** Resolves when the root is live, or halted by a guard. Pushes of what is known begin before. */
  async start(): Promise<void> {
    if (this.#isClosed) return;
    const { journal } = this.#parts;
    const isUnknown = journal.startedAnew !== null || !journal.snapshot.isComplete;
    if (journal.startedAnew !== null) this.#warn(journal.startedAnew);
    if (isUnknown) for (const { work } of this.#runners.values()) work.fullSyncs.expect();
    await this.watcher.start();
    if (this.#isClosed) return;
    // The watches are set: what changes from now on is seen, whatever a full sync has read before.
    this.#isStarted = true;
    for (const runner of this.#runners.values()) this.#startTarget(runner, isUnknown);
    this.#wakeAll();
  }

  #startTarget(runner: TargetRunner, isUnknown: boolean): void {
    runner.work.start(isUnknown);
    this.#verify(runner);
  }

  /**
   * Takes over settings that differ in nothing that decides what is watched. Targets that they have as before go on undisturbed;
   * one that is changed goes on with what it has not got yet.
   */
  async change(settings: RootSettings, { targets, compare }: RootChange): Promise<void> {
    const { journal } = this.#parts;
    this.#settings = settings;
    const kept = new Map(this.#runners);
    for (const name of [...targets.removed, ...targets.changed]) {
      await kept.get(name)?.close();
      kept.delete(name);
    }
    for (const name of targets.removed) this.#ledger.removeTarget(name);
    for (const name of targets.added) {
      journal.addTarget(name);
      this.#ledger.addTarget(name);
    }
    const open = (target: TargetSettings) =>
      kept.get(target.name) ?? new TargetRunner(this.#contextOf(target));
    this.#runners = new Map(settings.targets.map((target) => [target.name, open(target)]));
    for (const [name, runner] of this.#runners) {
      if (kept.get(name) !== runner) this.#join(runner, compare.includes(name));
    }
    for (const name of targets.removed) {
      this.#verifications.get(name)?.close();
      this.#verifications.delete(name);
      await journal.removeTarget(name);
    }
  }

  /** A target takes part in a root that is at work. */
  #join(runner: TargetRunner, isOther: boolean): void {
    if (!HALTED.has(this.#state) && this.#state !== "closed") runner.resume();
    // A root that is not watched yet starts all of its targets when it is.
    if (this.#isStarted) this.#startTarget(runner, false);
    if (isOther) runner.work.fullSyncs.want();
    runner.wake();
  }

  /** Marks paths for one target: a repair, a full sync. */
  mark(marks: readonly Mark[], target: string): void {
    this.#ledger.mark(marks, target);
    this.#runners.get(target)?.wake();
  }

  /** Accepts the root as it is now, after a guard halted it. */
  async resume(): Promise<void> {
    this.#parts.tree.reopen();
    await this.watcher.resume();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const verification of this.#verifications.values()) verification.close();
    await this.watcher.close();
    await Promise.all([...this.#runners.values()].map((runner) => runner.close()));
    await this.#parts.journal.close();
  }

  /** Compares a target in the background, as its settings want it. */
  #verify(runner: TargetRunner): void {
    const { settings, record, tree, filter, oneFileSystem, events } = runner.context;
    const target = settings.name;
    const verification = new BackgroundVerify({
      settings: settings.verify,
      record,
      pick: () => samplePath({ tree, filter, oneFileSystem }),
      isIdle: () => this.#state === "live" && runner.state === "idle",
      compare: async (paths) => {
        const { error } = await verifyTarget(this, runner, { paths });
        if (error === null || paths !== undefined || this.#state === "closed") return;
        const text = `the target could not be compared: ${error}`;
        events.emit("warning", { root: this.#settings.name, target, text });
      },
    });
    this.#verifications.get(target)?.close();
    this.#verifications.set(target, verification);
    verification.start();
  }

  #contextOf(target: TargetSettings): TargetContext {
    const { journal, tree, filter, fullSyncFilter, createTarget, pool, fullSyncSlots, events } =
      this.#parts;
    const { name } = target;
    return {
      root: this.#settings.name,
      settings: target,
      batch: target.batch,
      ledger: this.#ledger.target(name),
      mark: (marks) => this.mark(marks, name),
      completeLinks: (paths) => {
        this.watcher.tellAgain(paths);
        this.#linksUpTo = this.#ledger.sequence;
      },
      brought: (path) => this.watcher.brought(path),
      linksUpTo: () => this.#linksUpTo,
      sequence: () => this.#ledger.sequence,
      tree,
      oneFileSystem: this.#settings.live.oneFileSystem,
      filter: targetFilter(filter, this.#settings.filter, target.filter),
      fullSyncFilter: fullSyncFilter(target),
      snapshot: journal.snapshot,
      commit: () => journal.commit(),
      begun: () => this.#begun(),
      target: createTarget(target),
      record: journal.target(name),
      pool,
      fullSyncSlots,
      events,
      nextBatch: () => this.#parts.nextBatch(),
      entries: () => this.watcher.figures().walkedEntries,
      beforeFullSync: (signal) => this.#parts.beforeFullSync(name, signal),
      now: () => performance.now(),
    };
  }

  #marked(marks: readonly Mark[], since: number): void {
    if (marks.length === 0) return;
    this.#ledger.mark(marks, undefined, since);
    this.#emit("change", { root: this.#settings.name, marks, sequence: this.#ledger.sequence });
    this.#wakeAll();
  }

  #renamed(rename: Rename): void {
    this.#ledger.renamed(rename);
  }

  /** A push has begun: marks are needed in time for the next one of any target. */
  #begun(): void {
    let wait = Number.POSITIVE_INFINITY;
    for (const runner of this.#runners.values()) wait = Math.min(wait, runner.restLeft);
    this.watcher.calm(Math.max(0, wait - MARKING_MS));
  }

  #wakeAll(): void {
    for (const runner of this.#runners.values()) runner.wake();
  }

  #changeState(state: RootState, reason: string): void {
    const previous = this.#state;
    this.#state = state;
    this.#reason = reason;
    const isHalted = HALTED.has(state);
    if (!isHalted) this.#parts.tree.reopen();
    for (const runner of this.#runners.values()) {
      if (isHalted || state === "closed") runner.pause();
      else runner.resume();
    }
    const root = this.#settings.name;
    this.#emit("root", { root, previous, state, reason });
    // A root that is closed is no longer halted, but nothing of it goes on.
    if (state !== "closed" && isHalted !== HALTED.has(previous)) {
      this.#emit("guard", { root, active: isHalted, state, reason });
    }
  }

  #overflowed(): void {
    const count = this.watcher.figures().overflows;
    this.#emit("overflow", { root: this.#settings.name, count });
  }

  #warn(text: string): void {
    this.#emit("warning", { root: this.#settings.name, target: null, text });
  }

  #emit<Name extends keyof MirrorEvents>(name: Name, event: MirrorEvents[Name][0]): void {
    (this.#parts.events as EventEmitter).emit(name, event);
  }
}
