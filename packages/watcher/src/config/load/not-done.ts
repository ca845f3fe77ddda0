/**
 * Keys that are read but that this version does nothing about: a key that is silently ignored does harm.
 * @module
 */
import type { RootSettings, WatchSettings } from "../settings.js";
import type { Reader } from "../shape/shape.js";

/** What to say, and when. */
type Check<T> = readonly [applies: (settings: T) => boolean, text: string];

const ROOT_CHECKS: readonly Check<RootSettings>[] = [
  [
    ({ live }) => live.followSymlinkDirs,
    "live.followSymlinkDirs: links to directories are mirrored as links",
  ],
];

/** Adds a warning for each such key that is set. */
export function tellNotDone({ roots }: WatchSettings, reader: Reader): void {
  const texts = ROOT_CHECKS.flatMap(([applies, text]) => (roots.some(applies) ? [text] : []));
  reader.warnings.push(...texts.map((text) => `this version does not do all of ${text}`));
}
