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
import { Disk } from "../watch/disk.js";
import { rootWatchOptions } from "../watch/options.js";
import { RootGuard } from "../watch/root-guard.js";
import type { KernelListener } from "../watch/root-watcher.js";
import { CurrentTree } from "./current-tree.js";
import { wasSynced } from "./full-syncs.js";
import type { OpenRoot } from "./mirror.js";
import { RootRun } from "./root-run.js";
import { assertStillThere, StillWatcher } from "./still-watcher.js";

/** What the roots of one mirror share. */
export interface RootServices {
  journal: Journal;
  /** Runs what has to be done before a full sync of a target; rejects when that failed. */
  beforeFullSync: (root: string, target: string, signal: AbortSignal) => Promise<void>;
  /** Is told what the kernel says of a root, for people who look for a fault. */
  kernel?: ((root: string) => KernelListener) | undefined;
  /** See `RemoteDirectoryOptions`. */
  mayStandStill?: boolean | undefined;
}

/** Opens roots as they are configured. */
export function rootOpener(services: RootServices): OpenRoot {
  const { journal, beforeFullSync, kernel, mayStandStill } = services;
  return async (settings, shared) => {
    const targets = settings.targets.map(({ name }) => name);
    const path = byteStringFromText(settings.path);
    const { followSymlinkDirs } = settings.live;
    const filter = createPathFilter(settings.filter, partialDirs(settings));
    const options = rootWatchOptions(settings, filter.isHidden.bind(filter));
    const guard = settings.live.enabled ? null : new RootGuard(new Disk(options.path), options);
    const rootJournal = await journal.root(
      settings.name,
      settings.path,
      targets,
      settings.snapshot,
      followSymlinkDirs,
    );
    return new RootRun(settings, {
      ...shared,
      journal: rootJournal,
      tree: new CurrentTree(path, followSymlinkDirs),
      filter,
      fullSyncFilter,
      createWatcher: (snapshot, _, listener) => {
        const told =
          kernel === undefined ? listener : { ...listener, kernel: kernel(settings.name) };
        if (guard !== null) return new StillWatcher(guard, listener);
        return createRootWatcher(options, snapshot, told);
      },
      createTarget: (target) =>
        new TargetClient(settings.path, target, { source: settings.live, mayStandStill }),
      async beforeFullSync(target, signal) {
        if (guard !== null) assertStillThere(guard, wasSynced(rootJournal.target(target)));
        await beforeFullSync(settings.name, target, signal);
      },
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
