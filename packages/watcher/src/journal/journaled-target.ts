/**
 * One target of a root in the store: what it does not have yet, and what is kept of it.
 * @module
 */
import { DirtyMap } from "../state/dirty-map.js";
import type { DirtyChanges } from "../state/dirty-record.js";
import type { MarkTimes } from "../state/mark-times.js";
import type { StoreOperation } from "./level-store.js";
import type { StoredTarget } from "./load-root.js";
import { dirtyOperations } from "./replay-marks.js";
import type { RootRecord } from "./root-record.js";
import { TargetValues } from "./target-values.js";

/** Changes of a target that are not in the store yet. */
export interface TargetChanges {
  readonly dirty: DirtyChanges;
  readonly values: StoreOperation | null;
}

/** A target that is open. */
export class JournaledTarget {
  readonly id: number;
  readonly dirty: DirtyMap;
  readonly values: TargetValues;
  readonly #root: number;

  /** @param needed told when its values have changed */
  constructor(
    { id: root, sequence }: RootRecord,
    { id, values, dirty }: StoredTarget,
    times: MarkTimes,
    needed: () => void,
  ) {
    this.id = id;
    this.dirty = new DirtyMap({ times, isJournaled: true });
    this.dirty.restore(dirty, sequence);
    this.values = new TargetValues(root, id, values, needed);
    this.#root = root;
  }

  /** Takes the changes, `null` for none. */
  take(): TargetChanges | null {
    const dirty = this.dirty.takeChanges();
    const values = this.values.take();
    const isNothing = values === null && dirty.written.length === 0 && dirty.removed.length === 0;
    return isNothing ? null : { dirty, values };
  }

  *operations({ dirty, values }: TargetChanges): IterableIterator<StoreOperation> {
    if (values !== null) yield values;
    yield* dirtyOperations(this.#root, this.id, dirty);
  }

  /** The changes did not get into the store. */
  putBack({ dirty, values }: TargetChanges): void {
    this.dirty.writeFailed(dirty);
    if (values !== null) this.values.putBack();
  }
}
