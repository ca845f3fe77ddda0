/**
 * Walks of a whole root: the first one, and those after events were lost (spec 6, 4.3 and 4.4).
 * @module
 */
import type { Snapshot } from "../journal/snapshot.js";
import { Reach } from "../state/mark.js";
import { ROOT } from "./directory-tree.js";
import type { DiskEntry } from "./disk.js";
import type { MarkSink } from "./mark-sink.js";
import type { OpenFiles } from "./open-files.js";
import type { RootWatchOptions } from "./options.js";
import { boundVisitor, recordingVisitor } from "./scan-visitors.js";
import { SnapshotJoin } from "./snapshot-join.js";
import { Walk, type WalkContext, type WalkVisitor } from "./walk.js";
import { SLICE_MS } from "./walk-queue.js";

export interface ScanContext {
  options: Pick<RootWatchOptions, "snapshot">;
  snapshot: Snapshot;
  walk: WalkContext;
  marks: MarkSink;
  openFiles: OpenFiles;
  /** The root's own entry. */
  root(): DiskEntry | null;
}

/** Why a root is walked. */
export type ScanReason =
  /** Nothing is known but the snapshot; without one a full sync follows. */
  | { kind: "start" }
  /** Events were lost since then. */
  | { kind: "lost"; boundNs: bigint }
  /** It was away: anything may have happened to it. */
  | { kind: "back" };

export class RootScan {
  entries = 0;
  seconds = 0;
  readonly #context: ScanContext;
  #walk: Walk | null = null;
  #cancelled = false;

  constructor(context: ScanContext) {
    this.#context = context;
  }

  /** True when it came to its end. */
  async run(reason: ScanReason): Promise<boolean> {
    const started = performance.now();
    const { marks, options, snapshot, walk } = this.#context;
    const join = snapshot.isComplete && options.snapshot !== "off" ? await this.#join() : null;
    const visitor = join ?? this.#withoutSnapshot(reason);
    this.#walk = new Walk(walk, visitor, ROOT, "all");
    for (let ended = false; !ended && !this.#cancelled; ) {
      ended = this.#walk.step(performance.now() + SLICE_MS);
      this.entries = this.#walk.entries;
      await join?.compare();
      marks.flush();
      if (!ended) await new Promise((resolve) => setImmediate(resolve));
    }
    this.#walk = null;
    if (this.#cancelled) {
      await join?.cancel();
      return false;
    }
    if (join !== null) await join.finish();
    else if (options.snapshot !== "off" && reason.kind === "start") snapshot.completed();
    this.seconds = (performance.now() - started) / 1000;
    return true;
  }

  /** Ends it at its next slice. */
  cancel(): void {
    this.#cancelled = true;
  }

  dropped(node: number): void {
    this.#walk?.dropped(node);
  }

  async #join(): Promise<SnapshotJoin> {
    const { options } = this.#context;
    const directoriesOnly = options.snapshot === "dirs";
    const join = new SnapshotJoin(this.#context, { directoriesOnly });
    if (directoriesOnly) await join.findBound();
    return join;
  }

  #withoutSnapshot(reason: ScanReason): WalkVisitor {
    const { marks, options, snapshot } = this.#context;
    if (reason.kind === "start") {
      if (options.snapshot === "off") return { entry: () => {}, unknown: () => {} };
      return recordingVisitor(snapshot, options.snapshot === "dirs");
    }
    if (reason.kind === "back") {
      marks.mark("", Reach.Reconcile);
      return { entry: () => {}, unknown: () => {} };
    }
    const root = this.#context.root();
    if (root === null || root.ctimeNs >= reason.boundNs) marks.mark("", Reach.Reconcile);
    return boundVisitor(this.#context, reason.boundNs);
  }
}
