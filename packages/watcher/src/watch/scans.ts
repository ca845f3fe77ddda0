/**
 * The walks of a root as a whole, or of one of its shards: one after the other.
 * @module
 */
import { RootScan, type ScanContext, type ScanReason } from "./root-scan.js";

export class Scans {
  readonly #context: ScanContext;
  readonly #ended: () => void;
  readonly #figures = { walkedEntries: 0, walkSeconds: 0 };
  #scan: RootScan | null = null;
  #last: Promise<void> = Promise.resolve();
  #closed = false;

  /** `ended` is called after each of them. */
  constructor(context: ScanContext, ended: () => void) {
    this.#context = context;
    this.#ended = ended;
  }

  get isRunning(): boolean {
    return this.#scan !== null;
  }

  /** Entries that the last one saw, and how long it took. */
  get figures(): Readonly<{ walkedEntries: number; walkSeconds: number }> {
    return this.#figures;
  }

  /** Walks, after the walk that runs now. Resolves when it is done, or not worth going on with. */
  add(reason: ScanReason): Promise<void> {
    this.#last = this.#last.then(() => this.#run(reason));
    return this.#last;
  }

  /** Resolves when none is left. */
  idle(): Promise<void> {
    return this.#last;
  }

  /** Ends the walk that runs; `shard`: only when it looks for events of this one that were lost. */
  cancel(shard?: number): void {
    const reason = this.#scan?.reason;
    if (shard === undefined || (reason?.kind === "lost" && reason.shard === shard)) {
      this.#scan?.cancel();
    }
  }

  dropped(node: number): void {
    this.#scan?.dropped(node);
  }

  close(): void {
    this.#closed = true;
    this.cancel();
  }

  async #run(reason: ScanReason): Promise<void> {
    if (this.#closed) return;
    const scan = new RootScan(this.#context, reason);
    this.#scan = scan;
    await scan.run();
    this.#scan = null;
    this.#figures.walkedEntries = scan.entries;
    this.#figures.walkSeconds = scan.seconds;
    this.#ended();
  }
}
