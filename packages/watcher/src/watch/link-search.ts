/**
 * Looks for files in all directories that are known: for the other names of a file, and for what was changed through a name that
 * was gone before anybody could look which file it is (spec 6, 3.2).
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { type DirectoryTree, NO_NODE, ROOT } from "./directory-tree.js";
import { type Disk, type DiskEntry, isRegular } from "./disk.js";
import { joinPath } from "./mark-sink.js";
import type { IsHidden } from "./options.js";
import { SLICE_MS } from "./walk-queue.js";

/** Searches are gathered for so long: who makes one link often makes many. */
const GATHER_MS = 100;
/** After a search for late changes none is made for so many times as long as it took: who makes and removes names may do so all day. */
const REST_FACTOR = 100;
/** Longer than any time from a change to its event's turn, and the grain of file times. In milliseconds. */
const LATE_MS = 60_000;

export interface LinkSearchContext {
  disk: Disk;
  tree: DirectoryTree;
  isHidden: IsHidden | null;
  /** A file that was looked for. */
  found(node: number, name: ByteString, path: ByteString, entry: DiskEntry): void;
  flush(): void;
}

/** What is looked for. */
interface Wanted {
  inodes: Set<bigint>;
  /** Files that were changed since, in nanoseconds; `null` when none are looked for. */
  changedSince: bigint | null;
}

export class LinkSearch {
  readonly #context: LinkSearchContext;
  #wanted: Wanted = nothing();
  #timer: NodeJS.Timeout | undefined;
  #timerDue = Number.POSITIVE_INFINITY;
  #restUntil = 0;
  #searching: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(context: LinkSearchContext) {
    this.#context = context;
  }

  /** Looks for all names of a file, soon. */
  want(inode: bigint): void {
    this.#wanted.inodes.add(inode);
    this.#wakeAt(performance.now() + GATHER_MS);
  }

  /** Some file may have been changed just now: looks for such, soon or when the last search for them is long enough ago. */
  wantChanged(): void {
    this.#wanted.changedSince ??= BigInt(Date.now() - LATE_MS) * 1_000_000n;
    this.#wakeAt(Math.max(performance.now() + GATHER_MS, this.#restUntil));
  }

  /** Finishes the searches that are due, or would be after a rest. */
  async settled(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timerDue = Number.POSITIVE_INFINITY;
    if (this.#wanted.inodes.size > 0 || this.#wanted.changedSince !== null) {
      this.#searching = this.#searching.then(() => this.#search());
    }
    await this.#searching;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #wakeAt(due: number): void {
    if (this.#closed || due >= this.#timerDue) return;
    clearTimeout(this.#timer);
    this.#timerDue = due;
    this.#timer = setTimeout(() => void this.settled(), due - performance.now());
  }

  async #search(): Promise<void> {
    const wanted = this.#wanted;
    this.#wanted = nothing();
    const started = performance.now();
    let deadline = started + SLICE_MS;
    for (const node of this.#allNodes()) {
      if (this.#closed) return;
      this.#searchIn(node, wanted);
      if (performance.now() < deadline) continue;
      this.#context.flush();
      await new Promise((resolve) => setImmediate(resolve));
      deadline = performance.now() + SLICE_MS;
    }
    this.#context.flush();
    const ended = performance.now();
    if (wanted.changedSince !== null) this.#restUntil = ended + (ended - started) * REST_FACTOR;
  }

  #searchIn(node: number, { inodes, changedSince }: Wanted): void {
    const { disk, tree, isHidden, found } = this.#context;
    const path = tree.path(node);
    const names = path === null ? [] : disk.list(path);
    if (path === null || typeof names === "number") return;
    for (const name of names) {
      const place = joinPath(path, name);
      const entry = disk.look(place);
      if (typeof entry === "number" || !isRegular(entry)) continue;
      const isLate = changedSince !== null && entry.ctimeNs >= changedSince;
      // Also where no other name is left: what was written through the one that is gone is in the file.
      if ((isLate || inodes.has(entry.inode)) && !isHidden?.(place, false)) {
        found(node, name, place, entry);
      }
    }
  }

  #allNodes(): number[] {
    const { tree } = this.#context;
    const nodes = [ROOT];
    for (let at = 0; at < nodes.length; at++) {
      let child = tree.firstChild(nodes[at]!);
      for (; child !== NO_NODE; child = tree.nextSibling(child)) nodes.push(child);
    }
    return nodes;
  }
}

function nothing(): Wanted {
  return { inodes: new Set(), changedSince: null };
}
