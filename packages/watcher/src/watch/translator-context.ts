/**
 * What the translation of events needs of its root.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { MarkSink } from "./mark-sink.js";
import type { OpenFiles } from "./open-files.js";
import type { RootWatchOptions } from "./options.js";
import type { Adoption, WatchedTree } from "./watched-tree.js";

/** What happens to a root as a whole. */
export type RootLoss = "gone" | "unmounted";

export interface TranslatorContext {
  options: Pick<RootWatchOptions, "events" | "isHidden" | "hidesByPath">;
  watched: WatchedTree;
  marks: MarkSink;
  openFiles: OpenFiles;
  /** Walks what is in a directory that is new; `mark`: marks each entry that is found. */
  explore(node: number, mark: boolean): void;
  /** Walks a directory that is known already, because watches in it may be missing. */
  exploreAgain(node: number): void;
  /** Events of a shard were lost. */
  overflowed(shard: number): void;
  /** Whether the second half of a rename has come, but is still to be taken. */
  isArriving(cookie: number): boolean;
  /** How much later than others the events of a shard may be read, in milliseconds. */
  restMs(): number;
  rootLost(loss: RootLoss): void;
  /** The file system with this directory, which is not the root, was unmounted. */
  unmountedBelow(path: ByteString): void;
  /** A name in the root's own directory went away, or the root itself may be another one. */
  rootThinned(name: ByteString): void;
  warn(text: string): void;
}

/** {@link WatchedTree.adopt}, telling a person about what can not be watched. */
export function adoptOrWarn(
  { watched, warn }: Pick<TranslatorContext, "watched" | "warn">,
  parent: number,
  name: ByteString,
  path: ByteString,
  shard?: number,
): Adoption {
  const adoption = watched.adopt(parent, name, path, shard);
  if (adoption.kind === "unreadable") {
    warn(`${path}: can not be watched (errno ${adoption.errno})`);
  }
  return adoption;
}
