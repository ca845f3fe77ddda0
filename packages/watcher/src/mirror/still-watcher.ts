/**
 * A root whose changes are not watched (`live.enabled: false`): full syncs are all that it gets.
 * @module
 */
import { stat } from "node:fs/promises";
import type { RootFigures, RootListener, RootState, RootWatcher } from "../watch/root-watcher.js";

const NO_FIGURES: RootFigures = {
  watches: 0,
  polledDirectories: 0,
  openFiles: 0,
  events: 0,
  overflows: 0,
  walkedEntries: 0,
  walkSeconds: 0,
};

/** Sees nothing but whether its root is there. */
export class StillWatcher implements RootWatcher {
  readonly #path: string;
  readonly #listener: RootListener;
  #state: RootState = "scanning";

  constructor(path: string, listener: RootListener) {
    this.#path = path;
    this.#listener = listener;
  }

  get state(): RootState {
    return this.#state;
  }

  async start(): Promise<void> {
    const isThere = await stat(this.#path).then(
      (stats) => stats.isDirectory(),
      () => false,
    );
    if (isThere) this.#set("live", "changes are not watched");
    else this.#set("root-gone", `${this.#path}: no such directory`);
  }

  drain(): Promise<void> {
    return Promise.resolve();
  }

  resume(): Promise<void> {
    return this.start();
  }

  tellAgain(): void {
    // Full syncs have all names of a file.
  }

  figures(): RootFigures {
    return NO_FIGURES;
  }

  close(): Promise<void> {
    this.#set("closed", "closed");
    return Promise.resolve();
  }

  #set(state: RootState, reason: string): void {
    this.#state = state;
    this.#listener.state(state, reason);
  }
}
