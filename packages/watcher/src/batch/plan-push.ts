/**
 * From marks to a push: what is under each path now decides what is done about it (spec 6, 3.2 to 3.5).
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { PathFilter } from "../filter/path-filter.js";
import type { SnapshotEntry } from "../journal/snapshot.js";
import type { Taken } from "../state/dirty-map.js";
import type { Rename } from "../state/mark.js";
import type { Capabilities, PushPlan } from "../target/types.js";
import type { SourceTree } from "./source-tree.js";

/** What a plan is made of. */
export interface PlanRequest {
  readonly taken: Taken;
  readonly tree: SourceTree;
  readonly filter: PathFilter;
  /** See `TargetLedger.renames`. */
  readonly renames: readonly Rename[];
  readonly capabilities: Pick<Capabilities, "deletes" | "hardLinks">;
  /** False: nothing is deleted in this push; missing paths stay dirty (`heldDeletes`). */
  readonly deletesNow: boolean;
  /** False: deletes are never wanted between full syncs (`delete.mode`); missing paths are settled. */
  readonly deletesWanted: boolean;
  /** Bounds what a tree is expanded to, all trees together. */
  readonly maxPaths: number;
  /** Sizes of files above which the rest waits for the next push. */
  readonly maxBytes: number;
  /** Told what was found, for the snapshot. */
  readonly saw?: (entry: SnapshotEntry) => void;
  readonly lost?: (path: ByteString) => void;
}

/** A push, and which marks it settles. */
export interface PlannedPush {
  readonly plan: PushPlan;
  /** To be settled with this push. */
  readonly covered: Taken;
  /** Reconcile marks, which a push cannot do: to be settled after the engine did them. */
  readonly reconciles: Taken;
  /** Paths whose deletes wait because `deletesNow` is false. They stay dirty. */
  readonly heldDeletes: readonly ByteString[];
  /** Bytes of the regular files in `plan.items`; those of `trees` are not counted. */
  readonly bytes: number;
  /** Another push has to follow: names of moved files to delete, or what did not fit. */
  readonly isMore: boolean;
  /** The marks to park for paths of the plan (or below its trees) that did not arrive. */
  failedMarks(failed: Iterable<ByteString>): ReadonlySet<ByteString>;
}
