/**
 * The inotify instances of one root. Most roots have one; one with very many directories has more, so that lost events tell where
 * to look: each instance's directories are a *shard* (spec 6, 3.1).
 *
 * A directory in the root itself is given to a shard with room, and what is below it goes to the same one. A directory that moves
 * stays in the shard that watches it, wherever it goes: its watch, and those of all below it, would be lost by any other choice, and
 * with them events that are queued already.
 * @module
 */
import { readFileSync } from "node:fs";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { InotifyHandle, InotifySource, InotifySubscriber } from "../inotify/inotify-hub.js";
import type { ReaderBatch } from "../inotify/reader-messages.js";

/** As many as a tree keeps numbers of in one byte each. */
const MAX_SHARDS = 256;
const LIMIT_FILE = "/proc/sys/fs/inotify/max_user_instances";
/** Below the root's own directories, a shard is left only when it has so many times its share. */
const OVERFULL = 2;

export interface ShardsOwner {
  batch(shard: number, batch: ReaderBatch): void;
  /** Events of a shard were lost. */
  lost(shard: number): void;
  hasWatch(shard: number, watch: number): boolean;
  /** There is more than one shard from now on. */
  split(): void;
  warn(text: string): void;
}

interface Shard {
  handle: InotifyHandle;
  watches: number;
}

/** Calls return their result or a negated errno. */
export class Shards {
  readonly #source: InotifySource | null;
  readonly #limit: number;
  readonly #shards: Shard[] = [];
  #owner: ShardsOwner | null = null;
  #mayGrow = true;

  /** `source`: `null` where there is no inotify. `limit`: the directories of a shard, after which another one is opened. */
  constructor(source: InotifySource | null, limit: number) {
    this.#source = source;
    this.#limit = limit;
  }

  /** 0 when nothing can be watched. */
  get count(): number {
    return this.#shards.length;
  }

  /** Opens the first one, where it can be. */
  open(owner: ShardsOwner): void {
    this.#owner = owner;
    if (this.#source === null) {
      owner.warn("there is no inotify here: the root is looked at in intervals");
      return;
    }
    try {
      this.#add(this.#source.open(this.#subscriber(owner, 0)));
    } catch (error) {
      owner.warn(`${(error as Error).message}; the root is looked at in intervals`);
      return;
    }
    if (this.#shards[0]!.handle.isShared()) this.#full("it shares the instance of another root");
  }

  /** The shard for a directory that is new in one of the shard `parent`. `isTop`: in the root itself. */
  choose(parent: number, isTop: boolean): number {
    const { watches } = this.#shards[parent]!;
    if (watches < this.#limit * (isTop ? 1 : OVERFULL)) return parent;
    const emptiest = this.#emptiest();
    if (this.#shards[emptiest]!.watches < this.#limit) return emptiest;
    const another = this.#mayGrow ? this.#openAnother() : null;
    return another ?? (isTop ? emptiest : parent);
  }

  /** Sets a watch, or finds the one that is there. */
  add(shard: number, path: ByteString, mask: number): number {
    return this.#shards[shard]!.handle.add(path, mask);
  }

  remove(shard: number, watch: number): void {
    this.#shards[shard]?.handle.remove(watch);
  }

  /** A directory of a shard has got a watch. */
  watched(shard: number): void {
    this.#shards[shard]!.watches++;
  }

  /** A directory of a shard has no watch any more. */
  unwatched(shard: number): void {
    const one = this.#shards[shard];
    if (one !== undefined) one.watches--; // none when all are closed
  }

  /** Events need not be handed over for so long (ms). */
  calm(forMs: number): void {
    for (const { handle } of this.#shards) handle.calm(forMs);
  }

  /** Resolves when everything that happened before the call has been given to the owner. */
  async drain(): Promise<void> {
    await Promise.all(this.#shards.map(({ handle }) => handle.drain()));
  }

  /** Whether others watch through one of the instances: then watches must be removed before they are closed. */
  isShared(): boolean {
    return this.#shards.some(({ handle }) => handle.isShared());
  }

  async close(): Promise<void> {
    this.#mayGrow = false;
    await Promise.all(this.#shards.splice(0).map(({ handle }) => handle.close()));
  }

  #emptiest(): number {
    let emptiest = 0;
    for (let shard = 1; shard < this.#shards.length; shard++) {
      if (this.#shards[shard]!.watches < this.#shards[emptiest]!.watches) emptiest = shard;
    }
    return emptiest;
  }

  #openAnother(): number | null {
    const shard = this.#shards.length;
    const owner = this.#owner!; // there is one as soon as there is a shard
    const mayOpen = shard < MAX_SHARDS;
    const handle = mayOpen ? this.#source!.openOwn(this.#subscriber(owner, shard)) : null;
    if (handle === null) {
      this.#full(`its directories share ${shard} of them`);
      return null;
    }
    this.#add(handle);
    if (shard === 1) owner.split();
    return shard;
  }

  #add(handle: InotifyHandle): void {
    this.#shards.push({ handle, watches: 0 });
  }

  #full(consequence: string): void {
    this.#mayGrow = false;
    this.#owner?.warn(
      `there are no more inotify instances for this root (fs.inotify.max_user_instances is ${readLimit()}): ` +
        `${consequence}, and more is walked when events are lost`,
    );
  }

  #subscriber(owner: ShardsOwner, shard: number): InotifySubscriber {
    return {
      batch: (batch) => owner.batch(shard, batch),
      lost: () => owner.lost(shard),
      hasWatch: (watch) => owner.hasWatch(shard, watch),
    };
  }
}

function readLimit(): string {
  try {
    return readFileSync(LIMIT_FILE, "latin1").trim();
  } catch {
    return "unknown";
  }
}
