/**
 * Gathers marks and tells them together: the events of one batch are often about the same few paths.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { isReplacement, type Mark, Reach, type Rename } from "../state/mark.js";
import type { RootListener } from "./root-watcher.js";
import { TouchedDirectories } from "./touched-directories.js";

/** How long, and how many, wide marks are remembered. */
const WIDE_MS = 60_000;
const MAX_WIDE = 10_000;

/** Longer than the grain of file times with some delay of ours: what is written again so soon may look the same. */
const RECENT_MS = 250;

/** Where the events, walks and tests of one root put what they find. */
export class MarkSink {
  readonly #listener: RootListener;
  #marks = new Map<ByteString, Mark>();
  #renames: Rename[] = [];
  /** When the oldest of what has gathered was noticed. */
  #since = Number.POSITIVE_INFINITY;
  #others: (marks: readonly Mark[]) => readonly Mark[] = () => [];
  /** The paths of which somebody may copy all that is below them, and since when: those of wide marks. */
  readonly #wide = new Map<ByteString, number>();

  readonly #touchedLater = new TouchedDirectories(() => this.flushAll());

  /** Paths told in this stretch of time and in the one before. */
  #recent = new Set<ByteString>();
  #older = new Set<ByteString>();
  #recentMs = 0;

  constructor(listener: RootListener) {
    this.#listener = listener;
  }

  /** `others` is asked which marks go with those that are about to be told. */
  expandBy(others: (marks: readonly Mark[]) => readonly Mark[]): void {
    this.#others = others;
  }

  mark(path: ByteString, reach: Reach = Reach.Item, force = false): void {
    const known = this.#marks.get(path);
    if (known === undefined) {
      this.#marks.set(path, force ? { path, reach, force } : { path, reach });
      return;
    }
    const wider = known.reach > reach ? known.reach : reach;
    if (force || known.force === true || isReplacement(known.reach, reach))
      this.#marks.set(path, { path, reach: wider, force: true });
    else if (wider !== known.reach || known.touched === true)
      this.#marks.set(path, { path, reach: wider });
  }

  /** A name in a directory appeared or went away: see {@link Mark.touched}. */
  touch(path: ByteString): void {
    if (!this.#marks.has(path)) this.#marks.set(path, { path, reach: Reach.Item, touched: true });
  }

  /** The same, but nothing else is told of the name yet: with the next mark in the directory, or a while later. */
  touchLater(path: ByteString): void {
    this.#touchedLater.add(path);
  }

  /** Tells what was to be told later, with all that has gathered. */
  flushAll(): void {
    for (const path of this.#touchedLater.take()) this.touch(path);
    this.flush();
  }

  close(): void {
    this.#touchedLater.close();
  }

  /** A name in the directory of `path` appeared or went away. */
  markName(path: ByteString, reach: Reach = Reach.Item, force = false): void {
    this.mark(path, reach, force);
    this.touch(parentPath(path));
  }

  /**
   * The reach of the mark for a directory that has just become known. Who copies a whole tree may have copied names in it that
   * were gone again before it was watched, and nothing will ever tell of those.
   */
  reachOfNew(path: ByteString): Reach {
    const since = Date.now() - WIDE_MS;
    for (let top = path; ; top = parentPath(top)) {
      const toldMs = this.#wide.get(top);
      if (toldMs !== undefined && toldMs >= since) return Reach.Reconcile;
      if (top === "") break;
    }
    return Reach.Item;
  }

  /** Somebody has copied what is in a directory that is not known yet. */
  copied(path: ByteString): void {
    this.#remember(path);
  }

  /**
   * Whether somebody may have copied what is at a path only just now: other contents may have the same size and time then, since
   * file times are as coarse as 10 ms.
   */
  wasToldJustNow(path: ByteString): boolean {
    this.#forgetOld();
    return this.#recent.has(path) || this.#older.has(path);
  }

  /** Whether a path is among what has gathered. */
  isGathered(path: ByteString): boolean {
    return this.#marks.has(path);
  }

  renamed(rename: Rename): void {
    this.#renames.push(rename);
  }

  /** What is marked next was noticed at `moment`, in milliseconds since the epoch. */
  noticed(moment: number): void {
    this.#since = Math.min(this.#since, moment);
  }

  /** Tells what has gathered. */
  flush(): void {
    const since = Math.min(this.#since, Date.now());
    this.#since = Number.POSITIVE_INFINITY;
    for (const path of this.#touchedLater.takeWith(this.#marks.values())) this.touch(path);
    if (this.#marks.size > 0) {
      const others = this.#others([...this.#marks.values()]);
      for (const { path, reach, force } of others) this.mark(path, reach, force);
      const marks = [...this.#marks.values()];
      this.#marks = new Map();
      this.#forgetOld();
      for (const { path, reach } of marks) {
        this.#recent.add(path);
        if (reach !== Reach.Item) this.#remember(path);
      }
      this.#listener.marked(marks, since);
    }
    if (this.#renames.length === 0) return;
    const renames = this.#renames;
    this.#renames = [];
    for (const rename of renames) this.#listener.renamed(rename);
  }

  #forgetOld(): void {
    const age = performance.now() - this.#recentMs;
    if (age < RECENT_MS) return;
    this.#older = age < 2 * RECENT_MS ? this.#recent : new Set();
    this.#recent = new Set();
    this.#recentMs = performance.now();
  }

  #remember(path: ByteString): void {
    this.#wide.delete(path);
    if (this.#wide.size >= MAX_WIDE) {
      const [oldest] = this.#wide.keys();
      this.#wide.delete(oldest!);
    }
    this.#wide.set(path, Date.now());
  }
}

/** The directory of a path below the root. */
export function parentPath(path: ByteString): ByteString {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "" : path.slice(0, slash);
}

/** The path of `name` in the directory `parent`. */
export function joinPath(parent: ByteString, name: ByteString): ByteString {
  return parent === "" ? name : `${parent}/${name}`;
}
