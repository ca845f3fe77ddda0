/**
 * The embedded store of a state directory: LevelDB, which writes batches whole or not at all, and locks its directory for as
 * long as the process lives.
 * @module
 */
import { readdirSync, statSync } from "node:fs";
import { chmod, mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { ClassicLevel } from "classic-level";
import { keysInRanges } from "./keys-in-ranges.js";
import { type MarkLog, openMarkLog } from "./mark-log.js";
import { codeOf, isDamage, reasonOf, StateDirectoryError, unusable } from "./store-errors.js";

/** One change of a record. */
export type StoreOperation =
  | { readonly type: "put"; readonly key: Buffer; readonly value: Buffer }
  | { readonly type: "del"; readonly key: Buffer };

/** Keys from the first on, up to the second and without it. */
export interface KeyRange {
  readonly from: Buffer;
  readonly to: Buffer;
}

/** What the journal asks of a store. */
export interface RecordStore {
  /** Marks that the records do not tell of yet. */
  readonly log: MarkLog;
  get(key: Buffer): Promise<Buffer | undefined>;
  /** Records in the order of their keys, as they were when the call was made. */
  read(range: KeyRange): AsyncIterableIterator<[key: Buffer, value: Buffer][]>;
  /** The keys in ranges, which are in order and have nothing in common. */
  keys(ranges: readonly KeyRange[]): Promise<Buffer[]>;
  /** All of it or nothing. `sync`: it survives a power failure, with all that was written before. */
  write(operations: Iterable<StoreOperation>, sync: boolean): Promise<void>;
  clear(range: KeyRange): Promise<void>;
  /** Bytes on the disk, the log of late changes included. */
  size(): number;
  /** After a failed write nothing can be written before this, to the log neither. */
  reopen(): Promise<void>;
  close(): Promise<void>;
}

const CHUNK = 1000;
/** Records put together between two pauses: a few milliseconds. */
const SLICE = 1000;
const OPTIONS = { keyEncoding: "buffer", valueEncoding: "buffer" } as const;
type Level = ClassicLevel<Buffer, Buffer>;

/**
 * Opens the store below `stateDir`, which is made if it is missing. A store that is damaged is put aside, and a new one
 * begins.
 * @returns the store, and why it is a new one (`null` when it is not)
 * @throws StateDirectoryError
 */
export async function openLevelStore(
  stateDir: string,
): Promise<{ store: RecordStore; damage: string | null }> {
  const place = join(stateDir, "journal");
  try {
    await mkdir(place, { recursive: true, mode: 0o700 });
    // Files that the store makes later are as readable as the directory that they are in.
    await chmod(place, 0o700);
  } catch (cause) {
    throw unusable(stateDir, cause);
  }
  try {
    return { store: await openStore(place), damage: null };
  } catch (thrown) {
    if (codeOf(thrown) === "LEVEL_LOCKED") {
      const message = `another process uses the state directory ${stateDir}`;
      throw new StateDirectoryError("locked", message, thrown);
    }
    if (!isDamage(thrown)) throw unusable(stateDir, thrown);
    return { store: await startAnew(stateDir), damage: reasonOf(thrown) };
  }
}

/** Puts the store of a state directory aside, which nobody has open, and opens a new one. */
export async function startAnew(stateDir: string): Promise<RecordStore> {
  const place = join(stateDir, "journal");
  const aside = join(stateDir, "journal.damaged");
  try {
    await rm(aside, { recursive: true, force: true });
    await rename(place, aside);
    await mkdir(place, { mode: 0o700 });
    return await openStore(place);
  } catch (cause) {
    throw unusable(stateDir, cause);
  }
}

async function openStore(place: string): Promise<RecordStore> {
  const level = await openLevel(place);
  try {
    return new LevelStore(level, await openMarkLog(place));
  } catch (thrown) {
    await level.close();
    throw thrown;
  }
}

async function openLevel(place: string): Promise<Level> {
  const level: Level = new ClassicLevel(place, OPTIONS);
  await level.open();
  for (const name of await readdir(place)) await makePrivate(join(place, name));
  return level;
}

/** The store may remove files of its own while it is opened. */
async function makePrivate(path: string): Promise<void> {
  try {
    await chmod(path, 0o600);
  } catch (thrown) {
    if (codeOf(thrown) !== "ENOENT") throw thrown;
  }
}

class LevelStore implements RecordStore {
  readonly log: MarkLog;
  #level: Level;

  constructor(level: Level, log: MarkLog) {
    this.#level = level;
    this.log = log;
  }

  get(key: Buffer): Promise<Buffer | undefined> {
    return this.#level.get(key);
  }

  async *read({ from, to }: KeyRange): AsyncIterableIterator<[Buffer, Buffer][]> {
    const iterator = this.#level.iterator({ gte: from, lt: to, fillCache: false });
    try {
      for (;;) {
        const chunk = await iterator.nextv(CHUNK);
        if (chunk.length === 0) return;
        yield chunk;
      }
    } finally {
      await iterator.close();
    }
  }

  async keys(ranges: readonly KeyRange[]): Promise<Buffer[]> {
    const first = ranges[0];
    const last = ranges.at(-1);
    if (first === undefined || last === undefined) return [];
    const iterator = this.#level.keys({ gte: first.from, lt: last.to, fillCache: false });
    try {
      return await keysInRanges(iterator, ranges);
    } finally {
      await iterator.close();
    }
  }

  /** A chained batch costs a fifth of what one given as an array does (1.8 against 9.4 µs of CPU for a record). */
  async write(operations: Iterable<StoreOperation>, sync: boolean): Promise<void> {
    const batch = this.#level.batch();
    let left = SLICE;
    for (const operation of operations) {
      if (operation.type === "put") batch.put(operation.key, operation.value);
      else batch.del(operation.key);
      if (--left > 0) continue;
      left = SLICE;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await batch.write({ sync });
  }

  clear({ from, to }: KeyRange): Promise<void> {
    return this.#level.clear({ gte: from, lt: to });
  }

  /** It is a handful of files; none where the directory was taken away: whoever asks for the status must not suffer for that. */
  size(): number {
    const { location } = this.#level;
    let bytes = 0;
    try {
      for (const name of readdirSync(location)) {
        bytes += statSync(join(location, name), { throwIfNoEntry: false })?.size ?? 0;
      }
    } catch {
      return 0;
    }
    return bytes;
  }

  async reopen(): Promise<void> {
    const { location } = this.#level;
    await this.#level.close();
    this.#level = await openLevel(location);
    await this.log.reopen();
  }

  async close(): Promise<void> {
    await this.log.close();
    await this.#level.close();
  }
}
