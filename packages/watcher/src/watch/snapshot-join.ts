/**
 * Compares what a walk meets with the snapshot, both in the same order, so that what is new, changed or missing is found in one
 * pass (spec 6, 4.3).
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { Snapshot, SnapshotEntry } from "../journal/snapshot.js";
import { Reach } from "../state/mark.js";
import { type DiskEntry, isDirectory, isRegular } from "./disk.js";
import type { MarkSink } from "./mark-sink.js";
import type { OpenFiles } from "./open-files.js";
import { toSnapshotEntry } from "./snapshot-entry.js";
import type { WalkVisitor } from "./walk.js";

interface Met {
  path: ByteString;
  /** `null`: nothing is known of what is here and below. */
  entry: DiskEntry | null;
  node: number;
  name: ByteString;
}

export interface JoinContext {
  snapshot: Snapshot;
  marks: MarkSink;
  openFiles: OpenFiles;
}

export class SnapshotJoin implements WalkVisitor {
  readonly #context: JoinContext;
  /** The snapshot has directories only: files are known by their ctime, names that are gone by their directory's. */
  readonly #directoriesOnly: boolean;
  readonly #covers: ((path: ByteString) => boolean) | null;
  readonly #chunks: AsyncIterator<SnapshotEntry[]>;
  /** No file that changed after the snapshot has an earlier ctime. */
  #boundNs = 0n;
  #chunk: SnapshotEntry[] = [];
  #at = 0;
  #ended = false;
  #met: Met[] = [];
  /** Told to the snapshot after the marks that belong to them. */
  #saw: SnapshotEntry[] = [];
  #gone: ByteString[] = [];
  /** What is missing last, and what is new last: all below needs no mark of its own. */
  #missing: ByteString | null = null;
  #new: ByteString | null = null;
  #newIsTold = false;

  /** `covers`: whether the walk looks at what is, or was, at a path; `null` when it looks at everything. */
  constructor(
    context: JoinContext,
    options: { directoriesOnly: boolean; covers: ((path: ByteString) => boolean) | null },
  ) {
    this.#context = context;
    this.#covers = options.covers;
    this.#directoriesOnly = options.directoriesOnly;
    this.#chunks = context.snapshot.entries();
  }

  /** Reads the snapshot once for its latest ctime, which a snapshot of directories needs. */
  async findBound(): Promise<void> {
    for await (const entries of this.#context.snapshot.entries()) {
      for (const { ctimeNs } of entries) if (ctimeNs > this.#boundNs) this.#boundNs = ctimeNs;
    }
  }

  entry(path: ByteString, entry: DiskEntry, node: number, name: ByteString): void {
    // A file of a new directory is covered by the mark of that.
    if (this.#directoriesOnly && !isDirectory(entry) && entry.ctimeNs < this.#boundNs) return;
    this.#met.push({ path, entry, node, name });
  }

  unknown(path: ByteString): void {
    this.#met.push({ path, entry: null, node: -1, name: "" });
  }

  /** Compares what was met since the last call. */
  async compare(): Promise<void> {
    const met = this.#met;
    this.#met = [];
    for (const one of met) {
      for (;;) {
        if (this.#at >= this.#chunk.length && !this.#ended) await this.#load();
        const known = this.#chunk[this.#at];
        const order = known === undefined ? 1 : compareWalkOrder(known.path, one.path);
        if (order > 0 || known === undefined) break;
        if (one.entry === null ? isBelow(known.path, one.path) : order === 0) break;
        this.#at++;
        this.#lost(known);
      }
      if (one.entry === null) await this.#skip(one.path);
      else this.#take(one, one.entry);
    }
    this.#settle();
  }

  /** To be called at the end of the walk: what is left in the snapshot is missing. */
  async finish(): Promise<void> {
    await this.compare();
    for (;;) {
      if (this.#at >= this.#chunk.length) await this.#load();
      if (this.#ended) break;
      this.#lost(this.#chunk[this.#at++]!);
    }
    this.#leaveNew();
    this.#settle();
    this.#context.snapshot.completed();
  }

  /** Ends early. */
  async cancel(): Promise<void> {
    await this.#chunks.return?.();
  }

  /** Whoever commits in between must not find a snapshot that is ahead of the marks. */
  #settle(): void {
    const { marks, snapshot } = this.#context;
    this.#newIsTold = true;
    marks.flush();
    for (const path of this.#gone) snapshot.lost(path);
    for (const entry of this.#saw) snapshot.saw(entry);
    this.#gone = [];
    this.#saw = [];
  }

  async #load(): Promise<void> {
    this.#settle();
    this.#at = 0;
    do {
      const next = await this.#chunks.next();
      this.#ended = next.done === true;
      this.#chunk = next.done === true ? [] : this.#covered(next.value);
    } while (!this.#ended && this.#chunk.length === 0);
  }

  #covered(entries: SnapshotEntry[]): SnapshotEntry[] {
    const covers = this.#covers;
    return covers === null ? entries : entries.filter(({ path }) => covers(path));
  }

  /** Passes over what the snapshot has at a path and below. */
  async #skip(path: ByteString): Promise<void> {
    for (;;) {
      if (this.#at >= this.#chunk.length && !this.#ended) await this.#load();
      const known = this.#chunk[this.#at];
      if (known === undefined || !isBelow(known.path, path)) return;
      this.#at++;
    }
  }

  #take(met: Met, entry: DiskEntry): void {
    const known = this.#chunk[this.#at];
    const isKnown = known?.path === met.path;
    if (isKnown) this.#at++;
    if (isKnown && isSame(known!, entry)) return;
    const { marks, openFiles } = this.#context;
    const isCovered = this.#new !== null && isBelow(met.path, this.#new);
    if (!isCovered) this.#leaveNew();
    if (!isCovered && !openFiles.found(met.node, met.name, met.path, entry)) return;
    if (!this.#directoriesOnly || isDirectory(entry)) {
      this.#saw.push(toSnapshotEntry(met.path, entry));
    }
    if (isCovered) return;
    const namesAreUnknown = this.#directoriesOnly && isDirectory(entry);
    if (isKnown) {
      // Another file of the same size and time may have been renamed over it.
      const isOther = isRegular(entry) && known!.inode !== 0n && known!.inode !== entry.inode;
      marks.mark(met.path, namesAreUnknown ? Reach.Reconcile : Reach.Item, isOther);
    } else if (isDirectory(entry)) {
      this.#new = met.path;
      this.#newIsTold = false;
      marks.markName(met.path, Reach.Tree);
    } else marks.markName(met.path);
  }

  /** Whoever looked at a new directory before all in it was watched must look again. */
  #leaveNew(): void {
    if (this.#new !== null && this.#newIsTold) {
      this.#context.marks.mark(this.#new, Reach.Reconcile);
    }
    this.#new = null;
  }

  #lost(known: SnapshotEntry): void {
    if (this.#missing !== null && isBelow(known.path, this.#missing)) return;
    this.#missing = known.path;
    this.#gone.push(known.path);
    this.#context.marks.markName(known.path);
  }
}

function isSame(known: SnapshotEntry, entry: DiskEntry): boolean {
  return (
    known.ctimeNs === entry.ctimeNs && known.inode === entry.inode && known.mode === entry.mode
  );
}

/** Whether a path is another one, or lies below it. */
function isBelow(path: ByteString, top: ByteString): boolean {
  if (top === "") return true;
  return path.startsWith(top) && (path.length === top.length || path[top.length] === "/");
}

/** The order of `walkOrderKey`, without making the keys. */
export function compareWalkOrder(a: ByteString, b: ByteString): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const difference = rank(a.charCodeAt(at)) - rank(b.charCodeAt(at));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function rank(byte: number): number {
  return byte === 0x2f ? 0 : byte;
}
