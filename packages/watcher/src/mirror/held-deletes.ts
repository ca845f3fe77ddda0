/**
 * Deletions that a guard holds back: they stay dirty, parked, until they are released or the files are there again.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { Taken } from "../state/dirty-map.js";
import { Reach } from "../state/mark.js";
import type { TargetContext } from "./target-context.js";

/** So many directories are named in the alarm. */
const MAX_DIRECTORIES = 5;

/** The held deletions of one target. */
export class HeldDeletes {
  readonly #context: TargetContext;
  readonly #paths = new Set<ByteString>();
  /** Directories whose reconciliation found too much to delete, and how much. */
  readonly #trees = new Map<ByteString, number>();

  constructor(context: TargetContext) {
    this.#context = context;
  }

  get count(): number {
    let count = this.#paths.size;
    for (const extras of this.#trees.values()) count += extras;
    return count;
  }

  /** Names that are gone from the source. */
  hold(paths: readonly ByteString[]): void {
    for (const path of paths) this.#paths.add(path);
    this.#tell(paths);
  }

  /** Names that only the target has, below a directory that is to be made equal. */
  holdBelow(directory: ByteString, extras: readonly ByteString[]): void {
    this.#trees.set(directory, extras.length);
    this.#tell(extras);
  }

  /** Offers everything again. */
  release(): void {
    const { ledger, mark } = this.#context;
    for (const path of this.#paths) ledger.unpark(path);
    mark([...this.#trees.keys()].map((path) => ({ path, reach: Reach.Reconcile })));
    this.#paths.clear();
    this.#trees.clear();
    this.#tell([]);
  }

  /** Marks were settled: names that are there again, or went in another push, are not held any more. */
  settled(taken: Taken): void {
    if (this.#paths.size === 0) return;
    const { dirty } = this.#context.ledger;
    const parked = new Set(dirty.parked());
    const before = this.#paths.size;
    for (const { path } of taken.entries) if (!parked.has(path)) this.#paths.delete(path);
    for (const path of taken.swallowed) if (!parked.has(path)) this.#paths.delete(path);
    if (this.#paths.size < before && this.count === 0) this.#tell([]);
  }

  #tell(paths: readonly ByteString[]): void {
    const { events, root, settings } = this.#context;
    const counts = new Map<ByteString, number>();
    for (const path of paths) {
      const directory = path.slice(0, Math.max(0, path.lastIndexOf("/")));
      counts.set(directory, (counts.get(directory) ?? 0) + 1);
    }
    const directories = [...counts]
      .sort(([, one], [, other]) => other - one)
      .slice(0, MAX_DIRECTORIES)
      .map(([directory]) => directory);
    events.emit("held", { root, target: settings.name, count: this.count, directories });
  }
}
