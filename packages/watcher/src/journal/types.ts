/**
 * What is kept in the state directory (spec 6, 4.1).
 * @module
 */
import type { RootSettings } from "../config/settings.js";
import type { LedgerStore } from "../state/ledger.js";
import type { Snapshot } from "./snapshot.js";

/** How the last process that used the state directory ended. */
export type LastStop =
  /** There was none, or what it left could not be read. */
  | "none"
  /** It closed the journal, and the machine was not started anew since. */
  | "clean"
  /** Something may be missing: a walk finds it. */
  | "killed";

/** The store of one state directory. */
export interface Journal {
  readonly lastStop: LastStop;
  /**
   * The store of one root; one that is open must be closed first. Records of targets that are not named are removed.
   * @param name unique among the roots
   * @param path its directory: when it is another path or another directory than last time, everything starts anew
   * @param keeps how much of the snapshot is kept; `all` when not given
   * @param followsLinks in the snapshot, links to directories are what they lead to
   */
  root(
    name: string,
    path: string,
    targets: readonly string[],
    keeps?: RootSettings["snapshot"],
    followsLinks?: boolean,
  ): Promise<RootJournal>;
  /** Removes the records of all roots but these. */
  keepOnly(names: readonly string[]): Promise<void>;
  /** Bytes on the disk. */
  size(): number;
  /** Writes everything and leaves the marker of an orderly stop. The roots must not be used any more. */
  close(): Promise<void>;
}

/** The store of one root. */
export interface RootJournal extends LedgerStore {
  /** Why what was known of this root was dropped: for people. `null` when it was found, or when the root is new. */
  readonly startedAnew: string | null;
  readonly snapshot: Snapshot;
  /** @throws RangeError for a target that was not named. */
  target(name: string): TargetRecord;
  /** Makes room for a target that had not been named. */
  addTarget(name: string): void;
  /** Forgets all about a target. */
  removeTarget(name: string): Promise<void>;
  /**
   * Writes what is pending now. Resolves when it has been given to the kernel: it survives kill -9, and, at most 100 ms
   * later, a power failure. Settlements, and looks at what was marked, follow within a second or so: until then a process that is
   * killed leaves more marks than are needed. Never rejects: while the disk is full everything stays pending, and is tried again.
   */
  commit(): Promise<void>;
  /** Commits; the root can be opened again afterwards, for other targets or another path. */
  close(): Promise<void>;
}

/** Values kept for one target: capabilities, back-off, a pending full sync. JSON, by key. */
export interface TargetRecord {
  /** No value was ever set for this target, by no process: it needs a full sync. */
  readonly isNew: boolean;
  /** What was set last, unchecked: it comes from the disk. */
  get(key: string): unknown;
  /** `undefined` removes it. Written with the next commit. */
  set(key: string, value: unknown): void;
}
