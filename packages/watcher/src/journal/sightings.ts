/**
 * Keeps the snapshot up to date while the root is live. A path that was marked is uncertain in the snapshot until it has been
 * left alone for two seconds; then it is looked at. What is found is recorded only if it is as old as the last mark: so every
 * target has been told of it, and whatever changes afterwards shows in its ctime (spec 6, 4.2).
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { Looks } from "../batch/looks.js";
import { openSourceTree, type SourceTree } from "../batch/source-tree.js";
import { DirectoryLinks } from "../links/directory-links.js";
import type { StoredSnapshot } from "./stored-snapshot.js";

const QUIET_MS = 2000;
const TURN_MS = 1000;
/** Paths beyond this many stay uncertain. */
const MAX_WAITING = 100_000;
/** Looks between two pauses. */
const SLICE = 1000;
const NS_PER_MS = 1_000_000n;

interface Waiting {
  /** When the path was marked last (ms). */
  readonly marked: number;
  /** When it may be looked at. */
  readonly due: number;
  /** It was missing when it was looked at. */
  readonly wasMissing: boolean;
}

/** Paths of one root that wait to be looked at. */
export class Sightings {
  readonly #snapshot: StoredSnapshot;
  readonly #root: ByteString;
  readonly #links: DirectoryLinks | null;
  readonly #waiting = new Map<ByteString, Waiting>();
  #tree: SourceTree | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;

  /** @param followsLinks links to directories look like these */
  constructor(snapshot: StoredSnapshot, root: ByteString, followsLinks: boolean) {
    this.#snapshot = snapshot;
    this.#root = root;
    this.#links = followsLinks ? new DirectoryLinks(root) : null;
  }

  /** A path was marked now. */
  marked(path: ByteString): void {
    if (!this.#waiting.delete(path)) this.#snapshot.uncertain(path);
    this.watch(path);
  }

  /** A path, which is uncertain in the snapshot, is as it was marked until now. */
  watch(path: ByteString): void {
    if (this.#waiting.size >= MAX_WAITING || this.#isClosed) return;
    const marked = Date.now();
    this.#waiting.delete(path);
    this.#waiting.set(path, { marked, due: marked + QUIET_MS, wasMissing: false });
    this.#schedule();
  }

  close(): void {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#waiting.clear();
  }

  #schedule(): void {
    if (this.#timer !== null || this.#waiting.size === 0 || this.#isClosed) return;
    this.#timer = setTimeout(() => void this.#turn(), TURN_MS);
    this.#timer.unref();
  }

  async #turn(): Promise<void> {
    const tree = this.#openRoot();
    if (tree !== null) await this.#lookAtDue(tree);
    this.#timer = null;
    this.#schedule();
  }

  /** `null` when the root is gone or replaced: then nothing can be said of what was in it. */
  #openRoot(): SourceTree | null {
    try {
      this.#tree ??= openSourceTree(this.#root, this.#links);
      if (this.#tree.isIntact()) return this.#tree;
    } catch {
      // As below.
    }
    this.#tree = null;
    this.#waiting.clear();
    return null;
  }

  async #lookAtDue(tree: SourceTree): Promise<void> {
    const now = Date.now();
    let looks = new Looks(tree);
    // A path that is put back goes to the end, where it is not due.
    for (const [path, waiting] of this.#waiting) {
      if (waiting.due > now || this.#isClosed) break;
      this.#look(path, waiting, looks);
      if (looks.count < SLICE) continue;
      await new Promise((resolve) => setImmediate(resolve));
      looks = new Looks(tree);
    }
  }

  #look(path: ByteString, { marked, wasMissing }: Waiting, looks: Looks): void {
    this.#waiting.delete(path);
    const found = looks.at(path);
    if (found === "unreadable") return;
    if (found === null) {
      // An event that tells of this may be on its way; a mark would have started the wait anew.
      if (wasMissing) this.#snapshot.lost(path);
      else this.#waiting.set(path, { marked, due: Date.now() + TURN_MS, wasMissing: true });
    } else if (found.ctimeNs <= BigInt(marked + 1) * NS_PER_MS) {
      const { mode, inode, ctimeNs } = found;
      this.#snapshot.settled({ path, mode, inode, ctimeNs });
    }
  }
}
