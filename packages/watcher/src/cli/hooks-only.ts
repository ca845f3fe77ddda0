/**
 * `-m NAME`: hooks of one kind, without a mirror.
 * @module
 */
import { basename } from "node:path";
import { UsageError } from "@tsrsync/protocol";
import { nearestName } from "../config/nearest.js";
import type { HookSettings, RootSettings, WatchSettings } from "../config/settings.js";

/** What sersync called the kinds. */
const KINDS: Readonly<Record<string, HookSettings["kind"]>> = {
  command: "command",
  socket: "socket",
  refreshCDN: "cdn",
  cdn: "cdn",
  http: "http",
};

/** Only the hooks of that kind, each on its own root where it has one, as soon as a change is seen. @throws UsageError */
export function hooksOnlySettings(settings: WatchSettings, name: string): WatchSettings {
  const kind = Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;
  if (kind === undefined) {
    const near = nearestName(name, Object.keys(KINDS));
    throw new UsageError(
      `-m: there is no plugin ${JSON.stringify(name)}${near === null ? "; known are command, socket, refreshCDN, http" : `; did you mean ${near}?`}`,
    );
  }
  const byPath = new Map<string, { root: RootSettings; hooks: HookSettings[] }>();
  for (const root of settings.roots) {
    for (const hook of root.hooks.filter((each) => each.kind === kind)) {
      const path = hook.root ?? root.path;
      const known = byPath.get(path) ?? { root, hooks: [] };
      byPath.set(path, known);
      const alone: HookSettings = { ...hook, when: "afterEvent", targets: [], root: null };
      if (!known.hooks.some((each) => JSON.stringify(each) === JSON.stringify(alone)))
        known.hooks.push(alone);
    }
  }
  if (byPath.size === 0) throw new UsageError(`-m: the configuration has no hook of kind ${kind}`);
  return {
    ...settings,
    roots: [...byPath].map(([path, { root, hooks }], index) => hookRoot(root, path, hooks, index)),
  };
}

function hookRoot(
  root: RootSettings,
  path: string,
  hooks: readonly HookSettings[],
  index: number,
): RootSettings {
  const name = path === root.path ? root.name : `${basename(path) || "root"}-${index + 1}`;
  return { ...root, name, path, hooks, targets: [], snapshot: "off" };
}
