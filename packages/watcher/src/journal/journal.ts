/**
 * The journal of a state directory (spec 6, 4.1 to 4.3).
 * @module
 */
import type { RootSettings } from "../config/settings.js";
import { type LeftBehind, readBootId, readLeftBehind, writeLeftBehind } from "./format-record.js";
import { GroupWriter } from "./group-writer.js";
import { openLevelStore, type RecordStore, startAnew } from "./level-store.js";
import { highestRootId, keepRoots, loadRoot } from "./load-root.js";
import { loggedChanges } from "./replay-marks.js";
import { reasonOf, unusable } from "./store-errors.js";
import { StoredRoot } from "./stored-root.js";
import type { Journal, LastStop, RootJournal } from "./types.js";

/** How a journal is opened. */
export interface JournalOptions {
  /** Told what a person should know: the disk is full, the store was damaged. */
  readonly warn?: (text: string) => void;
}

/**
 * Opens the journal in `stateDir`, which is made when it is missing. Only one process can have it open. A store that cannot
 * be read is put aside, with a warning, and a new one begins.
 * @throws StateDirectoryError
 */
export async function openJournal(
  stateDir: string,
  { warn = () => {} }: JournalOptions = {},
): Promise<Journal> {
  const { store, damage } = await openLevelStore(stateDir);
  if (damage !== null) warn(damageText(stateDir, damage));
  try {
    return await openJournalIn(store, warn);
  } catch (thrown) {
    await store.close();
    // What can be read but not written is as good as ever when the disk has room again.
    if (thrown instanceof NotWritableError) throw unusable(stateDir, thrown);
    warn(damageText(stateDir, reasonOf(thrown)));
  }
  return openJournalIn(await startAnew(stateDir), warn);
}

/** A journal that was read cannot be written. */
class NotWritableError extends Error {
  constructor(cause: unknown) {
    super(reasonOf(cause), { cause });
    this.name = "NotWritableError";
  }
}

/**
 * The journal in a store, which it takes over.
 * @throws Error when that is of another format, or cannot be read or written.
 */
export async function openJournalIn(
  store: RecordStore,
  warn: (text: string) => void,
): Promise<Journal> {
  const left = await readLeftBehind(store);
  if (left === "unknown") throw new Error("it is of another format");
  const bootId = await readBootId();
  const nextId = (await highestRootId(store)) + 1;
  const logged = await loggedChanges(store);
  try {
    if (logged.length > 0) await store.write(logged, true);
    await store.log.clear();
    await writeLeftBehind(store, { openedIn: bootId, isClosed: false });
  } catch (thrown) {
    throw new NotWritableError(thrown);
  }
  return new StoredJournal({ store, left, bootId, nextId, warn });
}

function damageText(stateDir: string, reason: string): string {
  const what = "it was put aside as journal.damaged, and everything will be compared anew";
  return `the journal in ${stateDir} cannot be read (${reason}): ${what}`;
}

interface JournalParts {
  readonly store: RecordStore;
  readonly left: LeftBehind | "none";
  readonly bootId: string;
  readonly nextId: number;
  readonly warn: (text: string) => void;
}

class StoredJournal implements Journal {
  readonly lastStop: LastStop;
  readonly #parts: JournalParts;
  readonly #isSameBoot: boolean;
  readonly #writer: GroupWriter;
  readonly #roots = new Map<string, StoredRoot>();
  #nextId: number;

  constructor(parts: JournalParts) {
    const { store, left, bootId, nextId, warn } = parts;
    this.#parts = parts;
    this.#nextId = nextId;
    this.#isSameBoot = left !== "none" && left.openedIn === bootId;
    this.#writer = new GroupWriter(store, warn);
    if (left === "none") this.lastStop = "none";
    else this.lastStop = left.isClosed && this.#isSameBoot ? "clean" : "killed";
  }

  async root(
    name: string,
    path: string,
    targets: readonly string[],
    keeps: RootSettings["snapshot"] = "all",
    followsLinks = false,
  ): Promise<RootJournal> {
    if (this.#roots.has(name)) throw new RangeError(`expected a root that is not open: ${name}`);
    const { store } = this.#parts;
    const newId = () => this.#nextId++;
    const isSameBoot = this.#isSameBoot;
    const loaded = await loadRoot(store, { name, path, targets, isSameBoot, newId });
    const root = new StoredRoot(name, loaded, { keeps, followsLinks }, store, this.#writer, () =>
      this.#roots.delete(name),
    );
    this.#roots.set(name, root);
    return root;
  }

  keepOnly(names: readonly string[]): Promise<void> {
    return keepRoots(this.#parts.store, new Set(names));
  }

  size(): number {
    return this.#parts.store.size();
  }

  async close(): Promise<void> {
    const { store, bootId, warn } = this.#parts;
    for (const root of [...this.#roots.values()]) await root.close();
    try {
      const isWritten = await this.#writer.close();
      if (isWritten) {
        await writeLeftBehind(store, { openedIn: bootId, isClosed: true });
      }
      await store.close();
    } catch (thrown) {
      warn(`the journal was not closed in order: ${reasonOf(thrown)}`);
    }
  }
}
