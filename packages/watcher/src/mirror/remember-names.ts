/**
 * Telling the snapshot what a push of a whole directory is about to bring.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { isDirectory } from "../batch/looks.js";
import { trustedCtime } from "../journal/snapshot.js";
import { visitBelow } from "./entries-below.js";
import type { TargetContext } from "./target-context.js";

/**
 * Tells the names below a directory. One that goes while nobody watches would be left in the target otherwise: the walk at the next
 * start only misses what the snapshot knows.
 */
export function rememberNames(
  { tree, filter, snapshot }: Pick<TargetContext, "tree" | "filter" | "snapshot">,
  top: ByteString,
): Promise<void> {
  return visitBelow(tree, top, (path, look) => {
    const { mode, inode, ctimeNs } = look;
    if (filter.isHidden(path, isDirectory(look), mode)) return false;
    snapshot.saw({ path, mode, inode, ctimeNs: trustedCtime(ctimeNs) });
    return true;
  });
}
