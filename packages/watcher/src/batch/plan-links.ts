/**
 * Moved files whose data the target has under the old name (spec 6, 3.5).
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { Rename } from "../state/mark.js";
import { parentOf } from "../state/tree-paths.js";
import { isRegular } from "./looks.js";
import type { Look } from "./source-tree.js";

export interface Link {
  readonly from: ByteString;
  readonly to: ByteString;
}

/**
 * The links among the items of a push.
 * @param renames those of which the old name is gone
 */
export function planLinks(
  items: ReadonlyMap<ByteString, Look>,
  renames: readonly Rename[],
): Link[] {
  const byName = new Map(renames.map((each) => [each.to, each]));
  if (byName.size === 0) return [];
  const links: Link[] = [];
  for (const [to, look] of items) {
    // Names of one file are a group already; and there is nothing to spare for an empty one.
    if (!isRegular(look) || look.size === 0 || look.links > 1) continue;
    const from = oldName(to, byName);
    if (from !== null) links.push({ from, to });
  }
  return links;
}

function oldName(to: ByteString, byName: ReadonlyMap<ByteString, Rename>): ByteString | null {
  const own = byName.get(to);
  if (own?.isDirectory === false) return own.from;
  for (let up = parentOf(to); up !== ""; up = parentOf(up)) {
    const rename = byName.get(up);
    if (rename?.isDirectory === true) return rename.from + to.slice(up.length);
  }
  return null;
}
