/**
 * Settings of a mirror's target, as a configuration makes them that says next to nothing of its own.
 */
import type { TargetSettings } from "../../packages/watcher/src/config/settings.js";
import { defaultTarget } from "../../packages/watcher/src/config/testing/settings.js";

/** What a test wants otherwise. */
export interface TargetChanges extends Partial<Omit<TargetSettings, "rsync">> {
  rsync?: Partial<TargetSettings["rsync"]>;
}

export function targetSettings(url: string, changes: TargetChanges = {}): TargetSettings {
  const usual = defaultTarget();
  const { rsync, ...others } = changes;
  return {
    ...usual,
    name: "t",
    url,
    rsync: { ...usual.rsync, hardLinks: false, ...rsync },
    fullSync: { ...usual.fullSync, every: null },
    failLog: { ...usual.failLog, path: "/dev/null" },
    ...others,
  };
}
