/**
 * One watched root.
 * @module
 */
import { visitEvents } from "../inotify/events.js";
import { type InotifyHandle, inotifyHub } from "../inotify/inotify-hub.js";
import type { ReaderBatch } from "../inotify/reader-messages.js";
import { loadWriterTest } from "../inotify/writer-test.js";
import type { Snapshot } from "../journal/snapshot.js";
import { NO_NODE, ROOT } from "./directory-tree.js";
import { Disk } from "./disk.js";
import { EventTranslator } from "./event-translator.js";
import { MarkSink } from "./mark-sink.js";
import { newDirectoryVisitor } from "./new-directory-visitor.js";
import { OpenFiles } from "./open-files.js";
import { openPolicies } from "./open-policy.js";
import type { RootWatchOptions } from "./options.js";
import type { RootFigures, RootListener, RootState, RootWatcher } from "./root-watcher.js";
import { toSnapshotEntry } from "./snapshot-entry.js";
import { SnapshotJoin } from "./snapshot-join.js";
import { Walk, type WalkContext, type WalkVisitor } from "./walk.js";
import { SLICE_MS, WalkQueue } from "./walk-queue.js";
import { WatchedTree } from "./watched-tree.js";

export class RootWatch implements RootWatcher {
  readonly #options: RootWatchOptions;
  readonly #snapshot: Snapshot;
  readonly #listener: RootListener;
  readonly #disk: Disk;
  readonly #watched: WatchedTree;
  readonly #marks: MarkSink;
  readonly #openFiles: OpenFiles;
  readonly #translator: EventTranslator;
  readonly #walks = new WalkQueue(() => this.#marks.flush());
  readonly #walkContext: WalkContext;
  #handle: InotifyHandle | null = null;
  #state: RootState = "scanning";
  #scan: Promise<void> = Promise.resolve();
  #scanWalk: Walk | null = null;
  readonly #figures = { events: 0, overflows: 0, walkedEntries: 0, walkSeconds: 0 };

  constructor(options: RootWatchOptions, snapshot: Snapshot, listener: RootListener) {
    this.#options = options;
    this.#snapshot = snapshot;
    this.#listener = listener;
    this.#disk = new Disk(options.path);
    this.#watched = new WatchedTree(this.#disk, { dropped: (node) => this.#dropped(node) });
    this.#marks = new MarkSink(listener);
    this.#openFiles = new OpenFiles({
      disk: this.#disk,
      tree: this.#watched.tree,
      marks: this.#marks,
      hasWriter: loadWriterTest(),
      policy: openPolicies(options.whileOpen),
      linked: () => {},
    });
    this.#walkContext = {
      disk: this.#disk,
      watched: this.#watched,
      isHidden: options.isHidden,
      device: null,
      warn: (text) => listener.warned(text),
      detached: (node) => this.#translator.missed(node),
    };
    this.#translator = this.#createTranslator();
  }

  get state(): RootState {
    return this.#state;
  }

  async start(): Promise<void> {
    const root = this.#disk.lookAtRoot();
    if (root === null) {
      this.#setState("root-gone", `${this.#options.path}: no such directory`);
      return;
    }
    if (this.#options.oneFileSystem) this.#walkContext.device = root.device;
    this.#handle = inotifyHub()?.open(this.#subscriber()) ?? null;
    this.#watched.use(this.#handle);
    this.#watched.adoptRoot();
    this.#setState("scanning", "the first walk runs");
    this.#scan = this.#firstWalk();
    await this.#scan;
    if (this.#state === "scanning") this.#setState("live", "the first walk is done");
  }

  async drain(): Promise<void> {
    await this.#handle?.drain();
    this.#translator.settleMoves();
    await this.#scan;
    await this.#walks.idle();
    this.#openFiles.testAll(true);
    this.#marks.flush();
  }

  resume(): Promise<void> {
    return Promise.resolve();
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
    this.#setState("closed", "closed");
    this.#walks.clear();
    this.#translator.close();
    this.#openFiles.close();
    if (this.#handle?.isShared()) this.#watched.clear();
    await this.#handle?.close();
    this.#handle = null;
  }

  #subscriber(): Parameters<NonNullable<ReturnType<typeof inotifyHub>>["open"]>[0] {
    return {
      batch: (batch) => this.#take(batch),
      lost: () => this.#overflowed(),
      hasWatch: (watch) => this.#watched.tree.byWatch(watch) !== NO_NODE,
    };
  }

  #createTranslator(): EventTranslator {
    return new EventTranslator({
      options: this.#options,
      watched: this.#watched,
      marks: this.#marks,
      openFiles: this.#openFiles,
      explore: (node, mark) => this.#explore(node, mark, false),
      exploreAgain: (node) => this.#explore(node, false, true),
      overflowed: () => this.#overflowed(),
      rootLost: (loss) =>
        this.#setState(loss === "gone" ? "root-gone" : "unmounted", "the root is gone"),
      unmountedBelow: () => {},
      rootThinned: () => {},
      warn: (text) => this.#listener.warned(text),
    });
  }

  #take(batch: ReaderBatch): void {
    if (this.#state === "closed") return;
    visitEvents(batch.bytes, (watch, mask, cookie, name) => {
      this.#figures.events++;
      this.#listener.kernel?.event(watch, name, mask);
      this.#translator.take(watch, mask, cookie, name);
    });
    this.#walks.runNow();
    this.#openFiles.settle();
    this.#marks.flush();
  }

  #explore(node: number, mark: boolean, again: boolean): void {
    const context = { marks: this.#marks, openFiles: this.#openFiles, linked: () => {} };
    const visitor = newDirectoryVisitor(context, mark);
    this.#walks.add(new Walk(this.#walkContext, visitor, node, { again }));
  }

  async #firstWalk(): Promise<void> {
    const started = performance.now();
    const snapshot = this.#snapshot;
    const join = snapshot.isComplete
      ? new SnapshotJoin({ snapshot, marks: this.#marks, openFiles: this.#openFiles })
      : null;
    const visitor: WalkVisitor = join ?? {
      entry: (path, entry) => snapshot.saw(toSnapshotEntry(path, entry)),
      unknown: () => {},
    };
    const walk = new Walk(this.#walkContext, visitor, ROOT, { again: true });
    this.#scanWalk = walk;
    for (;;) {
      const ended = walk.step(performance.now() + SLICE_MS);
      await join?.compare();
      this.#figures.walkedEntries = walk.entries;
      if (ended || this.#state === "closed") break;
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#scanWalk = null;
    if (join !== null) await join.finish();
    else snapshot.completed();
    this.#figures.walkSeconds = (performance.now() - started) / 1000;
  }

  #overflowed(): void {
    this.#figures.overflows++;
    this.#listener.overflowed();
  }

  #dropped(node: number): void {
    this.#walks.dropped(node);
    this.#scanWalk?.dropped(node);
    this.#openFiles.dropped(node);
    this.#translator.dropped(node);
  }

  #setState(state: RootState, reason: string): void {
    if (this.#state === state && state !== "scanning") return;
    this.#state = state;
    this.#listener.state(state, reason);
  }
}
