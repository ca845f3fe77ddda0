/**
 * The snapshot of one root in the store.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { isDirectory } from "../batch/looks.js";
import type { RootSettings } from "../config/settings.js";
import { parentOf } from "../state/tree-paths.js";
import type { RecordStore, StoreOperation } from "./level-store.js";
import {
  decodeSnapshot,
  snapshotBelow,
  snapshotKey,
  snapshotPut,
  snapshotRange,
} from "./records.js";
import type { Snapshot, SnapshotEntry } from "./snapshot.js";

/** What the snapshot needs from its root. */
export interface SnapshotHost {
  readonly store: RecordStore;
  readonly id: number;
  readonly keeps: RootSettings["snapshot"];
  /** An entry has changed in a way that a walk would find again. */
  changed(): void;
  /** An entry has changed in a way that must be known before a target is told of it. */
  needed(): void;
  /** Writes everything to the store. */
  write(): Promise<void>;
  /** An entry that is too young to be trusted is to be looked at later. */
  tooYoung(path: ByteString): void;
  completed(): void;
}

interface Put {
  readonly entry: SnapshotEntry;
  readonly turn: number;
}

/** Changes of a snapshot that are not in the store yet. */
export interface SnapshotChanges {
  readonly puts: ReadonlyMap<ByteString, Put>;
  readonly lost: ReadonlyMap<ByteString, number>;
}

/** A {@link Snapshot} in the store. */
export class StoredSnapshot implements Snapshot {
  isComplete: boolean;
  readonly #host: SnapshotHost;
  #puts = new Map<ByteString, Put>();
  #lost = new Map<ByteString, number>();
  #turn = 0;

  constructor(host: SnapshotHost, isComplete: boolean) {
    this.#host = host;
    this.isComplete = isComplete;
  }

  async *entries(): AsyncIterableIterator<SnapshotEntry[]> {
    await this.#host.write();
    for await (const chunk of this.#host.store.read(snapshotRange(this.#host.id))) {
      yield chunk.map(([key, value]) => decodeSnapshot(key, value));
    }
  }

  saw(entry: SnapshotEntry): void {
    if (!this.#isKept(entry.mode)) return;
    this.#put(entry);
    this.#host.needed();
    if (entry.ctimeNs === 0n) this.#host.tooYoung(entry.path);
  }

  /** Something may be under this path: it must not be forgotten, and is not equal to anything. */
  uncertain(path: ByteString): void {
    if (this.#host.keeps === "off") return;
    this.#put({ path, mode: 0, inode: 0n, ctimeNs: 0n });
    this.#host.changed();
  }

  /** As `saw`, of an entry that was looked at long enough after its last change. */
  settled(entry: SnapshotEntry): void {
    if (!this.#isKept(entry.mode)) {
      this.lost(entry.path);
      return;
    }
    this.#put(entry);
    this.#host.changed();
  }

  lost(path: ByteString): void {
    if (this.#host.keeps === "off") return;
    this.#lost.set(path, ++this.#turn);
    this.#host.changed();
  }

  completed(): void {
    if (this.#host.keeps === "off") return;
    this.isComplete = true;
    this.#host.completed();
  }

  #put(entry: SnapshotEntry): void {
    // A walk tells of what is in the root; of the root itself the guards know more.
    if (entry.path === "") return;
    this.#puts.set(entry.path, { entry, turn: ++this.#turn });
  }

  #isKept(mode: number): boolean {
    const { keeps } = this.#host;
    return keeps === "all" || (keeps === "dirs" && isDirectory({ mode }));
  }

  /** Takes the changes, `null` for none. */
  take(): SnapshotChanges | null {
    if (this.#puts.size === 0 && this.#lost.size === 0) return null;
    const changes = { puts: this.#puts, lost: this.#lost };
    this.#puts = new Map();
    this.#lost = new Map();
    return changes;
  }

  /** The keys of what is lost, to be removed before the puts are made. */
  async keysOfLost({ lost }: SnapshotChanges): Promise<Buffer[]> {
    if (lost.size === 0) return [];
    const { store, id } = this.#host;
    const tops = [...lost.keys()].filter((path) => path === "" || !isLost(parentOf(path), 0, lost));
    const keys = tops.map((path) => snapshotKey(id, path)).sort((a, b) => a.compare(b));
    const below = await store.keys(keys.map(snapshotBelow));
    return [...keys, ...below];
  }

  /** What was seen and not lost since. */
  *puts({ puts, lost }: SnapshotChanges): IterableIterator<StoreOperation> {
    for (const [path, { entry, turn }] of puts) {
      if (lost.size > 0 && isLost(path, turn, lost)) continue;
      yield snapshotPut(this.#host.id, entry);
    }
  }

  /** Changes that did not get into the store; younger ones stay. */
  putBack({ puts, lost }: SnapshotChanges): void {
    const younger = { puts: this.#puts, lost: this.#lost };
    this.#puts = new Map([...puts, ...younger.puts]);
    this.#lost = new Map([...lost, ...younger.lost]);
  }
}

/** Whether the path, or a directory that it lies in, was lost after `turn`. */
function isLost(path: ByteString, turn: number, lost: ReadonlyMap<ByteString, number>): boolean {
  for (let up = path; ; up = parentOf(up)) {
    if ((lost.get(up) ?? 0) > turn) return true;
    if (up === "") return false;
  }
}
