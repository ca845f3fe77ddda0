/**
 * Keys that are read but that this version does nothing about: a key that is silently ignored does harm.
 * @module
 */
import type { RootSettings, WatchSettings } from "../settings.js";
import type { Reader } from "../shape/shape.js";
import type { ConfigWorld } from "./world.js";

/** What to say, and when. */
type Check<T> = readonly [applies: (settings: T) => boolean, text: string];

const ROOT_CHECKS: readonly Check<RootSettings>[] = [
  [
    ({ live }) => live.followSymlinkDirs,
    "live.followSymlinkDirs: links to directories are mirrored as links",
  ],
];

/** Adds a warning for each such key that is set, and refuses what would be dangerous to ignore. */
export function tellNotDone(
  { roots, daemon }: WatchSettings,
  reader: Reader,
  { userName }: Pick<ConfigWorld, "userName">,
): void {
  if (daemon.user !== null && daemon.user !== userName) {
    reader.problems.add(
      null,
      `daemon.user: this version does not change its user: start it as ${daemon.user} (systemd: User=${daemon.user})`,
    );
  }
  const texts = ROOT_CHECKS.flatMap(([applies, text]) => (roots.some(applies) ? [text] : []));
  reader.warnings.push(...texts.map((text) => `this version does not do all of ${text}`));
}
