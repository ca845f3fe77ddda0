/**
 * Looks at directories in intervals which the kernel does not watch for us: all of a root where there is no inotify, and those
 * above the watch limit where there is (spec 6, 3.2).
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { NO_NODE, ROOT } from "./directory-tree.js";
import { newListing, type PolledListing } from "./polled-listing.js";
import { PolledLook, type PolledLookContext } from "./polled-look.js";
import { SLICE_MS } from "./walk-queue.js";

export interface PollerContext extends PolledLookContext {
  intervalMs: number;
}

export class Poller {
  readonly #context: PollerContext;
  readonly #listings = new Map<number, PolledListing>();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(context: PollerContext) {
    this.#context = context;
  }

  /** A directory is to be polled from now on. */
  added(node: number): void {
    this.#listings.set(node, newListing());
    this.#schedule();
  }

  dropped(node: number): void {
    this.#listings.delete(node);
  }

  /** See `RootWatcher.brought`. */
  brought(path: ByteString): void {
    if (this.#listings.size === 0 || path === "") return;
    const { marks, watched } = this.#context;
    let node = ROOT;
    for (let start = 0; ; ) {
      const end = path.indexOf("/", start);
      const name = end < 0 ? path.slice(start) : path.slice(start, end);
      const child = end < 0 ? NO_NODE : watched.tree.find(node, name);
      if (child === NO_NODE) {
        const listing = this.#listings.get(node);
        if (listing !== undefined) note(listing, name, end >= 0);
        else if (end >= 0) marks.copied(path.slice(0, end));
        return;
      }
      node = child;
      start = end + 1;
    }
  }

  /** Looks at all of them once. */
  round(): Promise<void> {
    this.#running = this.#running.then(() => this.#round());
    return this.#running;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    if (this.#closed || this.#listings.size === 0) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.round().then(() => this.#schedule());
    }, this.#context.intervalMs);
  }

  async #round(): Promise<void> {
    const { marks, watched } = this.#context;
    let deadline = performance.now() + SLICE_MS;
    let mayUpgrade = true;
    for (const node of [...this.#listings.keys()]) {
      const listing = this.#listings.get(node);
      const path = listing === undefined ? null : watched.tree.path(node);
      if (listing === undefined || path === null || this.#closed) continue;
      // Watched first, looked at then: so nothing falls between. A walk may have found before that it can be watched.
      if (watched.polled.has(node)) mayUpgrade = mayUpgrade && watched.upgrade(node);
      new PolledLook(this.#context, node, path, listing).take();
      if (!watched.polled.has(node)) this.#listings.delete(node);
      if (performance.now() < deadline) continue;
      marks.flush();
      await new Promise((resolve) => setImmediate(resolve));
      deadline = performance.now() + SLICE_MS;
    }
    marks.flush();
  }
}

/** `isCopied`: something below the name was brought, which is not known itself. */
function note({ brought }: PolledListing, name: ByteString, isCopied: boolean): void {
  brought.set(name, isCopied || brought.get(name) === true);
}
