/**
 * Settings for tests: as a configuration makes them that says nothing of its own.
 * @module
 */
import { loadSettings } from "../load/load.js";
import type { RootSettings, TargetSettings, WatchSettings } from "../settings.js";

/** With one root, which has one target. */
export function defaultSettings(path = "/source"): WatchSettings {
  const targets = ["rsync://127.0.0.1/target"];
  const text = JSON.stringify({ version: 1, roots: [{ path, targets }] });
  return loadSettings({ text, name: "defaults" });
}

export function defaultRoot(path: string): RootSettings {
  return defaultSettings(path).roots[0]!;
}

export function defaultTarget(): TargetSettings {
  return defaultSettings().roots[0]!.targets[0]!;
}
