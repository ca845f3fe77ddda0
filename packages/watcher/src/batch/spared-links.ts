/**
 * Moved files that are worth a session of their own, at a target that takes no hard links (spec 6, 3.5).
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { type RenameOption, renameWay } from "../target/rename-ways.js";
import { SMALL_BYTES } from "../target/small-files.js";
import type { Link } from "./plan-links.js";
import type { Look } from "./source-tree.js";

/** Directories with less that moved are sent again. */
const MIN_DIRECTORY_BYTES = 1_000_000;

/** Those of the links whose data the target needs not be sent. */
export function sparedLinks(
  links: readonly Link[],
  items: ReadonlyMap<ByteString, Look>,
  options: readonly RenameOption[],
): Link[] {
  const spared: Link[] = [];
  const directories = new Map<ByteString, { links: Link[]; bytes: number }>();
  for (const link of links) {
    const way = renameWay(link, options);
    if (way === null) continue;
    const { size } = items.get(link.to)!;
    if (way.old === null) {
      if (size >= SMALL_BYTES) spared.push(link);
      continue;
    }
    const key = `${way.directory}\0${way.old}`;
    const group = directories.get(key) ?? { links: [], bytes: 0 };
    directories.set(key, group);
    group.links.push(link);
    group.bytes += size;
  }
  for (const group of directories.values()) {
    if (group.bytes >= MIN_DIRECTORY_BYTES) spared.push(...group.links);
  }
  return spared;
}
