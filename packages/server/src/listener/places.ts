/**
 * How many clients use a module right now (`max connections`).
 * @module
 */
import type { ModuleConfig } from "../config/index.js";

/** Counts connections by lock file: modules that share one share its places, as with rsyncd. */
export class Places {
  readonly #taken = new Map<string, number>();

  /** Takes a place; `null` when all are taken. */
  claim({ lockFile, maxConnections }: ModuleConfig): { release(): void } | null {
    if (maxConnections === 0) return { release() {} };
    const taken = this.#taken.get(lockFile) ?? 0;
    if (taken >= maxConnections) return null;
    this.#taken.set(lockFile, taken + 1);
    let released = false;
    return {
      release: () => {
        if (released) return;
        released = true;
        this.#taken.set(lockFile, (this.#taken.get(lockFile) ?? 1) - 1);
      },
    };
  }
}
