/**
 * One watched root: the events of its directories, the walks through it, and the open files in it, put together.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { InotifySource } from "../inotify/inotify-hub.js";
import { loadWriterTest } from "../inotify/writer-test.js";
import type { Snapshot } from "../journal/snapshot.js";
import { DirectoryLinks } from "../links/directory-links.js";
import { Reach } from "../state/mark.js";
import { Disk, isYoung } from "./disk.js";
import { Explorer } from "./explorer.js";
import { FollowingDisk } from "./following-disk.js";
import { LinkWatch } from "./link-watch.js";
import { LinkedFiles } from "./linked-files.js";
import { MarkSink } from "./mark-sink.js";
import { OpenFiles } from "./open-files.js";
import { openPolicies } from "./open-policy.js";
import type { RootWatchOptions } from "./options.js";
import { PathDoubts } from "./path-doubts.js";
import { Poller } from "./poller.js";
import { RootEvents } from "./root-events.js";
import { RootGuard } from "./root-guard.js";
import { RootHealth } from "./root-health.js";
import type { ScanReason } from "./root-scan.js";
import type { RootFigures, RootListener, RootState, RootWatcher } from "./root-watcher.js";
import { Scans } from "./scans.js";
import { Shards } from "./shards.js";
import { hasEntries } from "./snapshot-entry.js";
import type { WalkContext } from "./walk.js";
import { WatchLimitWarning } from "./watch-limit.js";
import { WatchedTree, type WatchedTreeObserver } from "./watched-tree.js";

export class RootWatch implements RootWatcher {
  readonly #options: RootWatchOptions;
  readonly #snapshot: Snapshot;
  readonly #listener: RootListener;
  readonly #disk: Disk;
  /** `null` where links are links. */
  readonly #links: LinkWatch | null;
  readonly #shards: Shards;
  readonly #watched: WatchedTree;
  readonly #marks: MarkSink;
  readonly #openFiles: OpenFiles;
  readonly #linked: LinkedFiles | null;
  readonly #doubts: PathDoubts;
  readonly #explorer: Explorer;
  readonly #scans: Scans;
  readonly #events: RootEvents;
  readonly #health: RootHealth;
  readonly #poller: Poller;
  readonly #limit: WatchLimitWarning;
  readonly #walkContext: WalkContext;
  #state: RootState = "scanning";

  /** `source`: where watches come from, `null` where there is no inotify. */
  constructor(
    options: RootWatchOptions,
    snapshot: Snapshot,
    listener: RootListener,
    source: InotifySource | null,
  ) {
    this.#options = options;
    this.#snapshot = snapshot;
    this.#listener = listener;
    const following = options.followSymlinkDirs ? this.#createFollowingDisk() : null;
    this.#disk = following ?? new Disk(options.path);
    this.#marks = new MarkSink(listener);
    // One directory in several places has one watch: that of one instance.
    const limit = following === null ? options.shardDirectories : Number.POSITIVE_INFINITY;
    this.#shards = new Shards(source, limit);
    this.#watched = this.#createWatchedTree();
    this.#links = following && this.#createLinkWatch(following);
    this.#openFiles = this.#createOpenFiles();
    this.#linked = options.hardLinks ? this.#createLinkedFiles() : null;
    this.#health = this.#createHealth();
    this.#limit = new WatchLimitWarning(listener);
    this.#doubts = new PathDoubts({
      drain: () => this.#events.drain(),
      isWithin: (node, ancestor) => this.#watched.tree.isWithin(node, ancestor),
    });
    this.#walkContext = this.#createWalkContext();
    this.#explorer = this.#createExplorer();
    this.#poller = this.#createPoller();
    this.#scans = this.#createScans();
    this.#events = this.#createEvents();
  }

  get state(): RootState {
    return this.#state;
  }

  async start(): Promise<void> {
    if (this.#options.backend !== "poll") this.#shards.open(this.#events);
    const isFine = this.#health.checkStart(await hasEntries(this.#snapshot));
    if (isFine) await this.#begin({ kind: "start" });
  }

  async drain(): Promise<void> {
    await this.#events.settled();
    await this.#walked();
    await this.#poller.round();
    this.#links?.poll();
    await this.#walked();
    this.#openFiles.testAll(true);
    this.#marks.flush();
    await this.#linked?.settled();
  }

  calm(forMs: number): void {
    // A name that is linked, written through and gone before it is looked at says nothing of the file's other names.
    this.#shards.calm(this.#linked?.hasSome === true ? 0 : forMs);
  }

  resume(): Promise<void> {
    return this.#health.resume();
  }

  tellAgain(paths: readonly ByteString[]): void {
    if (this.#state === "closed") return;
    for (const path of paths) this.#marks.mark(path);
    this.#marks.flush();
  }

  brought(path: ByteString): void {
    this.#poller.brought(path);
  }

  figures(): RootFigures {
    return {
      ...this.#events.figures,
      ...this.#scans.figures,
      watches: this.#watched.watches,
      shards: this.#shards.count,
      polledDirectories: this.#watched.polled.size,
      openFiles: this.#openFiles.count,
    };
  }

  async close(): Promise<void> {
    if (this.#state === "closed") return;
    this.#setState("closed", "closed");
    this.#scans.close();
    this.#health.close();
    this.#events.close();
    this.#poller.close();
    this.#explorer.walks.clear();
    this.#links?.clear();
    this.#openFiles.close();
    this.#doubts.close();
    this.#linked?.close();
    if (this.#shards.isShared()) this.#watched.clear();
    await this.#shards.close();
  }

  /** Resolves when no walk is left, nor a link that walks have met. */
  async #walked(): Promise<void> {
    await this.#explorer.walks.idle();
    while (this.#links?.isIdle === false) {
      await this.#links.idle();
      await this.#explorer.walks.idle();
    }
  }

  #createFollowingDisk(): FollowingDisk {
    const { path } = this.#options;
    return new FollowingDisk(path, new DirectoryLinks(path), (link, identity) =>
      this.#links?.noted(link, identity),
    );
  }

  #createLinkWatch(disk: FollowingDisk): LinkWatch {
    const watched = this.#watched;
    return new LinkWatch({
      disk,
      watched,
      marks: this.#marks,
      watches: {
        add: (directory) => watched.watchAside(directory),
        release: (watch) => watched.release(watch),
      },
      isHidden: this.#options.isHidden,
      pollIntervalMs: this.#options.pollIntervalMs,
      device: () => this.#walkContext.device,
      explore: (node, isNew) =>
        isNew ? this.#explorer.explore(node, false) : this.#explorer.exploreAgain(node),
      flush: () => {
        this.#explorer.walks.runNow();
        this.#marks.flush();
      },
      warn: (text) => this.#listener.warned(text),
    });
  }

  #createWatchedTree(): WatchedTree {
    const observer: WatchedTreeObserver = {
      dropped: (node) => this.#dropped(node),
      displaced: (path) => {
        this.#links?.forgetBelow(path);
        this.#marks.mark(path, Reach.Reconcile);
      },
      looked: (node) => this.#doubts.looked(node),
      placed: (node) => this.#placed(node),
      polled: (node) => this.#poller.added(node),
      watched: (watch, path) => this.#listener.kernel?.watched(watch, path),
    };
    const isNeeded = (watch: number): boolean => this.#links?.hasWatch(watch) === true;
    const sharing = this.#options.followSymlinkDirs ? { isNeeded } : null;
    return new WatchedTree(this.#disk, this.#shards, observer, sharing);
  }

  #placed(node: number): void {
    const path = this.#links === null ? null : this.#watched.tree.path(node);
    if (path !== null) {
      // Links in it may lead elsewhere now.
      this.#links?.forgetBelow(path);
      this.#explorer.exploreAgain(node);
    }
    this.#explorer.placed(node);
  }

  #createOpenFiles(): OpenFiles {
    return new OpenFiles({
      disk: this.#disk,
      tree: this.#watched.tree,
      marks: this.#marks,
      hasWriter: loadWriterTest(),
      policy: openPolicies(this.#options.whileOpen),
      linked: (node, name, entry) => this.#linked?.note(node, name, entry),
      hasLinks: () => this.#linked?.hadSome === true,
      missed: () => this.#linked?.missed(),
    });
  }

  #createLinkedFiles(): LinkedFiles {
    const linked = new LinkedFiles({
      disk: this.#disk,
      tree: this.#watched.tree,
      isHidden: this.#options.isHidden,
      mark: (path) => this.#marks.mark(path),
      suspect: (node, name, path) => void this.#openFiles.suspect(node, name, path),
      flush: () => this.#marks.flush(),
    });
    this.#marks.expandBy((marks) => linked.othersOf(marks));
    return linked;
  }

  #createHealth(): RootHealth {
    return new RootHealth(new RootGuard(this.#disk, this.#options), this.#options.path, {
      state: () => this.#state,
      setState: (state, reason) => this.#setState(state, reason),
      isWatching: () => this.#watched.isWatching,
      letGo: () => {
        this.#scans.cancel();
        this.#explorer.walks.clear();
        this.#links?.clear();
        this.#watched.clear();
      },
      comeBack: () => this.#begin({ kind: "back" }),
    });
  }

  #createWalkContext(): WalkContext {
    return {
      disk: this.#disk,
      watched: this.#watched,
      isHidden: this.#options.isHidden,
      device: null,
      warn: (text) => this.#listener.warned(text),
      detached: (node) => this.#events.missed(node),
      walked: (start) => this.#doubts.walked(start),
      mounted: (path, device) => this.#health.mounted(path, device),
      linked: (node, name, entry) => this.#linked?.note(node, name, entry),
    };
  }

  #createExplorer(): Explorer {
    return new Explorer({
      walk: this.#walkContext,
      marks: this.#marks,
      openFiles: this.#openFiles,
      takeMissed: (node) => this.#events.takeMissed(node),
      doubtsAbout: (node) => this.#doubts.about(node),
    });
  }

  #createPoller(): Poller {
    return new Poller({
      ...this.#walkContext,
      marks: this.#marks,
      openFiles: this.#openFiles,
      intervalMs: this.#options.pollIntervalMs,
      device: () => this.#walkContext.device,
      explore: (node) => this.#explorer.explore(node, true),
    });
  }

  #createEvents(): RootEvents {
    return new RootEvents({
      options: this.#options,
      listener: this.#listener,
      shards: this.#shards,
      scans: this.#scans,
      watched: this.#watched,
      marks: this.#marks,
      openFiles: this.#openFiles,
      links: this.#links,
      explore: (node, mark) => this.#explorer.explore(node, mark),
      exploreAgain: (node) => this.#explorer.exploreAgain(node),
      isYoung: (path) => isYoung(this.#disk.look(path)),
      rootLost: (loss) => this.#health.lost(loss),
      unmountedBelow: (path) => this.#health.unmountedBelow(path),
      rootThinned: () => this.#health.thinned(),
      settle: () => this.#settle(),
      warn: (text) => this.#listener.warned(text),
    });
  }

  /** Tells what some events brought, unless the root is not what it was. */
  #settle(): void {
    this.#health.check();
    this.#links?.settle();
    this.#explorer.walks.runNow();
    this.#openFiles.settle();
    this.#marks.flush();
    this.#tellLimit();
  }

  #createScans(): Scans {
    const context = {
      options: this.#options,
      snapshot: this.#snapshot,
      walk: this.#walkContext,
      marks: this.#marks,
      openFiles: this.#openFiles,
      root: () => this.#disk.lookAtRoot(),
      shards: () => this.#shards.count,
    };
    return new Scans(context, () => this.#tellLimit());
  }

  #dropped(node: number): void {
    this.#explorer.walks.dropped(node);
    this.#scans.dropped(node);
    this.#openFiles.dropped(node);
    this.#events.dropped(node);
    this.#doubts.dropped(node);
    this.#poller.dropped(node);
  }

  /** Watches and walks a root that the guard has nothing against. */
  async #begin(reason: ScanReason): Promise<void> {
    const root = this.#disk.lookAtRoot();
    this.#walkContext.device = this.#options.oneFileSystem && root !== null ? root.device : null;
    const outcome = this.#watched.adoptRoot();
    if (outcome < 0) {
      const reasonText = `${this.#options.path}: can not be watched (errno ${-outcome})`;
      this.#health.halt({ state: "root-gone", reason: reasonText });
      return;
    }
    this.#setState("scanning", reason.kind === "back" ? "the root is back" : "the root is walked");
    await this.#scans.add(reason);
    if (this.#state === "scanning") this.#setState("live", "the walk is done");
  }

  #tellLimit(): void {
    if (this.#shards.count === 0 || this.#scans.isRunning) return;
    const { watches, polled } = this.#watched;
    this.#limit.update(watches, polled.size, this.#options.pollIntervalMs);
  }

  #setState(state: RootState, reason: string): void {
    if (this.#state === state && state !== "scanning") return;
    this.#state = state;
    this.#listener.state(state, reason);
  }
}
