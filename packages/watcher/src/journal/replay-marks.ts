/**
 * Takes over what the log has of marks that the store did not get hold of before the process was killed.
 * @module
 */
import { DirtyMap } from "../state/dirty-map.js";
import type { DirtyChanges } from "../state/dirty-record.js";
import { MarkTimes } from "../state/mark-times.js";
import type { RecordStore, StoreOperation } from "./level-store.js";
import { allRoots, loadTarget } from "./load-root.js";
import { decodeLines, type LoggedMarks } from "./log-lines.js";
import { dirtyKey, encodeDirty, encodeJson, rootKey, snapshotPut } from "./records.js";
import type { RootRecord } from "./root-record.js";

/** The changes of the store that the log stands for. What is left when they are made is of no use. */
export async function loggedChanges(store: RecordStore): Promise<StoreOperation[]> {
  const logged = decodeLines(store.log.read());
  if (logged.length === 0) return [];
  const operations: StoreOperation[] = [];
  for (const [name, record] of await allRoots(store)) {
    const late = logged.filter(
      ({ root, sequence }) => root === record.id && sequence > record.sequence,
    );
    if (late.length > 0) operations.push(...(await changesOfRoot(store, name, record, late)));
  }
  return operations;
}

async function changesOfRoot(
  store: RecordStore,
  name: string,
  record: RootRecord,
  late: readonly LoggedMarks[],
): Promise<StoreOperation[]> {
  const { id, isComplete, targets } = record;
  const operations: StoreOperation[] = [];
  for (const [target, number] of Object.entries(targets)) {
    const stored = await loadTarget(store, id, target, number);
    // Whoever opens a root that is damaged finds that out.
    if (stored === null) return [];
    const map = new DirtyMap({ times: new MarkTimes(), isJournaled: true });
    map.restore(stored.dirty, record.sequence);
    const own = late.filter((each) => each.target === 0 || each.target === number);
    for (const each of own) markAll(map, each);
    operations.push(...dirtyOperations(id, number, map.takeChanges()));
  }
  // What was marked is uncertain until it was looked at.
  const paths = new Set(
    isComplete ? late.flatMap(({ marks }) => marks.map(({ path }) => path)) : [],
  );
  paths.delete("");
  for (const path of paths) {
    operations.push(snapshotPut(id, { path, mode: 0, inode: 0n, ctimeNs: 0n }));
  }
  const key = rootKey(name);
  const sequence = Math.max(...late.map((each) => each.sequence));
  operations.push({ type: "put", key, value: encodeJson(key, { ...record, sequence }) });
  return operations;
}

function markAll(map: DirtyMap, { marks, sequence, since }: LoggedMarks): void {
  const before = sequence - marks.length;
  for (const [index, mark] of marks.entries()) map.mark(mark, before + index + 1, since);
}

/** The records of dirty paths that are to be written or removed. */
export function* dirtyOperations(
  root: number,
  target: number,
  { written, removed }: DirtyChanges,
): IterableIterator<StoreOperation> {
  for (const path of removed) yield { type: "del", key: dirtyKey(root, target, path) };
  for (const record of written) {
    const key = dirtyKey(root, target, record.path);
    yield { type: "put", key, value: encodeDirty(key, record) };
  }
}
