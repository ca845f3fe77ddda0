/**
 * Replaying a batch: the sender's part comes from a file, so the generator's requests go nowhere. The receiver takes from
 * the file what the generator wants, and passes over the rest (spec 3-transfer, 10).
 * @module
 */
import type { Phases } from "./phases.js";

export class Replay {
  readonly #phases: Phases;
  /** Files that the generator wants and that did not come yet, in order. */
  readonly #wanted = new Set<number>();

  constructor(phases: Phases) {
    this.#phases = phases;
  }

  /** The generator, or a failed verification, asks for a file. */
  want(ndx: number): void {
    this.#wanted.add(ndx);
    this.#phases.notify();
  }

  /** Whether the file whose data comes next is wanted; it counts as come then. Waits for the generator. */
  async take(ndx: number): Promise<boolean> {
    while (!this.#wanted.has(ndx) && !this.#phases.isDecided(ndx)) await this.#phases.change();
    return this.#wanted.delete(ndx);
  }

  /** What is wanted up to an index although the file is past it. Waits for the generator. */
  async missing(last: number): Promise<number[]> {
    while (!this.#phases.isDecided(last)) await this.#phases.change();
    const missing = [...this.#wanted].filter((ndx) => ndx <= last);
    for (const ndx of missing) this.#wanted.delete(ndx);
    return missing;
  }
}
