/**
 * What one turn of a target's loop does: takes marks, plans, pushes, and makes directories equal that are to be reconciled
 * (spec 6, 3.3 and 3.4).
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { type PlannedPush, type PlanRequest, planPush } from "../batch/plan-push.js";
import { displayPath } from "../log/display-path.js";
import type { Taken } from "../state/take-marks.js";
import type { Capabilities, PushPlan } from "../target/types.js";
import { DeleteGuard } from "./delete-guard.js";
import { FailedPaths } from "./failed-paths.js";
import { spareLeftOut } from "./find-extras.js";
import { FullSyncs } from "./full-syncs.js";
import { HeldDeletes } from "./held-deletes.js";
import { KnownCapabilities } from "./known-capabilities.js";
import { Reconciler } from "./reconciler.js";
import { batchOf, isEmptyPlan, runPlan, settleTaken, settleUnsent } from "./run-plan.js";
import type { TargetContext } from "./target-context.js";
import { TargetFigures } from "./target-figures.js";
import { noticePlace } from "./target-place.js";

/** So many names are told of what a target has besides. */
const MAX_NAMED = 10;

/** Told by the work as it goes on. */
export interface WorkListener {
  /** A session with so many paths begins. */
  begins(paths: number): void;
  /** Marks were settled. */
  settled(): void;
  /** A full sync that was asked for may run. */
  granted(): void;
}

/** The pushes of one target, one after another. */
export class TargetWork {
  readonly failedPaths: FailedPaths = new FailedPaths();
  readonly figures: TargetFigures = new TargetFigures();
  readonly fullSyncs: FullSyncs;
  readonly held: HeldDeletes;
  readonly #context: TargetContext;
  readonly #listener: WorkListener;
  readonly #deleteGuard: DeleteGuard;
  readonly #reconciler: Reconciler;
  readonly #known: KnownCapabilities;

  constructor(context: TargetContext, listener: WorkListener) {
    noticePlace(context.record, context.settings);
    this.#context = context;
    this.#listener = listener;
    this.#deleteGuard = new DeleteGuard(context.settings.delete);
    this.held = new HeldDeletes(context);
    this.fullSyncs = new FullSyncs(context, () => listener.granted());
    this.#reconciler = new Reconciler(context, {
      begins: (paths) => listener.begins(paths),
      pushed: (outcome) => {
        this.figures.pushed(outcome);
        this.#deleteGuard.happened(outcome.deleted, context.now());
      },
      mayDelete: (path, extras, entries) => this.#mayDeleteExtras(path, extras, entries),
      adopt: (foreign) => this.#adopt(foreign),
      isAdopted: () => this.fullSyncs.isAdopted,
    });
    this.#known = new KnownCapabilities(context.record);
  }

  /** `null` before the first contact. */
  get capabilities(): Capabilities | null {
    return this.#known.current;
  }

  /** It may be another daemon when the target answers again. */
  forgetCapabilities(): void {
    this.#known.forget();
  }

  /**
   * The root is watched: asks for what a start demands.
   * @param isUnknown nothing is known of what changed since the last run
   */
  start(isUnknown: boolean): void {
    this.fullSyncs.start(isUnknown);
    this.held.start();
  }

  /** Lets deletions through that are held back. Returns how many. */
  release(): number {
    const { count, isOver } = this.held;
    if (!isOver) {
      this.#deleteGuard.release();
      this.held.release();
    }
    return count;
  }

  /**
   * Brings `taken` to the target.
   * @param planned told what will be pushed, before it is
   * @throws TargetError when that did not end in order; what had not been settled before is dirty
   */
  async bring(taken: Taken, signal: AbortSignal, planned: (plan: PushPlan) => void): Promise<void> {
    const capabilities = this.#known.current ?? (await this.#learn(signal));
    // Before anything was brought: later nobody could tell what is ours.
    if (!this.fullSyncs.isDecided) await this.#reconciler.findForeign(signal);
    const work = await this.#plan(taken, capabilities, signal);
    planned(work.plan);
    await this.#push(work, capabilities, signal);
    if (work.reconciles.entries.length > 0) {
      await this.#reconcile(work.reconciles, capabilities, signal);
    }
  }

  /** What the target can do: asked once, and again after it refused something. */
  async #learn(signal: AbortSignal): Promise<Capabilities> {
    const learnt = await this.#context.target.probe({ signal });
    this.#known.learn(learnt);
    if (!learnt.deletes && this.#context.settings.delete.mode !== "never") {
      this.#warn("the target refuses deletions: names that are gone from the source stay there");
    }
    if (!learnt.hardLinks && this.#context.settings.rsync.hardLinks) {
      this.#warn("the target refuses hard links: each name of a file becomes a file of its own");
    }
    return learnt;
  }

  async #plan(taken: Taken, capabilities: Capabilities, signal: AbortSignal): Promise<PlannedPush> {
    const { settings, ledger, tree, filter, snapshot, batch, oneFileSystem } = this.#context;
    const request: PlanRequest = {
      taken,
      tree,
      filter,
      renames: ledger.renames(),
      capabilities,
      deletesWanted: settings.delete.mode === "live",
      maxPaths: batch.maxPaths,
      maxBytes: batch.maxBytes,
      oneFileSystem,
      saw: snapshot.saw.bind(snapshot),
      deletesNow: true,
    };
    const planned = await planPush(request);
    if (planned.plan.deletes.length === 0) return planned;
    if (this.#mayDelete(planned)) return this.#spareLeftOut(planned, signal);
    const without = await planPush({ ...request, deletesNow: false });
    this.held.hold(without.heldDeletes);
    return without;
  }

  /** A directory that goes takes nothing with it that is none of the mirror's. */
  async #spareLeftOut(planned: PlannedPush, signal: AbortSignal): Promise<PlannedPush> {
    const { filter, target } = this.#context;
    if (!filter.leavesOut) return planned;
    const { plan } = planned;
    const entries = await target.list(plan.deletes, { signal });
    const deletes = await spareLeftOut(filter, plan.deletes, entries);
    return { ...planned, plan: { ...plan, deletes } };
  }

  #mayDelete(planned: PlannedPush): boolean {
    const { plan, covered } = planned;
    const isReleased = this.#deleteGuard.isReleased;
    if (!isReleased && this.held.wereHeld(plan.deletes, covered)) return false;
    const count = goneBelow(plan.deletes, covered);
    return this.#deleteGuard.allows(count, this.#entries(), this.#context.now());
  }

  /** Entries of the root, roughly: those of the last walk, and files that were sent since. */
  #entries(): number {
    return this.#context.entries() + this.figures.files;
  }

  async #push(
    planned: PlannedPush,
    capabilities: Capabilities,
    signal: AbortSignal,
  ): Promise<void> {
    const context = this.#context;
    if (isEmptyPlan(planned.plan)) {
      settleUnsent(context, planned, this.failedPaths);
    } else {
      this.#listener.begins(planned.plan.items.length + planned.plan.deletes.length);
      const batch = batchOf(context, planned.plan, planned.covered.bound);
      const outcome = await runPlan(
        context,
        planned,
        batch,
        capabilities,
        this.failedPaths,
        signal,
      );
      this.figures.pushed(outcome);
      this.#known.without(outcome.refused ?? []);
      const { incompleteLinks } = planned;
      if (context.settings.rsync.hardLinks && incompleteLinks.length > 0) {
        context.completeLinks(incompleteLinks);
      }
      this.#deleteGuard.happened(goneBelow(planned.plan.deletes, planned.covered), context.now());
    }
    this.held.settled(planned.covered);
    if (this.held.isOver) this.#deleteGuard.settled();
    this.#listener.settled();
  }

  async #reconcile(taken: Taken, capabilities: Capabilities, signal: AbortSignal): Promise<void> {
    const failed = new Map<ByteString, string>();
    for (const { path, force = false } of taken.entries) {
      await this.fullSyncs.run(path, () =>
        this.#reconciler.reconcile({ path, force, capabilities, failed, signal }),
      );
      this.failedPaths.arrivedBelow(path);
    }
    this.failedPaths.update(taken, failed);
    settleTaken(this.#context, this.failedPaths, taken, new Set(failed.keys()));
    this.held.settled(taken);
    if (this.held.isOver) this.#deleteGuard.settled();
    this.#listener.settled();
  }

  /** A target that holds nothing else is the mirror's own; another one keeps what it has until somebody says so. */
  #adopt(foreign: readonly ByteString[]): void {
    this.fullSyncs.decide(foreign.length === 0);
    if (foreign.length === 0) return;
    const names = foreign.slice(0, MAX_NAMED).map(displayPath).join(", ");
    const more = foreign.length > MAX_NAMED ? ", ..." : "";
    this.#warn(
      `the target has names that the source has not, which stay until "adopt: true" is set: ${names}${more} (${foreign.length})`,
    );
  }

  #mayDeleteExtras(path: ByteString, extras: readonly ByteString[], entries: number): boolean {
    if (!this.fullSyncs.isAdopted) return false;
    const context = this.#context;
    // Nobody walks a root that is not watched: the target has what the source had.
    const before = Math.max(this.#entries(), entries);
    const isHeld = !this.#deleteGuard.isReleased && this.held.wereHeldBelow(path);
    const isAllowed =
      extras.length === 0 ||
      (!isHeld && this.#deleteGuard.allows(extras.length, before, context.now()));
    if (isAllowed) this.held.madeEqual(path);
    else this.held.holdBelow(path, extras);
    return isAllowed;
  }

  #warn(text: string): void {
    const { events, root, settings } = this.#context;
    events.emit("warning", { root, target: settings.name, text });
  }
}

/** How many marked paths go with these deletions: those that were seen to be deleted one by one. */
function goneBelow(deletes: readonly ByteString[], covered: Taken): number {
  if (deletes.length === 0) return 0;
  const tops = new Set(deletes);
  let count = 0;
  const look = (path: ByteString): void => {
    for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
      if (!tops.has(path.slice(0, end))) continue;
      count++;
      return;
    }
  };
  for (const { path } of covered.entries) look(path);
  for (const path of covered.swallowed) look(path);
  return Math.max(count, deletes.length);
}
