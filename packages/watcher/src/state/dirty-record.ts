/**
 * Dirty paths as the journal keeps them.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { Mark } from "./mark.js";

/** One of them. */
export interface DirtyRecord extends Mark {
  readonly force: boolean;
  readonly touched: boolean;
  /** The number of its last mark. */
  readonly sequence: number;
  /** The number of its first mark that is not settled. */
  readonly first: number;
  /** When that was made (ms). */
  readonly since: number;
}

/** What has changed since the journal was written last. */
export interface DirtyChanges {
  readonly written: readonly DirtyRecord[];
  readonly removed: readonly ByteString[];
}
