/**
 * The live mirror: file-system events become targeted pushes. So far only the types that its library will have.
 * @module
 */

/** A directory to watch. */
export interface MirrorRoot {
  /** The directory, absolute or relative to the working directory. */
  path: string;
  /** Where its contents go to: addresses of daemon modules, `rsync://host/module/path/`. */
  targets: readonly string[];
}

/** What a change was, once events have been put together. */
export type ChangeKind = "content" | "attributes" | "moved" | "deleted";

/** One path that is not what it was. */
export interface Change {
  /** Relative to its root. */
  path: string;
  kind: ChangeKind;
}
