/**
 * Makes watchers of roots.
 * @module
 */
import { type InotifySource, inotifyHub } from "../inotify/inotify-hub.js";
import type { Snapshot } from "../journal/snapshot.js";
import type { RootWatchOptions } from "./options.js";
import { RootWatch } from "./root-watch.js";
import type { RootListener, RootWatcher } from "./root-watcher.js";

/** A watcher for the directory in `options`, not started. `hub`: where watches come from. */
export function createRootWatcher(
  options: RootWatchOptions,
  snapshot: Snapshot,
  listener: RootListener,
  hub: InotifySource | null = inotifyHub(),
): RootWatcher {
  return new RootWatch(options, snapshot, listener, hub);
}
