/**
 * Puts the parts of a root together: its watcher, its books, its filter and its targets.
 * @module
 */
import { byteStringFromText } from "@tsrsync/protocol/wire";
import type { FilterSettings, RootSettings, TargetSettings } from "../config/settings.js";
import { createPathFilter, type PathFilter } from "../filter/path-filter.js";
import type { Journal } from "../journal/types.js";
import { TargetClient } from "../target/target-client.js";
import { createRootWatcher } from "../watch/create-root-watcher.js";
import { rootWatchOptions } from "../watch/options.js";
import type { KernelListener } from "../watch/root-watcher.js";
import { CurrentTree } from "./current-tree.js";
import type { OpenRoot } from "./mirror.js";
import { RootRun } from "./root-run.js";
import { StillWatcher } from "./still-watcher.js";

/** What the roots of one mirror share. */
export interface RootServices {
  journal: Journal;
  /** Runs what has to be done before a full sync of a target; rejects when that failed. */
  beforeFullSync: (root: string, target: string, signal: AbortSignal) => Promise<void>;
  /** Is told what the kernel says of a root, for people who look for a fault. */
  kernel?: ((root: string) => KernelListener) | undefined;
}

/** Opens roots as they are configured. */
export function rootOpener({ journal, beforeFullSync, kernel }: RootServices): OpenRoot {
  return async (settings, shared) => {
    const targets = settings.targets.map(({ name }) => name);
    const path = byteStringFromText(settings.path);
    const filter = createPathFilter(settings.filter, partialDirs(settings));
    return new RootRun(settings, {
      ...shared,
      journal: await journal.root(settings.name, settings.path, targets, settings.snapshot),
      tree: new CurrentTree(path),
      filter,
      fullSyncFilter,
      createWatcher: (snapshot, { isHidden }, listener) => {
        const told =
          kernel === undefined ? listener : { ...listener, kernel: kernel(settings.name) };
        if (!settings.live.enabled) return new StillWatcher(settings.path, listener);
        const options = rootWatchOptions(settings, isHidden.bind(filter));
        return createRootWatcher(options, snapshot, told);
      },
      createTarget: (target) => new TargetClient(settings.path, target),
      beforeFullSync: (target, signal) => beforeFullSync(settings.name, target, signal),
    });
  };
}

function partialDirs({ targets }: RootSettings): string[] {
  const names = targets.map(({ rsync }) => rsync.partialDir).filter((name) => name !== null);
  return [...new Set(names)];
}

function fullSyncFilter({ fullSync }: TargetSettings): PathFilter {
  const settings: FilterSettings = {
    rules: fullSync.exclude.map((pattern) => `- ${pattern}`),
    excludeRegex: [],
    tempFiles: "none",
    protect: [],
  };
  return createPathFilter(settings);
}
