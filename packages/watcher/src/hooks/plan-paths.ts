/**
 * Which paths of a push are changes that somebody made.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { parentOf } from "../state/tree-paths.js";

/**
 * The paths without directories that are there only because of what is in them: a file that is made, deleted or moved
 * changes the time of its directory, which is marked and sent as well.
 */
export function withoutParents(paths: readonly ByteString[]): ByteString[] {
  const parents = new Set<ByteString>();
  for (const path of paths) if (path !== "") parents.add(parentOf(path));
  return parents.size === 0 ? [...paths] : paths.filter((path) => !parents.has(path));
}
