/**
 * What a new configuration changes, so that a reload leaves alone what stays as it is.
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import type { RootSettings, TargetSettings, WatchSettings } from "./settings.js";

/** Names of what was compared, by what became of it. */
export interface ChangedNames {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
  readonly unchanged: readonly string[];
}

/** What became of a root that both configurations have. */
export interface RootChange {
  readonly name: string;
  /**
   * Its path is another one, or what decides which changes are seen (`live`, `guard`, `snapshot`): it has to be watched anew.
   */
  readonly watch: boolean;
  /** Its filter is another one: what is hidden now and was not (or the other way round) has to be found. */
  readonly filter: boolean;
  readonly targets: ChangedNames;
  /** Targets, by name, that are mirrored in another way: what they have has to be compared. */
  readonly compare: readonly string[];
}

/** The difference of two configurations. */
export interface SettingsChange {
  readonly roots: ChangedNames;
  /** One for each root that is changed. */
  readonly changes: readonly RootChange[];
  /** Sections beside the roots that differ. */
  readonly sections: readonly ("daemon" | "log" | "web" | "notify")[];
  /** Keys that can not change while the mirror runs: they are told, and wait for a restart. */
  readonly needsRestart: readonly string[];
}

/** Compares two configurations. */
export function compareSettings(before: WatchSettings, after: WatchSettings): SettingsChange {
  const roots = compareNamed(before.roots, after.roots);
  const old = byName(before.roots);
  const changes = after.roots
    .filter(({ name }) => roots.changed.includes(name))
    .map((root) => compareRoots(old.get(root.name)!, root));
  const sections = (["daemon", "log", "web", "notify"] as const).filter(
    (name) => !isDeepStrictEqual(before[name], after[name]),
  );
  const needsRestart = [
    ...(["stateDir", "pidFile", "user"] as const)
      .filter((key) => !isDeepStrictEqual(before.daemon[key], after.daemon[key]))
      .map((key) => `daemon.${key}`),
    ...(["format", "file", "rotate"] as const)
      .filter((key) => !isDeepStrictEqual(before.log[key], after.log[key]))
      .map((key) => `log.${key}`),
  ];
  return { roots, changes, sections, needsRestart };
}

/** Whether nothing at all has changed. */
export function isUnchanged({ roots, sections }: SettingsChange): boolean {
  return [roots.added, roots.removed, roots.changed, sections].every(({ length }) => length === 0);
}

function compareRoots(before: RootSettings, after: RootSettings): RootChange {
  const differs = (key: keyof RootSettings) => !isDeepStrictEqual(before[key], after[key]);
  const old = byName(before.targets);
  return {
    name: after.name,
    watch: (["path", "live", "guard", "snapshot"] as const).some(differs),
    filter: differs("filter") || !isDeepStrictEqual(partialDirs(before), partialDirs(after)),
    targets: compareNamed(before.targets, after.targets),
    compare: after.targets.flatMap((target) => {
      const same = old.get(target.name);
      return same !== undefined && holdsSomethingElse(same, target) ? [target.name] : [];
    }),
  };
}

/** The directories for partial files are hidden, whichever target they are for. */
function partialDirs({ targets }: RootSettings): Set<string | null> {
  return new Set(targets.map(({ rsync }) => rsync.partialDir));
}

/** Keys of a target that decide what it should hold. The rest decides only when and how things get there. */
const CONTENT = ["filter", "delete"] as const;
const ATTRIBUTES = ["options", "hardLinks", "acls", "xattrs", "chmod", "chown", "owner"] as const;

function holdsSomethingElse(before: TargetSettings, after: TargetSettings): boolean {
  return (
    CONTENT.some((key) => !isDeepStrictEqual(before[key], after[key])) ||
    ATTRIBUTES.some((key) => !isDeepStrictEqual(before.rsync[key], after.rsync[key]))
  );
}

interface Named {
  readonly name: string;
}

function byName<T extends Named>(items: readonly T[]): Map<string, T> {
  return new Map(items.map((item) => [item.name, item]));
}

function compareNamed<T extends Named>(before: readonly T[], after: readonly T[]): ChangedNames {
  const old = byName(before);
  const now = byName(after);
  const kept = after.filter(({ name }) => old.has(name));
  const isSame = (item: T) => isDeepStrictEqual(old.get(item.name), item);
  const names = (items: readonly T[]) => items.map(({ name }) => name);
  return {
    added: names(after.filter(({ name }) => !old.has(name))),
    removed: names(before.filter(({ name }) => !now.has(name))),
    changed: names(kept.filter((item) => !isSame(item))),
    unchanged: names(kept.filter(isSame)),
  };
}
