/**
 * The open set: files that may still be written to, so that half of one is never sent. A file enters when it was made or
 * written to, and leaves when it is closed; what no close event will come for is found by asking whether anybody writes to
 * it (spec 6, 3.1 and 3.2).
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { OpenFilePolicy } from "../config/settings.js";
import type { WriterTest } from "../inotify/writer-test.js";
import { Reach } from "../state/mark.js";
import type { DirectoryTree } from "./directory-tree.js";
import { type Disk, type DiskEntry, isRegular } from "./disk.js";
import { joinPath, type MarkSink } from "./mark-sink.js";

/** By then the close event of a file that was only just made is here, nearly always. */
const FIRST_TEST_MS = 30;
const TEST_MS = 1000;
/** A file that is held open for long is tested less often: its close event will come. */
const EAGER_TESTS = 10;
const MAX_TEST_MS = 30_000;
/** Where it can not be told whether there is a writer: a file that has not changed for so long has none. */
const UNCHANGED_MS = 2000;
/** A file that was not written to for so long is whole enough: what comes later is told by events. */
const QUIET_MS = 60_000;

export interface OpenFile {
  /** Whether it was made or written to since it was marked last. When not, only a mapping can have changed it. */
  changed: boolean;
  /** Its end is not told, because `live.events.modify` is off. */
  silent: boolean;
  /** Just made: what it is has not been looked at. */
  unseen: boolean;
  /** It may look like what targets have, and be another one. */
  force: boolean;
  enteredMs: number;
  markedMs: number;
  dueMs: number;
  tests: number;
  size: number;
  mtimeNs: bigint;
}

/** What the open set needs of its root. */
export interface OpenFilesContext {
  disk: Disk;
  tree: DirectoryTree;
  marks: MarkSink;
  hasWriter: WriterTest;
  policy(path: ByteString): OpenFilePolicy;
  /** Takes note of a name of a file with several. */
  linked(node: number, name: ByteString, entry: DiskEntry): void;
  /** A name may have been another one of a file: whether it matters that nobody could look. */
  hasLinks(): boolean;
  /** Such a name is gone. */
  missed(): void;
}

export class OpenFiles {
  readonly #context: OpenFilesContext;
  readonly #directories = new Map<number, Map<ByteString, OpenFile>>();
  /** What events let in, until the end of their batch: nearly always it has been closed by then. */
  #entered: { node: number; name: ByteString; file: OpenFile }[] = [];
  #count = 0;
  #timer: NodeJS.Timeout | undefined;
  #timerDueMs = Number.POSITIVE_INFINITY;

  constructor(context: OpenFilesContext) {
    this.#context = context;
  }

  get count(): number {
    return this.#count;
  }

  /** A name appeared that is no directory. */
  created(node: number, name: ByteString): void {
    this.#enter(node, name).unseen = true;
  }

  /** A file was written to, or cut. `silent`: nothing is to be told before it is closed. */
  modified(node: number, name: ByteString, silent: boolean): void {
    const file = this.#find(node, name);
    if (file !== undefined) file.changed = true;
    else this.#enter(node, name).silent = silent;
  }

  /** Whether a file is known to be written to since it was marked last. */
  isChanged(node: number, name: ByteString): boolean {
    return this.#find(node, name)?.changed === true;
  }

  /** Whether the end of a file's writing will be told soon, so that nothing else about it needs to be. */
  isBeingMade(node: number, name: ByteString): boolean {
    const file = this.#find(node, name);
    return file !== undefined && !file.silent && Date.now() - file.enteredMs <= QUIET_MS;
  }

  /** A file was closed after writing. Whether its contents may have changed although it looks the same. */
  closed(node: number, name: ByteString): boolean {
    return this.left(node, name)?.changed !== true;
  }

  /** A name is gone; what was known about it is given to the caller. */
  left(node: number, name: ByteString): OpenFile | undefined {
    const files = this.#directories.get(node);
    const file = files?.get(name);
    if (files === undefined || file === undefined) return undefined;
    files.delete(name);
    this.#count--;
    if (files.size === 0) this.#directories.delete(node);
    return file;
  }

  /** A file that was known under another name is here now. */
  arrived(node: number, name: ByteString, file: OpenFile): void {
    this.left(node, name);
    this.#put(node, name, file);
    this.#entered.push({ node, name, file });
  }

  /** A directory is no longer watched. */
  dropped(node: number): void {
    const files = this.#directories.get(node);
    if (files === undefined) return;
    this.#count -= files.size;
    this.#directories.delete(node);
  }

  /**
   * A walk found a file that is new or changed: true when it can be marked, false when it is being written to; then its end is told,
   * with `force` if it is to be compared whatever it looks like.
   */
  found(
    node: number,
    name: ByteString,
    path: ByteString,
    entry: DiskEntry,
    force: boolean = false,
  ): boolean {
    if (!isRegular(entry)) return true;
    if (BigInt(Date.now() - QUIET_MS) * 1_000_000n > entry.mtimeNs) return true;
    if (!this.suspect(node, name, path)) return true;
    if (force) this.#find(node, name)!.force = true;
    return entry.links > 1;
  }

  /**
   * A file with several names may be written to through one whose events do not come, or no longer. Returns whether it is; then
   * its end is told.
   */
  suspect(node: number, name: ByteString, path: ByteString): boolean {
    if (this.#context.hasWriter(this.#context.disk.absolute(path)) !== true) return false;
    const file = this.#find(node, name) ?? this.#enter(node, name);
    this.#wakeAt(file.dueMs);
    return true;
  }

  /** At the end of a batch of events: looks at what was made and not closed in it, and waits for its end. */
  settle(): void {
    if (this.#entered.length === 0) return;
    const entered = this.#entered;
    this.#entered = [];
    const hasLinks = this.#context.hasLinks();
    for (const { node, name, file } of entered) {
      const isNew = file.unseen;
      if (this.#find(node, name) === file) this.#await(node, name, file);
      if (isNew && hasLinks && this.#isGone(node, name)) this.#context.missed();
    }
  }

  #await(node: number, name: ByteString, file: OpenFile): void {
    if (file.unseen) {
      file.unseen = false;
      this.#lookAtNew(node, name, file);
    }
    if (this.#find(node, name) === file) this.#wakeAt(file.dueMs);
  }

  #isGone(node: number, name: ByteString): boolean {
    const path = this.#path(node, name);
    return path === null || typeof this.#context.disk.look(path) === "number";
  }

  /** Tests all files now. `final`: also tells of those where it can not be told whether they are written to. */
  testAll(final: boolean): void {
    this.settle();
    const nowMs = Date.now();
    for (const [node, files] of [...this.#directories]) {
      for (const [name, file] of [...files]) {
        if (final || file.dueMs <= nowMs) this.#test(node, name, file, nowMs, final);
      }
    }
    this.#context.marks.flush();
    this.#schedule();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#directories.clear();
    this.#entered = [];
    this.#count = 0;
  }

  #find(node: number, name: ByteString): OpenFile | undefined {
    return this.#directories.get(node)?.get(name);
  }

  #enter(node: number, name: ByteString): OpenFile {
    const nowMs = Date.now();
    const file: OpenFile = {
      changed: true,
      silent: false,
      unseen: false,
      force: false,
      enteredMs: nowMs,
      markedMs: nowMs,
      dueMs: nowMs + FIRST_TEST_MS,
      tests: 0,
      size: -1,
      mtimeNs: 0n,
    };
    this.#put(node, name, file);
    this.#entered.push({ node, name, file });
    return file;
  }

  #put(node: number, name: ByteString, file: OpenFile): void {
    let files = this.#directories.get(node);
    if (files === undefined) this.#directories.set(node, (files = new Map()));
    if (!files.has(name)) this.#count++;
    files.set(name, file);
  }

  #lookAtNew(node: number, name: ByteString, file: OpenFile): void {
    const path = this.#path(node, name);
    const entry = path === null ? -1 : this.#context.disk.look(path);
    // What is gone again has an event that says so.
    if (path === null || typeof entry === "number") this.left(node, name);
    else if (!isRegular(entry) || entry.links > 1) {
      this.#context.marks.mark(path);
      if (isRegular(entry)) this.#context.linked(node, name, entry);
      if (!isRegular(entry) || !this.suspect(node, name, path)) this.left(node, name);
    } else {
      file.size = entry.size;
      file.mtimeNs = entry.mtimeNs;
    }
  }

  #test(node: number, name: ByteString, file: OpenFile, nowMs: number, final: boolean): void {
    const path = this.#path(node, name);
    if (path === null) return;
    const writer = this.#context.hasWriter(this.#context.disk.absolute(path));
    const ended = writer === null ? this.#isUnchanged(path, file, nowMs) || final : !writer;
    if (ended) {
      this.left(node, name);
      if (!file.silent) this.#context.marks.mark(path, Reach.Item, file.force);
      return;
    }
    this.#applyPolicy(path, file, nowMs);
    file.tests++;
    const eager = writer === null ? UNCHANGED_MS : TEST_MS;
    const wait = eager * 2 ** Math.max(0, file.tests - EAGER_TESTS);
    file.dueMs = nowMs + this.#policyWait(path, Math.min(wait, MAX_TEST_MS));
  }

  #isUnchanged(path: ByteString, file: OpenFile, nowMs: number): boolean {
    const entry = this.#context.disk.look(path);
    if (typeof entry === "number") return true;
    const same = entry.size === file.size && entry.mtimeNs === file.mtimeNs;
    file.size = entry.size;
    file.mtimeNs = entry.mtimeNs;
    return same && nowMs - file.enteredMs >= UNCHANGED_MS;
  }

  /** Sends what has grown, as often as its policy says. */
  #applyPolicy(path: ByteString, file: OpenFile, nowMs: number): void {
    const policy = this.#context.policy(path);
    if (policy.kind === "never" || file.silent || !file.changed) return;
    if (nowMs - file.markedMs < policy.interval) return;
    file.changed = false;
    file.markedMs = nowMs;
    this.#context.marks.mark(path, Reach.Item, file.force);
  }

  #policyWait(path: ByteString, wait: number): number {
    const policy = this.#context.policy(path);
    return policy.kind === "never" ? wait : Math.min(wait, policy.interval);
  }

  #path(node: number, name: ByteString): ByteString | null {
    const parent = this.#context.tree.path(node);
    return parent === null ? null : joinPath(parent, name);
  }

  #wakeAt(dueMs: number): void {
    if (dueMs >= this.#timerDueMs) return;
    clearTimeout(this.#timer);
    this.#timerDueMs = dueMs;
    this.#timer = setTimeout(() => this.testAll(false), Math.max(1, dueMs - Date.now()));
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    this.#timerDueMs = Number.POSITIVE_INFINITY;
    for (const files of this.#directories.values()) {
      for (const file of files.values()) this.#wakeAt(file.dueMs);
    }
  }
}
