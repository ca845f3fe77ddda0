/**
 * How a push looks at the source when it starts.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";

/** What one path is now. */
export interface Look {
  /** Type and permission bits. */
  readonly mode: number;
  readonly size: number;
  readonly inode: bigint;
  readonly ctimeNs: bigint;
}

/** A root, looked at synchronously. Links are never followed, also not on the way to an item. */
export interface SourceTree {
  /** `null` when there is nothing, or when a directory on the way to it is none (any more) or is a link. */
  lstat(path: ByteString): Look | null;
  /** The names in a directory; none where it is gone. `null` when it cannot be read. */
  list(path: ByteString): readonly ByteString[] | null;
}
