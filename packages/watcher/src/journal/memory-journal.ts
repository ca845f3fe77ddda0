/**
 * A journal that forgets everything with the process: for tests, and for a mirror without a state directory.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { DirtyMap, type DirtyMapOptions } from "../state/dirty-map.js";
import { MarkTimes } from "../state/mark-times.js";
import type { Snapshot, SnapshotEntry } from "./snapshot.js";
import type { Journal, RootJournal, TargetRecord } from "./types.js";

/** A {@link Journal} in memory. */
export function createMemoryJournal(options: Pick<DirtyMapOptions, "now"> = {}): Journal {
  return {
    lastStop: "none",
    root: (_name, _path, targets) => Promise.resolve(new MemoryRootJournal(targets, options)),
    keepOnly: () => Promise.resolve(),
    size: () => 0,
    close: () => Promise.resolve(),
  };
}

class MemoryRootJournal implements RootJournal {
  readonly startedAnew = null;
  readonly sequence = 0;
  readonly snapshot: Snapshot = new NoSnapshot();
  readonly #options: DirtyMapOptions;
  readonly #maps = new Map<string, DirtyMap>();
  readonly #records = new Map<string, TargetRecord>();

  constructor(targets: readonly string[], options: Pick<DirtyMapOptions, "now">) {
    this.#options = { ...options, times: new MarkTimes() };
    for (const name of targets) this.addTarget(name);
  }

  addTarget(name: string): void {
    this.#maps.set(name, new DirtyMap(this.#options));
    this.#records.set(name, new MemoryRecord());
  }

  removeTarget(name: string): Promise<void> {
    this.#maps.delete(name);
    this.#records.delete(name);
    return Promise.resolve();
  }

  dirtyMap(target: string): DirtyMap {
    return found(this.#maps, target);
  }

  target(name: string): TargetRecord {
    return found(this.#records, name);
  }

  marked(): void {
    // There is nothing to write.
  }

  changed(): void {
    // There is nothing to write.
  }

  commit(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function found<T>(map: ReadonlyMap<string, T>, name: string): T {
  const value = map.get(name);
  if (value === undefined) throw new RangeError(`expected a target of the root, got ${name}`);
  return value;
}

class MemoryRecord implements TargetRecord {
  readonly #values = new Map<string, unknown>();
  #isNew = true;

  get isNew(): boolean {
    return this.#isNew;
  }

  get(key: string): unknown {
    return this.#values.get(key);
  }

  set(key: string, value: unknown): void {
    this.#isNew = false;
    if (value === undefined) this.#values.delete(key);
    else this.#values.set(key, value);
  }
}

/** Knows nothing, so that a walk takes everything as new. */
class NoSnapshot implements Snapshot {
  readonly isComplete = false;

  async *entries(): AsyncIterableIterator<SnapshotEntry[]> {
    // Nothing is known.
  }

  saw(_entry: SnapshotEntry): void {
    // Nothing is kept.
  }

  lost(_path: ByteString): void {
    // Nothing is kept.
  }

  completed(): void {
    // There is no next start to tell.
  }
}
