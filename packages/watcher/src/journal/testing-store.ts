/**
 * A store in memory that can be full, and that another journal can be opened in as if the process had been killed.
 * @module
 */
import type { KeyRange, RecordStore, StoreOperation } from "./level-store.js";
import type { MarkLog } from "./mark-log.js";

/** A {@link RecordStore} for tests. */
export class TestStore implements RecordStore {
  isFull = false;
  /** Writes so far, and those that were synced. */
  writes = 0;
  syncs = 0;
  /** Called right before and right after a write. */
  onWrite: (() => void) | null = null;
  /** The first bytes of all keys that were written. */
  kinds = "";
  /** After a failed write the real store writes nothing before it was opened again. */
  #isBroken = false;
  readonly log: TestLog;
  readonly #records: Map<string, Buffer>;

  constructor(records: ReadonlyMap<string, Buffer> = new Map(), lines: readonly string[] = []) {
    this.log = new TestLog(this, lines);
    this.#records = new Map(records);
  }

  /** What another process would find now. */
  copy(): TestStore {
    return new TestStore(this.#records, this.log.files);
  }

  get(key: Buffer): Promise<Buffer | undefined> {
    return Promise.resolve(this.#records.get(key.toString("latin1")));
  }

  async *read(range: KeyRange): AsyncIterableIterator<[Buffer, Buffer][]> {
    const records: [Buffer, Buffer][] = [];
    for (const key of await this.keys([range])) {
      records.push([key, this.#records.get(key.toString("latin1"))!]);
    }
    if (records.length > 0) yield records;
  }

  keys(ranges: readonly KeyRange[]): Promise<Buffer[]> {
    const keys = [...this.#records.keys()].map((key) => Buffer.from(key, "latin1"));
    const isIn = (key: Buffer) =>
      ranges.some(({ from, to }) => key.compare(from) >= 0 && key.compare(to) < 0);
    return Promise.resolve(keys.filter(isIn).sort((one, other) => one.compare(other)));
  }

  write(operations: Iterable<StoreOperation>, sync: boolean): Promise<void> {
    if (this.isFull || this.#isBroken) {
      this.#isBroken = true;
      return Promise.reject(new Error("No space left on device"));
    }
    this.writes++;
    if (sync) this.syncs++;
    this.onWrite?.();
    for (const operation of operations) {
      const key = operation.key.toString("latin1");
      this.kinds += key[0] ?? "";
      if (operation.type === "put") this.#records.set(key, operation.value);
      else this.#records.delete(key);
    }
    this.onWrite?.();
    return Promise.resolve();
  }

  async clear(range: KeyRange): Promise<void> {
    for (const key of await this.keys([range])) this.#records.delete(key.toString("latin1"));
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

/** The log of a {@link TestStore}: full when that is. */
class TestLog implements MarkLog {
  /** Appended lines and syncs so far. */
  appended = 0;
  syncs = 0;
  /** Called while lines are appended. */
  onAppend: (() => void) | null = null;
  readonly files: [string, string];
  readonly #store: TestStore;
  #current: 0 | 1 = 0;

  constructor(store: TestStore, [one = "", other = ""]: readonly string[]) {
    this.#store = store;
    this.files = [one, other];
  }

  read(): string {
    return this.files.join("");
  }

  append(lines: string): void {
    if (this.#store.isFull) {
      // A part finds room.
      this.files[this.#current] += lines.slice(0, lines.length / 2);
      throw new Error("No space left on device");
    }
    this.appended++;
    this.onAppend?.();
    this.files[this.#current] += lines;
  }

  sync(done: (error: Error | null) => void): void {
    this.syncs++;
    queueMicrotask(() => done(null));
  }

  turn(): void {
    this.#current = this.#current === 0 ? 1 : 0;
  }

  drop(): Promise<void> {
    this.files[this.#current === 0 ? 1 : 0] = "";
    return Promise.resolve();
  }

  clear(): Promise<void> {
    this.files.fill("");
    return Promise.resolve();
  }

  reopen(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
