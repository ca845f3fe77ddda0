/**
 * The filter of one target.
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import type { FilterSettings } from "../config/settings.js";
import { createPathFilter, type PathFilter } from "../filter/path-filter.js";

/**
 * What takes part in the mirror to one target. What the root hides is not even watched, so no target gets it; a target's own
 * filter hides more, and protects more.
 */
export function targetFilter(
  rootFilter: PathFilter,
  root: FilterSettings,
  target: FilterSettings,
): PathFilter {
  if (isDeepStrictEqual(root, target)) return rootFilter;
  const own = createPathFilter(target);
  return {
    isHidden: (path, isDirectory, mode) =>
      rootFilter.isHidden(path, isDirectory, mode) || own.isHidden(path, isDirectory, mode),
    isProtected: (path, isDirectory) =>
      rootFilter.isProtected(path, isDirectory) || own.isProtected(path, isDirectory),
    leavesOut: rootFilter.leavesOut || own.leavesOut,
    report: () => [...rootFilter.report(), ...own.report()],
  };
}
