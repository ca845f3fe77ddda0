/**
 * What the watcher of a root is made of. The parts know each other by way of this, and only when something happens: each is made
 * after those that it is given.
 * @module
 */
import type { InotifySource } from "../inotify/inotify-hub.js";
import type { Snapshot } from "../journal/snapshot.js";
import { Disk } from "./disk.js";
import type { Explorer } from "./explorer.js";
import type { LinkWatch } from "./link-watch.js";
import type { LinkedFiles } from "./linked-files.js";
import { MarkSink } from "./mark-sink.js";
import type { OpenFiles } from "./open-files.js";
import type { RootWatchOptions } from "./options.js";
import { PathDoubts } from "./path-doubts.js";
import type { Poller } from "./poller.js";
import { createFollowingDisk, createLinkWatch, createWatchedTree } from "./root-directories.js";
import { RootEvents } from "./root-events.js";
import { createLinkedFiles, createOpenFiles } from "./root-files.js";
import { RootGuard } from "./root-guard.js";
import { RootHealth } from "./root-health.js";
import type { ScanReason } from "./root-scan.js";
import { createExplorer, createPoller, createScans, createWalkContext } from "./root-walks.js";
import type { RootListener, RootState } from "./root-watcher.js";
import type { Scans } from "./scans.js";
import { Shards } from "./shards.js";
import type { WalkContext } from "./walk.js";
import { WatchLimitWarning } from "./watch-limit.js";
import type { WatchedTree } from "./watched-tree.js";

/** What is given to the watcher of a root. */
export interface RootGivens {
  options: RootWatchOptions;
  snapshot: Snapshot;
  listener: RootListener;
  /** Where watches come from, `null` where there is no inotify. */
  source: InotifySource | null;
}

/** Decides where the root stands. */
export interface RootLife {
  state(): RootState;
  /** `reason` is for people. */
  setState(state: RootState, reason: string): void;
  /** Watches and walks the root. */
  begin(reason: ScanReason): Promise<void>;
}

export class RootParts {
  readonly options: RootWatchOptions;
  readonly snapshot: Snapshot;
  readonly listener: RootListener;
  readonly disk: Disk;
  readonly marks: MarkSink;
  readonly shards: Shards;
  readonly watched: WatchedTree;
  /** `null` where links are links. */
  readonly links: LinkWatch | null;
  readonly openFiles: OpenFiles;
  /** `null` where each name of a file is a file. */
  readonly linked: LinkedFiles | null;
  readonly health: RootHealth;
  readonly doubts: PathDoubts;
  readonly walk: WalkContext;
  readonly explorer: Explorer;
  readonly poller: Poller;
  readonly scans: Scans;
  readonly events: RootEvents;
  readonly #limit: WatchLimitWarning;

  constructor({ options, snapshot, listener, source }: RootGivens, life: RootLife) {
    this.options = options;
    this.snapshot = snapshot;
    this.listener = listener;
    const following = options.followSymlinkDirs ? createFollowingDisk(this) : null;
    this.disk = following ?? new Disk(options.path);
    this.marks = new MarkSink(listener);
    // One directory in several places has one watch: that of one instance.
    const limit = following === null ? options.shardDirectories : Number.POSITIVE_INFINITY;
    this.shards = new Shards(source, limit);
    this.watched = createWatchedTree(this);
    this.links = following && createLinkWatch(this, following);
    this.openFiles = createOpenFiles(this);
    this.linked = options.hardLinks ? createLinkedFiles(this) : null;
    this.health = this.#createHealth(life);
    this.#limit = new WatchLimitWarning(listener);
    this.doubts = new PathDoubts({
      drain: () => this.events.drain(),
      isWithin: (node, ancestor) => this.watched.tree.isWithin(node, ancestor),
    });
    this.walk = createWalkContext(this);
    this.explorer = createExplorer(this);
    this.poller = createPoller(this);
    this.scans = createScans(this);
    this.events = this.#createEvents();
  }

  /** Says that there are too few watches, if that is so. */
  tellLimit(): void {
    if (this.shards.count === 0 || this.scans.isRunning) return;
    const { watches, polled } = this.watched;
    this.#limit.update(watches, polled.size, this.options.pollIntervalMs);
  }

  /** Ends all of them. */
  async close(): Promise<void> {
    this.scans.close();
    this.health.close();
    this.events.close();
    this.poller.close();
    this.explorer.walks.clear();
    this.links?.clear();
    this.openFiles.close();
    this.doubts.close();
    this.linked?.close();
    if (this.shards.isShared()) this.watched.clear();
    await this.shards.close();
  }

  #createHealth({ state, setState, begin }: RootLife): RootHealth {
    return new RootHealth(new RootGuard(this.disk, this.options), this.options.path, {
      state,
      setState,
      isWatching: () => this.watched.isWatching,
      letGo: () => {
        this.scans.cancel();
        this.explorer.walks.clear();
        this.links?.clear();
        this.watched.clear();
      },
      comeBack: () => begin({ kind: "back" }),
    });
  }

  #createEvents(): RootEvents {
    return new RootEvents({
      options: this.options,
      listener: this.listener,
      shards: this.shards,
      scans: this.scans,
      watched: this.watched,
      marks: this.marks,
      openFiles: this.openFiles,
      links: this.links,
      explore: (node, mark) => this.explorer.explore(node, mark),
      exploreAgain: (node) => this.explorer.exploreAgain(node),
      rootLost: (loss) => this.health.lost(loss),
      unmountedBelow: (path) => this.health.unmountedBelow(path),
      rootThinned: () => this.health.thinned(),
      settle: () => this.#settle(),
      warn: (text) => this.listener.warned(text),
    });
  }

  /** Tells what some events brought, unless the root is not what it was. */
  #settle(): void {
    this.health.check();
    this.links?.settle();
    this.explorer.walks.runNow();
    this.openFiles.settle();
    this.marks.flush();
    this.tellLimit();
  }
}
