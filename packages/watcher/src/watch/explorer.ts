/**
 * Walks of directories that are new, or that turned out to be elsewhere than it was thought.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { Reach } from "../state/mark.js";
import type { MarkSink } from "./mark-sink.js";
import { newDirectoryVisitor } from "./new-directory-visitor.js";
import type { OpenFiles } from "./open-files.js";
import type { Doubt } from "./path-doubts.js";
import { type Again, Walk, type WalkContext } from "./walk.js";
import { WalkQueue } from "./walk-queue.js";

export interface ExplorerContext {
  walk: WalkContext;
  marks: MarkSink;
  openFiles: OpenFiles;
  /** Whether something about a directory was not told while it had no place. */
  takeMissed(node: number): boolean;
  /** What to look at again when a directory was found to have moved. */
  doubtsAbout(node: number): Doubt[];
}

export class Explorer {
  readonly walks: WalkQueue;
  readonly #context: ExplorerContext;

  constructor(context: ExplorerContext) {
    this.#context = context;
    this.walks = new WalkQueue(() => context.marks.flush());
  }

  /** Walks a directory that is new; `mark`: marks each entry that is found. */
  explore(node: number, mark: boolean): void {
    this.#add(node, mark, "start");
  }

  /** Walks a directory that is known already, because watches in it may be missing. */
  exploreAgain(node: number): void {
    this.#add(node, false, "all");
  }

  /** What was told, or looked at, while the directory was thought to be elsewhere is looked at again. */
  placed(node: number): void {
    const { doubtsAbout, marks, takeMissed } = this.#context;
    if (takeMissed(node)) {
      const path = this.#path(node);
      if (path !== null) marks.mark(path, Reach.Reconcile);
      this.exploreAgain(node);
      return;
    }
    for (const doubt of doubtsAbout(node)) {
      this.#add(doubt.node, false, doubt.deep ? "all" : "start");
    }
  }

  #add(node: number, mark: boolean, again: Again): void {
    const { marks, openFiles, walk: context } = this.#context;
    const walk = new Walk(context, newDirectoryVisitor(marks, openFiles, mark), node, again);
    if (mark) this.walks.add(walk);
    else this.walks.add(walk, (slices) => this.#markExplored(walk, slices));
  }

  /** A tree that was marked before all of it was watched is marked again: somebody may have looked at it in between. */
  #markExplored(walk: Walk, slices: number): void {
    const path = walk.path();
    if (slices > 1 && path !== null) this.#context.marks.mark(path, Reach.Reconcile);
  }

  #path(node: number): ByteString | null {
    return this.#context.walk.watched.tree.path(node);
  }
}
