/**
 * A store in memory that can be full, and that another journal can be opened in as if the process had been killed.
 * @module
 */
import type { KeyRange, RecordStore, StoreOperation } from "./level-store.js";

/** A {@link RecordStore} for tests. */
export class TestStore implements RecordStore {
  isFull = false;
  /** Writes so far, and those that were synced. */
  writes = 0;
  syncs = 0;
  /** The first bytes of all keys that were written. */
  kinds = "";
  /** After a failed write the real store writes nothing before it was opened again. */
  #isBroken = false;
  readonly #records: Map<string, Buffer>;

  constructor(records: ReadonlyMap<string, Buffer> = new Map()) {
    this.#records = new Map(records);
  }

  /** What another process would find now. */
  copy(): TestStore {
    return new TestStore(this.#records);
  }

  get(key: Buffer): Promise<Buffer | undefined> {
    return Promise.resolve(this.#records.get(key.toString("latin1")));
  }

  async *read(range: KeyRange): AsyncIterableIterator<[Buffer, Buffer][]> {
    const records: [Buffer, Buffer][] = [];
    for (const key of await this.keys(range)) {
      records.push([key, this.#records.get(key.toString("latin1"))!]);
    }
    if (records.length > 0) yield records;
  }

  keys({ from, to }: KeyRange): Promise<Buffer[]> {
    const keys = [...this.#records.keys()].map((key) => Buffer.from(key, "latin1"));
    const inRange = keys.filter((key) => key.compare(from) >= 0 && key.compare(to) < 0);
    return Promise.resolve(inRange.sort((one, other) => one.compare(other)));
  }

  write(operations: Iterable<StoreOperation>, sync: boolean): Promise<void> {
    if (this.isFull || this.#isBroken) {
      this.#isBroken = true;
      return Promise.reject(new Error("No space left on device"));
    }
    this.writes++;
    if (sync) this.syncs++;
    for (const operation of operations) {
      const key = operation.key.toString("latin1");
      this.kinds += key[0] ?? "";
      if (operation.type === "put") this.#records.set(key, operation.value);
      else this.#records.delete(key);
    }
    return Promise.resolve();
  }

  async clear(range: KeyRange): Promise<void> {
    for (const key of await this.keys(range)) this.#records.delete(key.toString("latin1"));
  }

  size(): number {
    return this.#records.size;
  }

  reopen(): Promise<void> {
    if (this.isFull) return Promise.reject(new Error("No space left on device"));
    this.#isBroken = false;
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
