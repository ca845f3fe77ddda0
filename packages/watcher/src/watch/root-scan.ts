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
import { ShardRegion } from "./shard-region.js";
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
  /** How many shards the root has. */
  shards(): number;
}

/** Why a root is walked. */
export type ScanReason =
  /** Nothing is known but the snapshot; without one a full sync follows. */
  | { kind: "start" }
  /** Events of a shard were lost since then. */
  | { kind: "lost"; shard: number; boundNs: bigint }
  /** It was away: anything may have happened to it. */
  | { kind: "back" };

export class RootScan {
  entries = 0;
  seconds = 0;
  readonly reason: ScanReason;
  readonly #context: ScanContext;
  #walk: Walk | null = null;
  #cancelled = false;

  constructor(context: ScanContext, reason: ScanReason) {
    this.#context = context;
    this.reason = reason;
  }

  /** True when it came to its end. */
  async run(): Promise<boolean> {
    const started = performance.now();
    const { reason } = this;
    const { marks, options, snapshot, walk } = this.#context;
    const region = this.#region();
    const join =
      snapshot.isComplete && options.snapshot !== "off" ? await this.#join(region) : null;
    const visitor = join ?? this.#withoutSnapshot(reason);
    if (reason.kind === "lost" && reason.shard === 0) this.#lookAtRoot(reason.boundNs);
    this.#walk = new Walk(walk, visitor, ROOT, region ?? "all");
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

  /** What has to be walked, `null` for everything. */
  #region(): ShardRegion | null {
    const { reason } = this;
    if (reason.kind !== "lost" || this.#context.shards() === 1) return null;
    const { detached, watched } = this.#context.walk;
    return new ShardRegion(watched.tree, reason.shard, detached);
  }

  async #join(region: ShardRegion | null): Promise<SnapshotJoin> {
    const { options } = this.#context;
    const directoriesOnly = options.snapshot === "dirs";
    const join = new SnapshotJoin(this.#context, {
      directoriesOnly,
      covers: region === null ? null : (path) => region.covers(path),
    });
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
    return boundVisitor(this.#context, reason.boundNs);
  }

  #lookAtRoot(boundNs: bigint): void {
    const root = this.#context.root();
    if (root === null || root.ctimeNs >= boundNs) this.#context.marks.mark("", Reach.Reconcile);
  }
}
