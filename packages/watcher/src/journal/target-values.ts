/**
 * The values kept for one target, as one record.
 * @module
 */

import type { StoreOperation } from "./level-store.js";
import { encodeJson, targetKey } from "./records.js";
import type { TargetRecord } from "./types.js";

/** A {@link TargetRecord} in the store. */
export class TargetValues implements TargetRecord {
  #isNew: boolean;
  readonly #key: Buffer;
  readonly #values: Map<string, unknown>;
  readonly #changed: () => void;
  #isDirty = false;

  /** @param stored what the store had; `null` for nothing */
  constructor(root: number, target: number, stored: object | null, changed: () => void) {
    this.#isNew = stored === null;
    this.#key = targetKey(root, target);
    this.#values = new Map(Object.entries(stored ?? {}));
    this.#changed = changed;
  }

  get isNew(): boolean {
    return this.#isNew;
  }

  get(key: string): unknown {
    return this.#values.get(key);
  }

  set(key: string, value: unknown): void {
    if (value === undefined) this.#values.delete(key);
    else this.#values.set(key, value);
    this.#isNew = false;
    this.#isDirty = true;
    this.#changed();
  }

  /** The record when it has changed since the last call. */
  take(): StoreOperation | null {
    if (!this.#isDirty) return null;
    this.#isDirty = false;
    const value = encodeJson(this.#key, Object.fromEntries(this.#values));
    return { type: "put", key: this.#key, value };
  }

  /** The record did not get into the store. */
  putBack(): void {
    this.#isDirty = true;
  }
}
