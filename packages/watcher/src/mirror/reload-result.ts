/**
 * What a reload brought, for people.
 * @module
 */
import type { RootChange, SettingsChange } from "../config/compare.js";
import type { WatchSettings } from "../config/settings.js";
import type { ReloadResult } from "../control/types.js";

/** Roots by their names; where a root goes on, its targets as `root/target`. */
export function reloadResult(
  { warnings }: WatchSettings,
  { roots, changes, needsRestart }: SettingsChange,
): ReloadResult {
  const kept = changes.filter(isKept);
  const targets = (kind: "added" | "removed" | "changed") =>
    kept.flatMap((root) => root.targets[kind].map((target) => `${root.name}/${target}`));
  const whole = changes.filter((root) => !kept.includes(root)).map(({ name }) => name);
  return {
    added: [...roots.added, ...targets("added")],
    removed: [...roots.removed, ...targets("removed")],
    changed: [...whole, ...targets("changed")],
    warnings: [
      ...warnings,
      ...needsRestart.map((key) => `${key} is taken over with a restart only`),
    ],
  };
}

/** Whether a root goes on with other targets, or others of their settings. */
function isKept({ watch, filter, targets }: RootChange): boolean {
  const count = targets.added.length + targets.removed.length + targets.changed.length;
  return !watch && !filter && count > 0;
}
