/**
 * Making a directory of a target equal to the source: the full sync, and what follows when events were lost (spec 6, 3.4, 4.3 and
 * 4.6). The tree is pushed first; then we ask the target what it has, and delete by ourselves what is too much, so that filters,
 * guards and protected names hold for full syncs as they do for every push.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { isDirectory } from "../batch/looks.js";
import { RootGoneError } from "../batch/plan-push.js";
import { LONGEST_TIMER } from "../config/units.js";
import { displayPath } from "../log/display-path.js";
import { parentOf } from "../state/tree-paths.js";
import { TargetError } from "../target/target.js";
import type { Capabilities, PushOutcome, PushPlan } from "../target/types.js";
import { findExtras } from "./find-extras.js";
import { linkedBelow } from "./linked-below.js";
import { rememberNames } from "./remember-names.js";
import { batchOf } from "./run-plan.js";
import type { TargetContext } from "./target-context.js";

/** Decides, and is told. */
export interface ReconcileListener {
  /** A session with so many paths begins. */
  begins(paths: number): void;
  pushed(outcome: PushOutcome): void;
  /**
   * Whether names that only the target has (there may be none) may be deleted; otherwise all of them stay.
   * @param entries how many entries the target has below the path
   */
  mayDelete(path: ByteString, extras: readonly ByteString[], entries: number): boolean;
  /** What a target had at first contact that the source has not. */
  adopt(foreign: readonly ByteString[]): void;
  isAdopted(): boolean;
}

/** One reconciliation. */
export interface ReconcileRequest {
  /** Relative to the root; the root itself is a full sync. */
  path: ByteString;
  /** Contents are compared, whatever sizes and times say. */
  force: boolean;
  capabilities: Capabilities;
  /** Gets the paths that did not arrive, and why. */
  failed: Map<ByteString, string>;
  signal: AbortSignal;
}

/** What a target has more than the source, and how many entries it has in all. */
interface Extras {
  readonly found: readonly ByteString[];
  readonly entries: number;
}

const NO_EXTRAS: Extras = { found: [], entries: 0 };

const NO_PATHS: PushPlan = { items: [], forced: new Set(), deletes: [], trees: [], links: [] };

/** Reconciles directories with one target. */
export class Reconciler {
  readonly #context: TargetContext;
  readonly #listener: ReconcileListener;

  constructor(context: TargetContext, listener: ReconcileListener) {
    this.#context = context;
    this.#listener = listener;
  }

  /**
   * Makes what the target has at a path equal to the source.
   * @throws TargetError when it did not come to its end, RootGoneError when the root is gone: the path stays dirty
   */
  async reconcile(asked: ReconcileRequest): Promise<void> {
    const { tree, settings } = this.#context;
    const { path } = asked;
    const timeout = AbortSignal.timeout(Math.min(settings.fullSync.timeout, LONGEST_TIMER));
    const request = { ...asked, signal: AbortSignal.any([asked.signal, timeout]) };
    const look = tree.lstat(path);
    if (look === "unreadable") {
      throw new TargetError("protocol", 23, `cannot look at ${displayPath(path)}`);
    }
    if (look !== null && isDirectory(look)) await this.#directory(request);
    else if (look !== null) await this.#push(request, { ...NO_PATHS, items: [path] });
    else if (this.#deletes(request) && this.#mayDeleteItself(path)) {
      await this.#push(request, { ...NO_PATHS, items: parentsOf([path]), deletes: [path] });
    }
  }

  async #directory(request: ReconcileRequest): Promise<void> {
    const { path, signal } = request;
    const deletes = this.#deletes(request);
    if (path === "" && deletes && !this.#listener.isAdopted()) await this.findForeign(signal);
    // The walk at the start has told what is in the root.
    if (path !== "") await rememberNames(this.#context, path);
    await this.#push(request, { ...NO_PATHS, trees: [path] });
    await this.#completeLinks(path);
    const { found, entries } = deletes ? await this.#extras(path, signal) : NO_EXTRAS;
    const extras = deletes && this.#listener.mayDelete(path, found, entries) ? found : [];
    // What was made or deleted changed the times of the directories that it is in.
    const changed = path === "" ? extras : [path, ...extras];
    if (changed.length === 0) return;
    const items = parentsOf(changed);
    await this.#push(request, { ...NO_PATHS, items, touched: new Set(items), deletes: extras });
  }

  /** Looks for what the target has that the source has not; before the mirror's first push that is somebody else's. */
  async findForeign(signal: AbortSignal): Promise<void> {
    const { found } = await this.#extras("", signal);
    this.#listener.adopt(found);
  }

  /** A part of the root may have names of files that have others outside it. */
  async #completeLinks(path: ByteString): Promise<void> {
    const { settings, tree, completeLinks } = this.#context;
    if (path === "" || !settings.rsync.hardLinks) return;
    const linked = await linkedBelow(tree, path);
    if (linked.length > 0) completeLinks(linked);
  }

  async #extras(path: ByteString, signal: AbortSignal): Promise<Extras> {
    const entries = await this.#context.target.list([path], { signal });
    const found = await findExtras(this.#context, entries);
    this.#assertRoot();
    return { found, entries: entries.length };
  }

  #mayDeleteItself(path: ByteString): boolean {
    this.#assertRoot();
    return this.#listener.mayDelete(path, [path], 0);
  }

  /** What is missing in a root that was unmounted or replaced meanwhile is not gone. */
  #assertRoot(): void {
    if (!this.#context.tree.isIntact()) throw new RootGoneError();
  }

  #deletes({ capabilities }: ReconcileRequest): boolean {
    return this.#context.settings.delete.mode !== "never" && capabilities.deletes;
  }

  /** A push that settles no marks. */
  async #push(request: ReconcileRequest, plan: PushPlan): Promise<void> {
    const context = this.#context;
    const { filter, fullSyncFilter, settings, events } = context;
    const started = context.now();
    this.#listener.begins(plan.items.length + plan.deletes.length);
    const batch = batchOf(context, plan, context.sequence());
    events.emit("batch", batch);
    // A killed mirror must know what it brought: that the target is its own, and which names may be there.
    await context.commit();
    for (const item of plan.items) context.brought(item);
    const outcome = await context.target.push(plan, request.capabilities, {
      signal: request.signal,
      checksum: request.force || settings.fullSync.compare === "checksum",
      isHidden: (path, isDirectory) =>
        filter.isHidden(path, isDirectory) || fullSyncFilter.isHidden(path, isDirectory),
    });
    for (const [path, reason] of outcome.failed) request.failed.set(path, reason);
    this.#listener.pushed(outcome);
    const figures = { wallMs: context.now() - started, delayMs: 0, delaysMs: [] };
    events.emit("pushed", { ...batch, outcome, ...figures, failedAgain: new Set() });
  }
}

/** The directories whose times change when names in them go: those that exist get theirs again. */
function parentsOf(paths: readonly ByteString[]): ByteString[] {
  return [...new Set(paths.map(parentOf))];
}
