/**
 * For tests: a directory, a watcher on it, and what the watcher told.
 * @module
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type InotifySource, inotifyHub } from "../inotify/inotify-hub.js";
import type { Snapshot, SnapshotEntry } from "../journal/snapshot.js";
import { walkOrderKey } from "../journal/snapshot.js";
import type { Mark, Rename } from "../state/mark.js";
import { createRootWatcher } from "./create-root-watcher.js";
import type { RootWatchOptions } from "./options.js";
import type { RootListener, RootState, RootWatcher } from "./root-watcher.js";

/** A snapshot in memory, which takes what it is told at once. */
export class TestSnapshot implements Snapshot {
  isComplete = false;
  readonly known = new Map<string, SnapshotEntry>();
  /** How many entries each chunk has. */
  chunk = 3;

  async *entries(): AsyncIterableIterator<SnapshotEntry[]> {
    const all = [...this.known.values()].sort((a, b) =>
      walkOrderKey(a.path) < walkOrderKey(b.path) ? -1 : 1,
    );
    for (let at = 0; at < all.length; at += this.chunk) {
      await Promise.resolve();
      yield all.slice(at, at + this.chunk);
    }
  }

  saw(entry: SnapshotEntry): void {
    this.known.set(entry.path, entry);
  }

  lost(path: string): void {
    for (const known of [...this.known.keys()]) {
      if (known === path || known.startsWith(`${path}/`)) this.known.delete(known);
    }
  }

  completed(): void {
    this.isComplete = true;
  }
}

/** What a listener was told. */
export class Recorder implements RootListener {
  marks: Mark[] = [];
  renames: Rename[] = [];
  states: RootState[] = [];
  warnings: string[] = [];
  overflows = 0;

  marked(marks: readonly Mark[]): void {
    this.marks.push(...marks);
  }
  renamed(rename: Rename): void {
    this.renames.push(rename);
  }
  state(state: RootState): void {
    this.states.push(state);
  }
  overflowed(): void {
    this.overflows++;
  }
  warned(text: string): void {
    this.warnings.push(text);
  }

  /** The marked paths since the last call, sorted, each with its reach and `!` when forced: `a:0`, `b:1!`. */
  take(): string[] {
    const texts = this.marks.map(
      ({ path, reach, force }) => `${path}:${reach}${force === true ? "!" : ""}`,
    );
    this.marks = [];
    return [...new Set(texts)].sort();
  }

  takeRenames(): string[] {
    const texts = this.renames.map(
      ({ from, to, isDirectory }) => `${from}>${to}${isDirectory ? "/" : ""}`,
    );
    this.renames = [];
    return texts;
  }
}

export const PLAIN: Omit<RootWatchOptions, "path"> = {
  backend: "inotify",
  pollIntervalMs: 30_000,
  events: {
    delete: true,
    createFolder: true,
    closeWrite: true,
    moveFrom: true,
    moveTo: true,
    attrib: true,
    modify: "onlyWithoutClose",
  },
  whileOpen: [],
  oneFileSystem: true,
  followSymlinkDirs: false,
  guard: { requireMount: false, marker: null, haltWhenEmpty: false },
  snapshot: "all",
  hardLinks: false,
  isHidden: null,
  hidesByPath: false,
  shardDirectories: 100_000,
};

/** Keeps the reader's thread for all tests of a file: it takes a while to start. Returns what lets it go. */
export function keepReader(): () => Promise<void> {
  const handle = inotifyHub()?.open({ batch: () => {}, lost: () => {}, hasWatch: () => false });
  return async () => handle?.close();
}

/** A root in a directory of its own. */
export class TestRoot {
  readonly place: string;
  readonly root: string;
  readonly recorder = new Recorder();
  snapshot = new TestSnapshot();
  #watcher: RootWatcher | null = null;

  constructor() {
    this.place = mkdtempSync(join(tmpdir(), "tsrsync-watch-"));
    this.root = `${this.place}/root`;
    mkdirSync(this.root);
  }

  get watcher(): RootWatcher {
    return this.#watcher!;
  }

  path(name: string): string {
    return `${this.root}/${name}`;
  }

  /** Starts (another) watcher. */
  async watch(
    options: Partial<RootWatchOptions> = {},
    hub: InotifySource | null = inotifyHub(),
  ): Promise<Recorder> {
    await this.#watcher?.close();
    const all = { ...PLAIN, path: this.root, ...options };
    this.#watcher = createRootWatcher(all, this.snapshot, this.recorder, hub);
    await this.#watcher.start();
    return this.recorder;
  }

  /** What was marked, after everything that was done is told. */
  async marks(): Promise<string[]> {
    await this.watcher.drain();
    return this.recorder.take();
  }

  /** The same without saying what was forced. */
  async marksOfAnyForce(): Promise<string[]> {
    const marks = await this.marks();
    return [...new Set(marks.map((mark) => mark.replace("!", "")))];
  }

  async end(): Promise<void> {
    await this.#watcher?.close();
    rmSync(this.place, { recursive: true, force: true });
  }
}
