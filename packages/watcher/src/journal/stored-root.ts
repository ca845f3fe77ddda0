/**
 * One root in the store.
 * @module
 */
import { byteStringFromText } from "@tsrsync/protocol/wire";
import type { RootSettings } from "../config/settings.js";
import { DirtyMap } from "../state/dirty-map.js";
import type { DirtyChanges } from "../state/dirty-record.js";
import type { Mark } from "../state/mark.js";
import { MarkTimes } from "../state/mark-times.js";
import type { GroupWriter, PendingWrite, WriteSource } from "./group-writer.js";
import type { RecordStore, StoreOperation } from "./level-store.js";
import { type LoadedRoot, removeTarget, type StoredTarget } from "./load-root.js";
import { dirtyKey, encodeDirty, encodeJson, rootKey } from "./records.js";
import { directoryId, type RootRecord } from "./root-record.js";
import { Sightings } from "./sightings.js";
import type { Snapshot } from "./snapshot.js";
import { type SnapshotChanges, StoredSnapshot } from "./stored-snapshot.js";
import { TargetValues } from "./target-values.js";
import type { RootJournal, TargetRecord } from "./types.js";

interface Target {
  readonly id: number;
  readonly dirty: DirtyMap;
  readonly values: TargetValues;
}

interface TargetChanges {
  readonly target: Target;
  readonly changes: DirtyChanges;
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
  readonly #targets = new Map<string, Target>();
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
      changed: (count: number) => writer.changed(count),
      commit: () => writer.commit(),
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
    writer.changed(1);
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
    this.#writer.changed(1);
  }

  async removeTarget(name: string): Promise<void> {
    const { id } = this.#target(name);
    this.#targets.delete(name);
    delete this.#record.targets[name];
    this.#isRecordDirty = true;
    // Numbers are not given out again: should this be cut off, what stays behind is nobody's.
    await this.#writer.commit();
    await removeTarget(this.#store, this.#record.id, id);
  }

  #openTarget({ id, values, dirty }: StoredTarget): Target {
    const map = new DirtyMap({ times: this.#times, isJournaled: true });
    map.restore(dirty, this.#record.sequence);
    const changed = () => this.#writer.changed(1);
    return { id, dirty: map, values: new TargetValues(this.#record.id, id, values, changed) };
  }

  #highest(): number {
    let highest = this.#record.sequence;
    for (const { dirty } of this.#targets.values()) highest = Math.max(highest, dirty.highest);
    return highest;
  }

  #target(name: string): Target {
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

  marked(marks: readonly Mark[], sequence: number): void {
    this.#record.sequence = sequence;
    this.#isRecordDirty = true;
    if (this.#sightings !== null) for (const { path } of marks) this.#sightings.marked(path);
    this.#writer.changed(marks.length);
  }

  changed(): void {
    this.#writer.changed(1);
  }

  commit(): Promise<void> {
    return this.#writer.commit();
  }

  #completed(): void {
    this.#record.isComplete = true;
    this.#record.directory = directoryId(this.#record.path);
    this.#isRecordDirty = true;
    this.#writer.changed(1);
  }

  async close(): Promise<void> {
    this.#sightings?.close();
    await this.#writer.commitNow();
    this.#writer.remove(this);
    this.#closed();
  }

  async takeWrite(): Promise<PendingWrite | null> {
    const isRecordTaken = this.#isRecordDirty;
    this.#isRecordDirty = false;
    const targets = [...this.#targets.values()].map((target) => {
      const changes = target.dirty.takeChanges();
      return { target, changes, values: target.values.take() };
    });
    const snapshot = this.#snapshot.take();
    const done = (isWritten: boolean) => {
      if (isWritten) return;
      this.#isRecordDirty ||= isRecordTaken;
      for (const { target, changes, values } of targets) {
        target.dirty.writeFailed(changes);
        if (values !== null) target.values.putBack();
      }
      if (snapshot !== null) this.#snapshot.putBack(snapshot);
    };
    let dropped: readonly Buffer[] = [];
    try {
      if (snapshot !== null) dropped = await this.#snapshot.keysOfLost(snapshot);
    } catch (thrown) {
      done(false);
      throw thrown;
    }
    const isNothing =
      !isRecordTaken &&
      snapshot === null &&
      targets.every(({ changes, values }) => values === null && isEmpty(changes));
    if (isNothing) return null;
    const own = [
      ...(isRecordTaken ? [this.#putRecord()] : []),
      ...targets.flatMap(({ values }) => values ?? []),
    ];
    return { operations: this.#operations(own, targets, dropped, snapshot), done };
  }

  *#operations(
    own: readonly StoreOperation[],
    targets: readonly TargetChanges[],
    dropped: readonly Buffer[],
    snapshot: SnapshotChanges | null,
  ): IterableIterator<StoreOperation> {
    yield* own;
    for (const { target, changes } of targets) yield* this.#dirtyOperations(target.id, changes);
    for (const key of dropped) yield { type: "del", key };
    if (snapshot !== null) yield* this.#snapshot.puts(snapshot);
  }

  #putRecord(): StoreOperation {
    const value = encodeJson(this.#key, this.#record);
    return { type: "put", key: this.#key, value };
  }

  *#dirtyOperations(target: number, changes: DirtyChanges): IterableIterator<StoreOperation> {
    const { id } = this.#record;
    for (const path of changes.removed) yield { type: "del", key: dirtyKey(id, target, path) };
    for (const record of changes.written) {
      const key = dirtyKey(id, target, record.path);
      yield { type: "put", key, value: encodeDirty(key, record) };
    }
  }
}

function isEmpty({ written, removed }: DirtyChanges): boolean {
  return written.length === 0 && removed.length === 0;
}
