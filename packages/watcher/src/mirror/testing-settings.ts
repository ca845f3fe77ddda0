/**
 * Settings for tests of the engine: the defaults, without waits.
 * @module
 */
import type { RootSettings, TargetSettings, WatchSettings } from "../config/settings.js";
import { defaultRoot, defaultSettings, defaultTarget } from "../config/testing/settings.js";

export function targetSettings(name: string): TargetSettings {
  const usual = defaultTarget();
  return {
    ...usual,
    name,
    url: `rsync://127.0.0.1/${name}`,
    rsync: { ...usual.rsync, partialDir: null },
    delete: { ...usual.delete, maxPercent: 100 },
    fullSync: { ...usual.fullSync, every: null },
    retry: { first: 0, min: 10, max: 100, factor: 2, jitter: 0 },
  };
}

export function rootSettings(path: string, targets: readonly TargetSettings[]): RootSettings {
  const usual = defaultRoot(path);
  return { ...usual, name: "root", live: { ...usual.live, pollInterval: 1000 }, targets };
}

export function watchSettings(roots: readonly RootSettings[]): WatchSettings {
  const usual = defaultSettings();
  return { ...usual, daemon: { ...usual.daemon, stateDir: "/nonexistent" }, roots };
}
