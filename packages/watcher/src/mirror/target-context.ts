/**
 * Everything that the pushes to one target work with.
 * @module
 */
import type { EventEmitter } from "node:events";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { SourceTree } from "../batch/source-tree.js";
import type { BatchSettings, TargetSettings } from "../config/settings.js";
import type { MirrorEvents } from "../events/mirror-events.js";
import type { PathFilter } from "../filter/path-filter.js";
import type { Snapshot } from "../journal/snapshot.js";
import type { TargetRecord } from "../journal/types.js";
import type { TargetLedger } from "../state/ledger.js";
import type { Mark } from "../state/mark.js";
import type { Target } from "../target/target.js";
import type { FullSyncSlots } from "./full-sync-slots.js";
import type { WorkerPool } from "./worker-pool.js";

/** See {@link MirrorEvents}. */
export type MirrorEmitter = EventEmitter<MirrorEvents>;

/** One target of one root, and what it shares with others. */
export interface TargetContext {
  /** Name of the root. */
  root: string;
  settings: TargetSettings;
  batch: BatchSettings;
  ledger: TargetLedger;
  /** Marks for this target only. */
  mark: (marks: readonly Mark[]) => void;
  /** Marks files again with all their names: they are one file in the target only if one push has them all. */
  completeLinks: (paths: readonly ByteString[]) => void;
  /** See `RootWatcher.brought`. */
  brought: (path: ByteString) => void;
  /** The number of the last mark that was made for that. */
  linksUpTo: () => number;
  /** The number of the root's last mark. */
  sequence: () => number;
  tree: SourceTree;
  /** Mount points below the root are not entered. */
  oneFileSystem: boolean;
  filter: PathFilter;
  /** What full syncs leave out besides. */
  fullSyncFilter: PathFilter;
  snapshot: Snapshot;
  /** Writes the journal: see `RootJournal.commit`. */
  commit: () => Promise<void>;
  /** A push has begun, and its pace is known. */
  begun: () => void;
  target: Target;
  record: TargetRecord;
  pool: WorkerPool;
  /** Shared by all targets of a mirror. */
  fullSyncSlots: FullSyncSlots;
  events: MirrorEmitter;
  /** Numbers pushes, over all targets. */
  nextBatch: () => number;
  /** Entries of the root when it was walked last, 0 when not known. */
  entries: () => number;
  /** Runs what has to be done before a full sync; rejects when that failed. */
  beforeFullSync: (signal: AbortSignal) => Promise<void>;
  /** Milliseconds of a clock that never goes back. */
  now: () => number;
}
