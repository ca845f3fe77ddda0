/**
 * A root whose changes are not watched (`live.enabled: false`): full syncs are all that it gets.
 * @module
 */
import type { RootGuard } from "../watch/root-guard.js";
import type { RootFigures, RootListener, RootState, RootWatcher } from "../watch/root-watcher.js";

const NO_FIGURES: RootFigures = {
  watches: 0,
  shards: 0,
  polledDirectories: 0,
  openFiles: 0,
  events: 0,
  overflows: 0,
  walkedEntries: 0,
  walkSeconds: 0,
};

/** How often a halted root is looked at. */
const LOOK_MS = 5000;

/** Sees nothing but whether its root is as it should be. */
export class StillWatcher implements RootWatcher {
  readonly #guard: RootGuard;
  readonly #listener: RootListener;
  #state: RootState = "scanning";
  #timer: NodeJS.Timeout | undefined;

  constructor(guard: RootGuard, listener: RootListener) {
    this.#guard = guard;
    this.#listener = listener;
  }

  get state(): RootState {
    return this.#state;
  }

  start(): Promise<void> {
    this.#look();
    return Promise.resolve();
  }

  drain(): Promise<void> {
    return Promise.resolve();
  }

  calm(): void {
    // There is nothing to be told.
  }

  resume(): Promise<void> {
    this.#guard.accept();
    this.#look();
    return Promise.resolve();
  }

  tellAgain(): void {
    // Full syncs have all names of a file.
  }

  brought(): void {
    // Full syncs find what is gone.
  }

  figures(): RootFigures {
    return NO_FIGURES;
  }

  close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#set("closed", "closed");
    return Promise.resolve();
  }

  #look(): void {
    clearTimeout(this.#timer);
    const halt = this.#guard.check(false);
    if (halt === null) {
      this.#set("live", "changes are not watched");
      return;
    }
    this.#set(halt.state, halt.reason);
    this.#timer = setTimeout(() => this.#look(), LOOK_MS);
  }

  #set(state: RootState, reason: string): void {
    if (this.#state === state && state !== "live") return;
    this.#state = state;
    this.#listener.state(state, reason);
  }
}

/**
 * To be asked before each full sync of such a root: nobody else would notice that it was unmounted, replaced or emptied.
 * @param wasSynced something was brought to the target before
 * @throws Error that says what is wrong
 */
export function assertStillThere(guard: RootGuard, wasSynced: boolean): void {
  const halt = guard.check(wasSynced);
  if (halt !== null) throw new Error(halt.reason);
}
