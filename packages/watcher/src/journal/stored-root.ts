/**
 * One root in the store.
 * @module
 */
import { byteStringFromText } from "@tsrsync/protocol/wire";
import type { RootSettings } from "../config/settings.js";
import type { DirtyMap } from "../state/dirty-map.js";
import type { Mark } from "../state/mark.js";
import { MarkTimes } from "../state/mark-times.js";
import type { GroupWriter } from "./group-writer.js";
import { JournaledTarget, type TargetChanges } from "./journaled-target.js";
import type { RecordStore, StoreOperation } from "./level-store.js";
import { type LoadedRoot, removeTarget, type StoredTarget } from "./load-root.js";
import { encodeJson, rootKey } from "./records.js";
import { directoryId, type RootRecord } from "./root-record.js";
import { Sightings } from "./sightings.js";
import type { Snapshot } from "./snapshot.js";
import { type SnapshotChanges, StoredSnapshot } from "./stored-snapshot.js";
import type { RootJournal, TargetRecord } from "./types.js";
import type { PendingWrite, WriteSource } from "./write-source.js";

interface RootChanges {
  readonly record: StoreOperation | null;
  readonly targets: ReadonlyMap<JournaledTarget, TargetChanges>;
  readonly snapshot: SnapshotChanges | null;
}

/** How a root is kept. */
export interface RootKeeping {
  readonly keeps: RootSettings["snapshot"];
  readonly followsLinks: boolean;
}

/** A {@link RootJournal} in the store. */
export class StoredRoot implements RootJournal, WriteSource {
  readonly startedAnew: string | null;
  readonly #snapshot: StoredSnapshot;
  readonly #sightings: Sightings | null;
  readonly #writer: GroupWriter;
  readonly #closed: () => void;
  readonly #record: RootRecord;
  readonly #key: Buffer;
  readonly #store: RecordStore;
  readonly #times = new MarkTimes();
  readonly #targets = new Map<string, JournaledTarget>();
  #isRecordDirty = true;

  constructor(
    name: string,
    { record, startedAnew, targets }: LoadedRoot,
    { keeps, followsLinks }: RootKeeping,
    store: RecordStore,
    writer: GroupWriter,
    closed: () => void,
  ) {
    this.startedAnew = startedAnew;
    this.#writer = writer;
    this.#closed = closed;
    this.#record = record;
    this.#key = rootKey(name);
    const host = {
      store,
      id: record.id,
      keeps,
      changed: () => writer.changed(1),
      needed: () => writer.needed(),
      write: () => writer.write(),
      tooYoung: (path: string) => this.#sightings?.watch(path),
      completed: () => this.#completed(),
    };
    this.#snapshot = new StoredSnapshot(host, keeps !== "off" && record.isComplete);
    const place = byteStringFromText(record.path);
    this.#sightings = keeps === "off" ? null : new Sightings(this.#snapshot, place, followsLinks);
    this.#store = store;
    for (const target of targets) this.#targets.set(target.name, this.#openTarget(target));
    this.#record.sequence = this.#highest();
    writer.add(this);
    // The log speaks of roots and targets that the store knows.
    writer.needed();
  }

  get sequence(): number {
    return this.#record.sequence;
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  addTarget(name: string): void {
    const id = this.#record.nextTarget++;
    this.#record.targets[name] = id;
    this.#targets.set(name, this.#openTarget({ name, id, values: null, dirty: [] }));
    this.#isRecordDirty = true;
    this.#writer.needed();
  }

  async removeTarget(name: string): Promise<void> {
    const { id } = this.#target(name);
    this.#targets.delete(name);
    delete this.#record.targets[name];
    this.#isRecordDirty = true;
    // Numbers are not given out again: should this be cut off, what stays behind is nobody's.
    await this.#writer.write();
    await removeTarget(this.#store, this.#record.id, id);
  }

  #openTarget(stored: StoredTarget): JournaledTarget {
    return new JournaledTarget(this.#record, stored, this.#times, () => this.#writer.needed());
  }

  #highest(): number {
    let highest = this.#record.sequence;
    for (const { dirty } of this.#targets.values()) highest = Math.max(highest, dirty.highest);
    return highest;
  }

  #target(name: string): JournaledTarget {
    const target = this.#targets.get(name);
    if (target === undefined) throw new RangeError(`expected a target of the root, got ${name}`);
    return target;
  }

  dirtyMap(target: string): DirtyMap {
    return this.#target(target).dirty;
  }

  target(name: string): TargetRecord {
    return this.#target(name).values;
  }

  marked(marks: readonly Mark[], sequence: number, target?: string, since?: number): void {
    this.#record.sequence = sequence;
    this.#isRecordDirty = true;
    if (this.#sightings !== null) for (const { path } of marks) this.#sightings.marked(path);
    this.#writer.marked({
      root: this.#record.id,
      target: target === undefined ? 0 : this.#target(target).id,
      sequence,
      since: since ?? Date.now(),
      marks,
    });
  }

  changed(isNeeded: boolean): void {
    if (isNeeded) this.#writer.needed();
    else this.#writer.changed(1);
  }

  commit(): Promise<void> {
    return this.#writer.commit();
  }

  #completed(): void {
    this.#record.isComplete = true;
    this.#record.directory = directoryId(this.#record.path);
    this.#isRecordDirty = true;
    this.#writer.needed();
  }

  async close(): Promise<void> {
    this.#sightings?.close();
    await this.#writer.writeNow();
    this.#writer.remove(this);
    this.#closed();
  }

  async takeWrite(): Promise<PendingWrite | null> {
    const changes = this.#take();
    if (changes === null) return null;
    const { snapshot } = changes;
    const done = (isWritten: boolean) => {
      if (!isWritten) this.#putBack(changes);
    };
    try {
      const lost = snapshot === null ? [] : await this.#snapshot.keysOfLost(snapshot);
      return { operations: this.#operations(changes, lost), done };
    } catch (thrown) {
      done(false);
      throw thrown;
    }
  }

  /** All of this at once: the log is of use for marks with higher numbers than the record has. */
  #take(): RootChanges | null {
    const record = this.#isRecordDirty ? this.#putRecord() : null;
    this.#isRecordDirty = false;
    const targets = new Map<JournaledTarget, TargetChanges>();
    for (const target of this.#targets.values()) {
      const changes = target.take();
      if (changes !== null) targets.set(target, changes);
    }
    const snapshot = this.#snapshot.take();
    const isNothing = record === null && targets.size === 0 && snapshot === null;
    return isNothing ? null : { record, targets, snapshot };
  }

  #putBack({ record, targets, snapshot }: RootChanges): void {
    if (record !== null) this.#isRecordDirty = true;
    for (const [target, changes] of targets) target.putBack(changes);
    if (snapshot !== null) this.#snapshot.putBack(snapshot);
  }

  *#operations(
    { record, targets, snapshot }: RootChanges,
    lost: readonly Buffer[],
  ): IterableIterator<StoreOperation> {
    if (record !== null) yield record;
    for (const [target, changes] of targets) yield* target.operations(changes);
    for (const key of lost) yield { type: "del", key };
    if (snapshot !== null) yield* this.#snapshot.puts(snapshot);
  }

  #putRecord(): StoreOperation {
    const value = encodeJson(this.#key, this.#record);
    return { type: "put", key: this.#key, value };
  }
}
