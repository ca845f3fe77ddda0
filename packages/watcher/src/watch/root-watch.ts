/**
 * One watched root: the events of its directories, the walks through it, and the open files in it, put together.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { InotifyHandle, InotifyHub, InotifySubscriber } from "../inotify/inotify-hub.js";
import { type Moment, thisMoment } from "../inotify/reader-messages.js";
import { loadWriterTest } from "../inotify/writer-test.js";
import type { Snapshot } from "../journal/snapshot.js";
import { Reach } from "../state/mark.js";
import { NO_NODE } from "./directory-tree.js";
import { Disk, isYoung } from "./disk.js";
import { EventPump } from "./event-pump.js";
import { EventTranslator } from "./event-translator.js";
import { LinkedFiles } from "./linked-files.js";
import { MarkSink } from "./mark-sink.js";
import { newDirectoryVisitor } from "./new-directory-visitor.js";
import { OpenFiles } from "./open-files.js";
import { openPolicies } from "./open-policy.js";
import type { RootWatchOptions } from "./options.js";
import { Overflow } from "./overflow.js";
import { PathDoubts } from "./path-doubts.js";
import { Poller } from "./poller.js";
import { RootGuard } from "./root-guard.js";
import { RootHealth } from "./root-health.js";
import { RootScan, type ScanReason } from "./root-scan.js";
import type { RootFigures, RootListener, RootState, RootWatcher } from "./root-watcher.js";
import { type Again, Walk, type WalkContext } from "./walk.js";
import { WalkQueue } from "./walk-queue.js";
import { WatchLimitWarning } from "./watch-limit.js";
import { WatchedTree } from "./watched-tree.js";

export class RootWatch implements RootWatcher {
  readonly #options: RootWatchOptions;
  readonly #snapshot: Snapshot;
  readonly #listener: RootListener;
  readonly #hub: Pick<InotifyHub, "open"> | null;
  readonly #disk: Disk;
  readonly #watched: WatchedTree;
  readonly #marks: MarkSink;
  readonly #openFiles: OpenFiles;
  readonly #linked: LinkedFiles | null;
  readonly #doubts: PathDoubts;
  readonly #translator: EventTranslator;
  readonly #pump: EventPump;
  readonly #overflow: Overflow;
  readonly #health: RootHealth;
  readonly #poller: Poller;
  readonly #limit: WatchLimitWarning;
  readonly #walks = new WalkQueue(() => this.#marks.flush());
  readonly #walkContext: WalkContext;
  #handle: InotifyHandle | null = null;
  #state: RootState = "scanning";
  #scan: RootScan | null = null;
  #scanning: Promise<void> = Promise.resolve();
  /** When the queue of events was last known to be empty. */
  #empty: Moment = thisMoment();
  readonly #figures = { events: 0, overflows: 0, walkedEntries: 0, walkSeconds: 0 };

  /** `hub`: where watches come from, `null` where there is no inotify. */
  constructor(
    options: RootWatchOptions,
    snapshot: Snapshot,
    listener: RootListener,
    hub: Pick<InotifyHub, "open"> | null,
  ) {
    this.#hub = hub;
    this.#options = options;
    this.#snapshot = snapshot;
    this.#listener = listener;
    this.#disk = new Disk(options.path);
    this.#marks = new MarkSink(listener);
    this.#watched = this.#createWatchedTree();
    this.#openFiles = new OpenFiles({
      disk: this.#disk,
      tree: this.#watched.tree,
      marks: this.#marks,
      hasWriter: loadWriterTest(),
      policy: openPolicies(options.whileOpen),
      linked: (node, name, entry) => this.#linked?.note(node, name, entry),
    });
    this.#linked = options.hardLinks ? this.#createLinkedFiles() : null;
    this.#health = this.#createHealth();
    this.#limit = new WatchLimitWarning(listener);
    this.#doubts = new PathDoubts({
      drain: () => this.#drainEvents(),
      isWithin: (node, ancestor) => this.#watched.tree.isWithin(node, ancestor),
    });
    this.#walkContext = this.#createWalkContext();
    this.#poller = new Poller({
      ...this.#walkContext,
      marks: this.#marks,
      openFiles: this.#openFiles,
      intervalMs: options.pollIntervalMs,
      device: () => this.#walkContext.device,
      explore: (node) => this.#explore(node, true, "start"),
    });
    this.#translator = this.#createTranslator();
    this.#pump = this.#createPump();
    this.#overflow = new Overflow({
      rescan: (boundNs) => this.#rescan({ kind: "lost", boundNs }),
      cancel: () => this.#scan?.cancel(),
      warn: (text) => listener.warned(text),
    });
  }

  get state(): RootState {
    return this.#state;
  }

  async start(): Promise<void> {
    this.#openHandle();
    const isFine = this.#health.checkStart(await hasEntries(this.#snapshot));
    if (isFine) await this.#begin({ kind: "start" });
  }

  async drain(): Promise<void> {
    await this.#drainEvents();
    this.#translator.settle();
    await this.#scanning;
    await this.#overflow.settled(true);
    await this.#walks.idle();
    await this.#poller.round();
    await this.#walks.idle();
    this.#openFiles.testAll(true);
    this.#marks.flush();
    await this.#linked?.settled();
  }

  calm(forMs: number): void {
    this.#handle?.calm(forMs);
  }

  resume(): Promise<void> {
    return this.#health.resume();
  }

  tellAgain(paths: readonly ByteString[]): void {
    if (this.#state === "closed") return;
    for (const path of paths) this.#marks.mark(path);
    this.#marks.flush();
  }

  figures(): RootFigures {
    return {
      ...this.#figures,
      watches: this.#watched.watches,
      polledDirectories: this.#watched.polled.size,
      openFiles: this.#openFiles.count,
    };
  }

  async close(): Promise<void> {
    if (this.#state === "closed") return;
    this.#setState("closed", "closed");
    this.#scan?.cancel();
    this.#health.close();
    this.#overflow.close();
    this.#poller.close();
    this.#pump.clear();
    this.#walks.clear();
    this.#translator.close();
    this.#openFiles.close();
    this.#doubts.close();
    this.#linked?.close();
    if (this.#handle?.isShared()) this.#watched.clear();
    await this.#handle?.close();
    this.#handle = null;
  }

  async #drainEvents(): Promise<void> {
    await this.#handle?.drain();
    await this.#pump.idle();
  }

  #subscriber(): InotifySubscriber {
    return {
      batch: (batch) => this.#pump.push(batch),
      lost: () => this.#overflowed(),
      hasWatch: (watch) => this.#watched.tree.byWatch(watch) !== NO_NODE,
    };
  }

  #createPump(): EventPump {
    return new EventPump({
      batch: ({ empty, since }) => {
        this.#empty = empty;
        this.#marks.noticed(since);
      },
      event: (watch, mask, cookie, name) => {
        this.#figures.events++;
        this.#listener.kernel?.event(watch, name, mask);
        this.#translator.take(watch, mask, cookie, name);
      },
      settle: () => {
        this.#health.check();
        this.#walks.runNow();
        this.#openFiles.settle();
        this.#marks.flush();
        this.#tellLimit();
      },
    });
  }

  #createWatchedTree(): WatchedTree {
    return new WatchedTree(this.#disk, {
      dropped: (node) => this.#dropped(node),
      displaced: (path) => this.#marks.mark(path, Reach.Reconcile),
      looked: (node) => this.#doubts.looked(node),
      placed: (node) => this.#placed(node),
      polled: (node) => this.#poller.added(node),
      watched: (watch, path) => this.#listener.kernel?.watched(watch, path),
    });
  }

  #createWalkContext(): WalkContext {
    return {
      disk: this.#disk,
      watched: this.#watched,
      isHidden: this.#options.isHidden,
      device: null,
      warn: (text) => this.#listener.warned(text),
      detached: (node) => this.#translator.missed(node),
      walked: (start) => this.#doubts.walked(start),
      mounted: (path, device) => this.#health.mounted(path, device),
      linked: (node, name, entry) => this.#linked?.note(node, name, entry),
    };
  }

  #createHealth(): RootHealth {
    return new RootHealth(new RootGuard(this.#disk, this.#options), this.#options.path, {
      state: () => this.#state,
      setState: (state, reason) => this.#setState(state, reason),
      isWatching: () => this.#watched.isWatching,
      letGo: () => {
        this.#scan?.cancel();
        this.#walks.clear();
        this.#watched.clear();
      },
      comeBack: () => this.#begin({ kind: "back" }),
    });
  }

  #createLinkedFiles(): LinkedFiles {
    const linked = new LinkedFiles({
      disk: this.#disk,
      tree: this.#watched.tree,
      isHidden: this.#options.isHidden,
      mark: (path) => this.#marks.mark(path),
      flush: () => this.#marks.flush(),
    });
    this.#marks.expandBy((marks) => linked.othersOf(marks));
    return linked;
  }

  #createTranslator(): EventTranslator {
    return new EventTranslator({
      options: this.#options,
      watched: this.#watched,
      marks: this.#marks,
      openFiles: this.#openFiles,
      explore: (node, mark) => this.#explore(node, mark, "start"),
      exploreAgain: (node) => this.#explore(node, false, "all"),
      overflowed: () => this.#overflowed(),
      isYoung: (path) => isYoung(this.#disk.look(path)),
      rootLost: (loss) => this.#health.lost(loss),
      unmountedBelow: (path) => this.#health.unmountedBelow(path),
      rootThinned: () => this.#health.thinned(),
      warn: (text) => this.#listener.warned(text),
    });
  }

  #explore(node: number, mark: boolean, again: Again): void {
    const visitor = newDirectoryVisitor(this.#marks, this.#openFiles, mark);
    const walk = new Walk(this.#walkContext, visitor, node, again);
    if (mark) this.#walks.add(walk);
    else this.#walks.add(walk, (slices) => this.#markExplored(walk, slices));
  }

  /** A tree that was marked before all of it was watched is marked again: somebody may have looked at it in between. */
  #markExplored(walk: Walk, slices: number): void {
    const path = walk.path();
    if (slices > 1 && path !== null) this.#marks.mark(path, Reach.Reconcile);
  }

  /** What was told, or looked at, while the directory was thought to be elsewhere is looked at again. */
  #placed(node: number): void {
    if (this.#translator.takeMissed(node)) {
      const path = this.#watched.tree.path(node);
      if (path !== null) this.#marks.mark(path, Reach.Reconcile);
      this.#explore(node, false, "all");
      return;
    }
    for (const doubt of this.#doubts.about(node)) {
      this.#explore(doubt.node, false, doubt.deep ? "all" : "start");
    }
  }

  /** Walks the root, after the walk that runs now. */
  #rescan(reason: ScanReason): Promise<void> {
    this.#scanning = this.#scanning.then(() => this.#scanOnce(reason));
    return this.#scanning;
  }

  async #scanOnce(reason: ScanReason): Promise<void> {
    if (this.#state === "closed") return;
    const scan = new RootScan({
      options: this.#options,
      snapshot: this.#snapshot,
      walk: this.#walkContext,
      marks: this.#marks,
      openFiles: this.#openFiles,
      root: () => this.#disk.lookAtRoot(),
    });
    this.#scan = scan;
    await scan.run(reason);
    this.#scan = null;
    this.#tellLimit();
    this.#figures.walkedEntries = scan.entries;
    this.#figures.walkSeconds = scan.seconds;
  }

  #overflowed(): void {
    this.#figures.overflows++;
    this.#listener.overflowed();
    this.#overflow.hit(this.#empty);
  }

  #dropped(node: number): void {
    this.#walks.dropped(node);
    this.#scan?.dropped(node);
    this.#openFiles.dropped(node);
    this.#translator.dropped(node);
    this.#doubts.dropped(node);
    this.#poller.dropped(node);
  }

  #openHandle(): void {
    if (this.#options.backend === "poll") return;
    try {
      this.#handle = this.#hub?.open(this.#subscriber()) ?? null;
    } catch (error) {
      this.#listener.warned(`${(error as Error).message}; the root is looked at in intervals`);
      return;
    }
    if (this.#handle === null) {
      this.#listener.warned("there is no inotify here: the root is looked at in intervals");
    }
  }

  /** Watches and walks a root that the guard has nothing against. */
  async #begin(reason: ScanReason): Promise<void> {
    const root = this.#disk.lookAtRoot();
    this.#walkContext.device = this.#options.oneFileSystem && root !== null ? root.device : null;
    this.#watched.use(this.#handle);
    const outcome = this.#watched.adoptRoot();
    if (outcome < 0) {
      const reasonText = `${this.#options.path}: can not be watched (errno ${-outcome})`;
      this.#health.halt({ state: "root-gone", reason: reasonText });
      return;
    }
    this.#setState("scanning", reason.kind === "back" ? "the root is back" : "the root is walked");
    await this.#rescan(reason);
    if (this.#state === "scanning") this.#setState("live", "the walk is done");
  }

  #tellLimit(): void {
    if (this.#handle === null || this.#scan !== null) return;
    const { watches, polled } = this.#watched;
    this.#limit.update(watches, polled.size, this.#options.pollIntervalMs);
  }

  #setState(state: RootState, reason: string): void {
    if (this.#state === state && state !== "scanning") return;
    this.#state = state;
    this.#listener.state(state, reason);
  }
}

async function hasEntries(snapshot: Snapshot): Promise<boolean> {
  if (!snapshot.isComplete) return false;
  for await (const entries of snapshot.entries()) if (entries.length > 0) return true;
  return false;
}
