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
import { encodeJson, rootKey } from "./records.js";
import { dirtyOperations } from "./replay-marks.js";
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
  readonly values: StoreOperation | null;
}

interface RootChanges {
  readonly isRecordTaken: boolean;
  /** The root's own record, and those of its targets. */
  readonly own: readonly StoreOperation[];
  readonly targets: readonly TargetChanges[];
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

  #openTarget({ id, values, dirty }: StoredTarget): Target {
    const map = new DirtyMap({ times: this.#times, isJournaled: true });
    map.restore(dirty, this.#record.sequence);
    const changed = () => this.#writer.needed();
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
    const taken = this.#take();
    if (taken === null) return null;
    const { own, targets, snapshot } = taken;
    const done = (isWritten: boolean) => {
      if (!isWritten) this.#putBack(taken);
    };
    try {
      const lost = snapshot === null ? [] : await this.#snapshot.keysOfLost(snapshot);
      return { operations: this.#operations(own, targets, lost, snapshot), done };
    } catch (thrown) {
      done(false);
      throw thrown;
    }
  }

  /** All of this at once: the log is of use for marks with higher numbers than the record has. */
  #take(): RootChanges | null {
    const isRecordTaken = this.#isRecordDirty;
    const own = isRecordTaken ? [this.#putRecord()] : [];
    this.#isRecordDirty = false;
    const targets: TargetChanges[] = [];
    for (const target of this.#targets.values()) {
      const changes = target.dirty.takeChanges();
      const values = target.values.take();
      if (values !== null) own.push(values);
      if (values !== null || !isEmpty(changes)) targets.push({ target, changes, values });
    }
    const snapshot = this.#snapshot.take();
    const isNothing = own.length === 0 && targets.length === 0 && snapshot === null;
    return isNothing ? null : { isRecordTaken, own, targets, snapshot };
  }

  #putBack({ isRecordTaken, targets, snapshot }: RootChanges): void {
    this.#isRecordDirty ||= isRecordTaken;
    for (const { target, changes, values } of targets) {
      target.dirty.writeFailed(changes);
      if (values !== null) target.values.putBack();
    }
    if (snapshot !== null) this.#snapshot.putBack(snapshot);
  }

  *#operations(
    own: readonly StoreOperation[],
    targets: readonly TargetChanges[],
    dropped: readonly Buffer[],
    snapshot: SnapshotChanges | null,
  ): IterableIterator<StoreOperation> {
    yield* own;
    for (const { target, changes } of targets) {
      yield* dirtyOperations(this.#record.id, target.id, changes);
    }
    for (const key of dropped) yield { type: "del", key };
    if (snapshot !== null) yield* this.#snapshot.puts(snapshot);
  }

  #putRecord(): StoreOperation {
    const value = encodeJson(this.#key, this.#record);
    return { type: "put", key: this.#key, value };
  }
}

function isEmpty({ written, removed }: DirtyChanges): boolean {
  return written.length === 0 && removed.length === 0;
}
