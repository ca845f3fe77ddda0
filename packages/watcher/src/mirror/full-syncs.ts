/**
 * The full syncs of one target: when one is due, what came of the last one, and whether the target may be made equal at all.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { FullSyncStatus } from "../control/types.js";
import type { FullSyncEvent } from "../events/mirror-events.js";
import type { TargetRecord } from "../journal/types.js";
import type { DirtyMap } from "../state/dirty-map.js";
import { Reach } from "../state/mark.js";
import { FullSyncTurn } from "./full-sync-turn.js";
import { callAfter, untilNext, untilOpen } from "./schedule.js";
import type { TargetContext } from "./target-context.js";
import { FULL_SYNC_WANTED } from "./target-place.js";

/** Kept under these names in the target's record. */
const LAST = "fullSyncEnded";
const ADOPTED = "adopted";

/** Whether a full sync of the target came to its end, in this process or an earlier one. */
export function wasSynced(record: TargetRecord): boolean {
  return record.get(LAST) !== undefined;
}

/** Runs and remembers full syncs. A full sync is a mark of the root with everything below it, so it survives a crash. */
export class FullSyncs {
  readonly #context: TargetContext;
  #status: FullSyncStatus | null = null;
  readonly #turn: FullSyncTurn;
  #isRunning = false;
  /** Takes back the next full sync that the settings ask for. */
  #cancelNext: (() => void) | null = null;

  /** @param granted called when a full sync that was asked for may run */
  constructor(context: TargetContext, granted: () => void) {
    const { record, settings } = context;
    this.#context = context;
    if (settings.adopt) record.set(ADOPTED, true);
    this.#turn = new FullSyncTurn(context, {
      granted,
      failed: (reason) => this.#notBegun(reason),
    });
  }

  /** The root may be compared as a whole now; until then it is left for later. */
  get mayRun(): boolean {
    return this.#turn.isGranted;
  }

  /** Asks that it may; see {@link FullSyncTurn.ask}. */
  ask(delay: number): void {
    this.#turn.ask(delay);
  }

  /** The target cannot have it now: others may have their turn. */
  putOff(): void {
    if (!this.#isRunning) this.#turn.giveBack();
  }

  /** Why the root is not compared, for people; empty when it is, or has not to be. */
  waitReason({ isRootDue }: Pick<DirtyMap, "isRootDue">): string {
    if (!isRootDue || this.mayRun) return "";
    return `the full sync waits: ${this.#status?.error ?? "others run"}`;
  }

  /** What has to be done before is tried again at once, should it have failed. Returns whether it had. */
  retry(): boolean {
    return this.#turn.hurry();
  }

  get status(): FullSyncStatus | null {
    return this.#status;
  }

  /** Whether it was seen at first contact what the target has. */
  get isDecided(): boolean {
    return this.#context.record.get(ADOPTED) !== undefined;
  }

  /** The target has nothing but what this mirror brought, or may be made equal all the same. */
  get isAdopted(): boolean {
    return this.#context.record.get(ADOPTED) === true;
  }

  /** Nothing is known of what changed since the last run: a walk is about to make it look as if all were. */
  expect(): void {
    const { record, settings } = this.#context;
    if (settings.fullSync.onStart !== "never") record.set(FULL_SYNC_WANTED, true);
  }

  /**
   * Asks for the full sync that the start demands, if it does.
   * @param isUnknown nothing is known of what changed since the last run
   */
  start(isUnknown: boolean): void {
    const { record, settings } = this.#context;
    const { onStart } = settings.fullSync;
    const isNeeded = isUnknown || record.get(FULL_SYNC_WANTED) === true;
    if (onStart === "always" || (onStart === "auto" && isNeeded)) this.want();
    this.#plan();
  }

  /** Asks for a full sync. */
  want(): void {
    const { record, mark } = this.#context;
    record.set(FULL_SYNC_WANTED, true);
    mark([{ path: "", reach: Reach.Reconcile }]);
  }

  /** Runs `work` as the reconciliation of `path`; for the root with everything that belongs to a full sync. */
  async run(path: ByteString, work: () => Promise<void>): Promise<void> {
    if (path !== "") return work();
    const started = performance.now();
    this.#begin();
    this.#tell("started", "", 0);
    try {
      await work();
      this.#end(null);
      this.#tell("done", "", performance.now() - started);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#end(reason);
      this.#tell("failed", reason, performance.now() - started);
      throw error;
    } finally {
      this.#isRunning = false;
      this.#turn.giveBack();
    }
  }

  /** Whether the target may be made equal from now on. */
  decide(isAdopted: boolean): void {
    this.#context.record.set(ADOPTED, isAdopted);
  }

  close(): void {
    this.#cancelNext?.();
    this.#turn.giveBack();
  }

  #begin(): void {
    this.#isRunning = true;
    this.#status = { running: true, started: new Date().toISOString(), ended: null, error: null };
  }

  /** A hook before it failed: the target has nothing to do with that, and gets its changes all the same. */
  #notBegun(reason: string): void {
    const now = new Date().toISOString();
    this.#status = { running: false, started: now, ended: now, error: reason };
    this.#tell("failed", reason, 0);
  }

  #end(error: string | null): void {
    if (this.#status === null) return;
    this.#status = { ...this.#status, running: false, ended: new Date().toISOString(), error };
    if (error !== null) return;
    this.#context.record.set(FULL_SYNC_WANTED, undefined);
    this.#context.record.set(LAST, Date.now());
  }

  #tell(phase: FullSyncEvent["phase"], reason: string, wallMs: number): void {
    const { events, root, settings } = this.#context;
    events.emit("fullSync", { root, target: settings.name, phase, reason, wallMs });
  }

  /** Sets the timer for the next one that the settings ask for, if they do. */
  #plan(): void {
    const { settings, record } = this.#context;
    const last = record.get(LAST);
    const since = typeof last === "number" ? last : Date.now();
    const wait = untilNext(settings.fullSync, since, Date.now());
    if (wait === null) return;
    this.#cancelNext = callAfter(wait, () => this.#due());
  }

  #due(): void {
    const wait = untilOpen(this.#context.settings.window.fullSync, Date.now());
    if (wait > 0) {
      this.#cancelNext = callAfter(wait, () => this.#due());
      return;
    }
    this.#context.record.set(LAST, Date.now());
    this.want();
    this.#plan();
  }
}
