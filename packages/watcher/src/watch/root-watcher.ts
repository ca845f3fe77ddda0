/**
 * What stands behind a watched root, whatever finds the changes: inotify, polling, or both side by side.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { Mark, Rename } from "../state/mark.js";

/** Where a root stands (spec 6, 3.2 and 4.6). */
export type RootState =
  /** The first walk runs; changes are seen already. */
  | "scanning"
  | "live"
  /** Its directory is gone or was replaced: nothing is deleted anywhere until it is back or `resume()` was called. */
  | "root-gone"
  /** The file system that it was on is unmounted. */
  | "unmounted"
  /** The marker file is missing, or the root is suddenly empty. */
  | "guarded"
  | "closed";

/** What a root's watcher tells. The calls come in bursts and must return at once. */
export interface RootListener {
  /** `since`: when the first of it was noticed, in milliseconds since the epoch. */
  marked(marks: readonly Mark[], since: number): void;
  /** Comes after the marks of both names. */
  renamed(rename: Rename): void;
  /** `reason` is for people. */
  state(state: RootState, reason: string): void;
  /** The kernel dropped events; a walk of the part that was hit follows by itself. */
  overflowed(): void;
  /** Something a person should know: the watch limit, a directory that cannot be read. */
  warned(text: string): void;
  /**
   * Directories are polled for want of watches (`polled` 0: no longer), with the kernel's limit and the one that would do, 0
   * where unknown. Told in words as well.
   */
  watchLimit?(figures: { polled: number; limit: number; needed: number }): void;
  /** Only there when the log is at `debug` (log/kernel-lines.ts). */
  readonly kernel?: KernelListener;
}

/** Is told each watch as it is set and each event as the kernel gave it, for people who look for a fault. */
export interface KernelListener {
  watched(wd: number, path: ByteString): void;
  event(wd: number, name: ByteString, mask: number): void;
}

/** Figures of one root. */
export interface RootFigures {
  watches: number;
  /** Inotify instances that the directories are shared out to: one, but for very many directories. */
  shards: number;
  /** Directories that are looked at in intervals because no watch could be had. */
  polledDirectories: number;
  /** Files known to be open for writing. */
  openFiles: number;
  events: number;
  overflows: number;
  /** Entries that the last walk saw, and how long it took. */
  walkedEntries: number;
  walkSeconds: number;
}

/** Watches one directory tree. */
export interface RootWatcher {
  readonly state: RootState;
  /** Sets the watches and walks the tree. Resolves when the root is live, or halted by a guard. */
  start(): Promise<void>;
  /** Resolves when everything that was done to the tree before the call has been told to the listener. */
  drain(): Promise<void>;
  /** Nobody needs to be told of changes for so long (ms): they may be gathered. */
  calm(forMs: number): void;
  /** Tells paths once more, with all other names of the files. */
  tellAgain(paths: readonly ByteString[]): void;
  /**
   * A target has, or is about to get, what was found at a path: that it goes away again is told even when it came and went
   * unseen, between two looks at a directory that is polled. To be called when it has been looked at, not before.
   */
  brought(path: ByteString): void;
  /** Accepts the root as it is now, after a guard halted it. */
  resume(): Promise<void>;
  figures(): RootFigures;
  close(): Promise<void>;
}
