/**
 * What the store has of a root, made fit for its present settings.
 * @module
 */
import type { DirtyRecord } from "../state/dirty-record.js";
import type { KeyRange, RecordStore } from "./level-store.js";
import {
  ALL_ROOTS,
  decodeDirty,
  decodeJson,
  dirtyRange,
  rootKey,
  snapshotRange,
  targetKey,
} from "./records.js";
import { changeOfRoot, directoryId, type RootRecord, readRootRecord } from "./root-record.js";

/** What the store had of one target. */
export interface StoredTarget {
  readonly name: string;
  readonly id: number;
  /** `null` for nothing. */
  readonly values: object | null;
  readonly dirty: readonly DirtyRecord[];
}

/** What a root begins with. */
export interface LoadedRoot {
  readonly record: RootRecord;
  /** See `RootJournal.startedAnew`. */
  readonly startedAnew: string | null;
  readonly targets: readonly StoredTarget[];
}

/** Which root is wanted. */
export interface RootRequest {
  readonly name: string;
  readonly path: string;
  readonly targets: readonly string[];
  /** The machine was not started anew since the store was open last. */
  readonly isSameBoot: boolean;
  /** A number that no root has. */
  newId(): number;
}

/** Reads a root and its targets; what does not belong to them any more is removed. */
export async function loadRoot(store: RecordStore, request: RootRequest): Promise<LoadedRoot> {
  const { name, path, targets, isSameBoot } = request;
  const key = rootKey(name);
  const value = await store.get(key);
  if (value === undefined) return startRoot(store, request, null);
  const damage = `what the journal had of the root ${name} is damaged`;
  const old = readRootRecord(decodeJson(key, value));
  if (old === null) return startRoot(store, request, damage);
  const change = changeOfRoot(old, path, isSameBoot);
  if (change === null) {
    const record = { ...old, directory: directoryId(path) || old.directory };
    const stored = await loadTargets(store, record, targets);
    if (stored !== null) return { record, startedAnew: null, targets: stored };
  }
  await removeRoot(store, old);
  return startRoot(store, request, change ?? damage);
}

async function startRoot(
  store: RecordStore,
  { path, targets, newId }: RootRequest,
  startedAnew: string | null,
): Promise<LoadedRoot> {
  const record: RootRecord = {
    id: newId(),
    path,
    directory: directoryId(path),
    sequence: 0,
    isComplete: false,
    targets: {},
    nextTarget: 1,
  };
  // Should the number have been that of a root whose own record was damaged.
  await removeRoot(store, record);
  return { record, startedAnew, targets: (await loadTargets(store, record, targets)) ?? [] };
}

/** `null` when a record is damaged. The targets of `record` become those that are wanted. */
async function loadTargets(
  store: RecordStore,
  record: RootRecord,
  names: readonly string[],
): Promise<StoredTarget[] | null> {
  const known = new Map(Object.entries(record.targets));
  for (const [name, id] of known) {
    if (names.includes(name)) continue;
    known.delete(name);
    await removeTarget(store, record.id, id);
  }
  const stored: StoredTarget[] = [];
  for (const name of names) {
    const id = known.get(name) ?? record.nextTarget++;
    known.set(name, id);
    const target = await loadTarget(store, record.id, name, id);
    if (target === null) return null;
    stored.push(target);
  }
  record.targets = Object.fromEntries(known);
  return stored;
}

/** What the store has of a target, `null` when a record of it is damaged. */
export async function loadTarget(
  store: RecordStore,
  root: number,
  name: string,
  id: number,
): Promise<StoredTarget | null> {
  const key = targetKey(root, id);
  const value = await store.get(key);
  const values = value === undefined ? null : decodeJson(key, value);
  if (typeof values !== "object") return null;
  const dirty: DirtyRecord[] = [];
  for await (const chunk of store.read(dirtyRange(root, id))) {
    for (const [recordKey, recordValue] of chunk) {
      const record = decodeDirty(recordKey, recordValue);
      if (record === null) return null;
      dirty.push(record);
    }
  }
  return { name, id, values, dirty };
}

/** All numbers of roots that the store knows. */
export async function highestRootId(store: RecordStore): Promise<number> {
  let highest = 0;
  for (const [, record] of await allRoots(store)) highest = Math.max(highest, record.id);
  return highest;
}

/** Removes the roots that are not named. */
export async function keepRoots(store: RecordStore, names: ReadonlySet<string>): Promise<void> {
  for (const [name, record] of await allRoots(store)) {
    if (names.has(name)) continue;
    // The record goes last: what a crash leaves behind is found again.
    await removeRoot(store, record);
    await store.write([{ type: "del", key: rootKey(name) }], true);
  }
}

/** All roots that the store knows, and that are not damaged. */
export async function allRoots(store: RecordStore): Promise<[name: string, record: RootRecord][]> {
  const roots: [string, RootRecord][] = [];
  for await (const chunk of store.read(ALL_ROOTS)) {
    for (const [key, value] of chunk) {
      const record = readRootRecord(decodeJson(key, value));
      if (record !== null) roots.push([key.toString("utf8", 1), record]);
    }
  }
  return roots;
}

async function removeRoot(store: RecordStore, { id, nextTarget }: RootRecord): Promise<void> {
  await store.clear({ from: dirtyRange(id, 0).from, to: dirtyRange(id + 1, 0).from });
  await store.clear({ from: targetKey(id, 0), to: targetKey(id, nextTarget + 1) });
  await store.clear(snapshotRange(id));
}

/** Removes what there is of a target, its number in the root's record aside. */
export async function removeTarget(store: RecordStore, root: number, id: number): Promise<void> {
  await store.clear(dirtyRange(root, id));
  const own: KeyRange = { from: targetKey(root, id), to: targetKey(root, id + 1) };
  await store.clear(own);
}
