/**
 * Marks: what the watcher knows about a change. A mark says only that a path may differ from what the targets have; what to do
 * about it is decided by looking at the path when a push starts, so the order of events does not matter (spec 6, 3.2 and 3.3).
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";

/** How much a mark stands for. Each reach includes the ones before it. */
export const Reach = {
  /** The path itself; when it is gone from the source, what the targets have under its name goes, too. */
  Item: 0,
  /** The path and all that is below it: a directory that is new or was moved in. */
  Tree: 1,
  /** The same, and what a target has more than the source is deleted there. */
  Reconcile: 2,
} as const;
export type Reach = (typeof Reach)[keyof typeof Reach];

/** One path that is not what the targets have. */
export interface Mark {
  /** Relative to the root, without slashes at its ends; the root itself is the empty string. */
  readonly path: ByteString;
  readonly reach: Reach;
  /** Its contents may have changed although size and time look the same (a mapped file, a time set back). */
  readonly force?: boolean;
  /**
   * A directory in which names came or went, which has changed its times: nothing else about it is known to have changed. The targets
   * get the times; nobody is told of a change of the directory.
   */
  readonly touched?: boolean;
}

/**
 * Whether a directory took the place of another one between two marks of a path: it appeared where something had been, or something
 * went away from where it had appeared, as when two change places. What targets have below it may look the same then.
 */
export function isReplacement(before: Reach, added: Reach): boolean {
  if (added === Reach.Tree) return before !== Reach.Tree;
  return added === Reach.Reconcile && before === Reach.Tree;
}

/** A name that became another one inside a root. Both names are marked as well: this only spares sending the data again. */
export interface Rename {
  readonly from: ByteString;
  readonly to: ByteString;
  readonly isDirectory: boolean;
}
