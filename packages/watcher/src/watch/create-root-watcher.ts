/**
 * Makes watchers of roots.
 * @module
 */
import type { Snapshot } from "../journal/snapshot.js";
import type { RootWatchOptions } from "./options.js";
import { RootWatch } from "./root-watch.js";
import type { RootListener, RootWatcher } from "./root-watcher.js";

/** A watcher for the directory in `options`, not started. */
export function createRootWatcher(
  options: RootWatchOptions,
  snapshot: Snapshot,
  listener: RootListener,
): RootWatcher {
  return new RootWatch(options, snapshot, listener);
}
