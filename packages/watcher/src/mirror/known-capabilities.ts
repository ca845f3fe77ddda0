/**
 * What a target is known to be able to do: learnt at first contact, and kept with it.
 * @module
 */
import type { TargetRecord } from "../journal/types.js";
import type { RenameOption } from "../target/rename-ways.js";
import type { Capabilities } from "../target/types.js";

/** Kept under this name in the target's record. */
const KEY = "capabilities";

export class KnownCapabilities {
  readonly #record: TargetRecord;
  #current: Capabilities | null;

  constructor(record: TargetRecord) {
    this.#record = record;
    const kept = record.get(KEY) as Capabilities | undefined;
    // A version of old did not ask for all of it.
    this.#current = Array.isArray(kept?.renameOptions) ? kept : null;
  }

  /** `null` when nothing is known. */
  get current(): Capabilities | null {
    return this.#current;
  }

  learn(capabilities: Capabilities): void {
    this.#current = capabilities;
    this.#record.set(KEY, capabilities);
  }

  /** The target refused options that it had taken, or made nothing of them. */
  without(options: readonly RenameOption[]): void {
    if (this.#current === null || options.length === 0) return;
    const { renameOptions } = this.#current;
    const left = renameOptions.filter((option) => !options.includes(option));
    if (left.length < renameOptions.length) this.learn({ ...this.#current, renameOptions: left });
  }

  /** It may be another daemon when the target answers again. */
  forget(): void {
    this.#current = null;
  }
}
