/**
 * From a checked tree of keys to settings: inheritance, groups, names.
 * @module
 */
import { basename, join } from "node:path";
import { DEFAULTS, TARGET_SETTINGS } from "../keys/defaults.js";
import { type NotifyKeys, ROOT, TOP, type TopKeys } from "../keys/top.js";
import type { ConfigNode, MapNode } from "../node.js";
import type { NotifySettings, RootSettings, WatchSettings } from "../settings.js";
import { mergeNodes, pickKeys } from "../shape/section.js";
import type { Reader } from "../shape/shape.js";
import { TargetBuilder } from "./build-target.js";
import { freeName, nameFrom } from "./names.js";
import type { ConfigWorld } from "./world.js";

/** Settings and where they were written, for checks between keys. */
export interface BuiltSettings {
  readonly settings: WatchSettings;
  readonly rootNodes: readonly ConfigNode[];
}

/** Reads all keys. Undefined after problems were noted; only then. */
export function buildSettings(
  top: MapNode,
  reader: Reader,
  world: ConfigWorld,
): BuiltSettings | undefined {
  const raw = TOP.read(top, reader);
  const stateDir = raw?.daemon.stateDir ?? defaultStateDir(world);
  // What is wrong at the top hides nothing that is wrong further down.
  const groups = new Map(raw?.targetGroups ?? groupsOf(top));
  const targets = new TargetBuilder(groups, stateDir, reader);
  targets.checkGroups();
  const defaults = top.entries.get("defaults")?.node;
  const rootNodes = raw?.roots ?? itemsOf(top.entries.get("roots")?.node);
  const roots = rootNodes.map((node) => buildRoot(node, defaults, targets, reader));
  if (!reader.problems.isEmpty || raw === undefined) return undefined;
  nameRoots(roots as RootSettings[], rootNodes, reader);
  return {
    settings: {
      daemon: { ...raw.daemon, stateDir },
      log: raw.log,
      web: webSettings(raw.web),
      notify: raw.notify.map(notifySettings),
      roots: roots as RootSettings[],
      warnings: reader.warnings,
    },
    rootNodes,
  };
}

function itemsOf(node: ConfigNode | undefined): readonly ConfigNode[] {
  return node?.kind === "list" ? node.items : [];
}

function groupsOf(top: MapNode): [string, readonly ConfigNode[]][] {
  const groups = top.entries.get("targetGroups")?.node;
  return groups?.kind === "map"
    ? [...groups.entries].map(([name, { node }]) => [name, itemsOf(node)])
    : [];
}

function defaultStateDir({ userId, environment, home }: ConfigWorld): string {
  if (userId === 0) return "/var/lib/tsrsync/watch";
  return join(environment["XDG_STATE_HOME"] || join(home, ".local/state"), "tsrsync/watch");
}

function webSettings(web: TopKeys["web"]): WatchSettings["web"] {
  return web && { ...web.listen, users: web.auth.users, tls: web.tls, metrics: web.metrics };
}

function notifySettings({ url, preset, exec, mail, ...common }: NotifyKeys): NotifySettings {
  if (url !== null) return { ...common, url, preset };
  return exec !== null ? { ...common, exec } : { ...common, mail: mail! };
}

function buildRoot(
  node: ConfigNode,
  defaults: ConfigNode | undefined,
  targets: TargetBuilder,
  reader: Reader,
): RootSettings | undefined {
  const inherited = pickKeys(defaults, DEFAULTS, node.place);
  const merged = mergeNodes(ROOT, inherited, node);
  const raw = ROOT.read(merged, reader);
  if (merged.kind !== "map") return undefined;
  const entries = raw?.targets ?? itemsOf(merged.entries.get("targets")?.node);
  const built = targets.build(entries, pickKeys(merged, TARGET_SETTINGS));
  if (raw === undefined) return undefined;
  const path = raw.path.replace(/(?<=.)\/+$/, "");
  const { live, guard, snapshot, batch, filter, hooks } = raw;
  return {
    ...{ name: raw.name ?? "", path, live, batch, filter, guard, snapshot, hooks },
    targets: built,
  };
}

/** Roots without a name are called after their directory. */
function nameRoots(roots: RootSettings[], nodes: readonly ConfigNode[], reader: Reader): void {
  const seen = new Set(roots.map(({ name }) => name));
  for (const root of roots)
    if (root.name === "") root.name = freeName(nameFrom(basename(root.path)), seen);
  const names = new Set<string>();
  for (const [index, { name }] of roots.entries()) {
    if (names.has(name))
      reader.problems.add(nodes[index]!.place, `another root is called "${name}", too`);
    names.add(name);
  }
}
